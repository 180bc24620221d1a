/** What `thanos ask` is given as JSON: a search space, a sampler and its options, all as Optuna's command line takes them. */
import { samplerRegistry } from '../../samplers/index.ts';
import { type Distribution, distributionFromJson } from '../core/distribution.ts';
import { isPlainObject } from '../core/json.ts';
import type { Sampler } from '../core/sampler.ts';
import { shownError } from '../core/shown.ts';
import { UsageError } from './command.ts';

type Json = Readonly<Record<string, unknown>>;

/** @throws UsageError unless it is a JSON object. */
function objectOption(name: string, text: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`--${name} must be a JSON object, but ${shownError(error)}`);
  }
  if (!isPlainObject(value))
    throw new UsageError(`--${name} must be a JSON object, but is ${text.slice(0, 80)}`);
  return value;
}

const OPTUNA_NAMES: Readonly<Record<string, string>> = {
  float: 'FloatDistribution',
  int: 'IntDistribution',
  categorical: 'CategoricalDistribution',
};

/**
 * Reads `{"x": {"name": "FloatDistribution", "attributes": {"low": 0, "high": 1}}}`, or the short form
 * `{"x": {"type": "float", "low": 0, "high": 1}}`, both of which Optuna reads.
 * @throws UsageError
 */
export function searchSpaceOption(text: string): Record<string, Distribution> {
  const space: [string, Distribution][] = [];
  for (const [name, given] of Object.entries(objectOption('search-space', text))) {
    try {
      space.push([name, distributionFromJson(JSON.stringify(longForm(given)))]);
    } catch (error) {
      throw new UsageError(`--search-space: '${name}': ${shownError(error)}`);
    }
  }
  if (space.length === 0)
    throw new UsageError('--search-space names no parameter; leave it out, or name one');
  return Object.fromEntries(space);
}

function longForm(given: unknown): unknown {
  if (!isPlainObject(given) || 'name' in given) return given;
  const { type, ...attributes } = given;
  return { name: OPTUNA_NAMES[String(type)] ?? type, attributes };
}

/**
 * Makes a sampler of its name, as in the registry or as Optuna's class is called, and its options as JSON, whose names may be
 * Optuna's, too.
 * @throws UsageError for what is no JSON; InvalidArgumentError for unknown names.
 */
export function samplerOption(name: string, kwargs: string | undefined): Sampler {
  const given = kwargs === undefined ? {} : objectOption('sampler-kwargs', kwargs);
  const options = Object.fromEntries(Object.entries(given).map(([key, value]) => [camelCase(key), value]));
  return samplerRegistry.get(registryName(name))(options);
}

const camelCase = (key: string): string =>
  key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** `NSGAIISampler` is `nsga2`. */
function registryName(name: string): string {
  const plain = (text: string): string =>
    text
      .toLowerCase()
      .replace(/sampler$/, '')
      .replace('iii', '3')
      .replace('ii', '2')
      .replaceAll(/[^a-z0-9]/g, '');
  return samplerRegistry.names().find((known) => plain(known) === plain(name)) ?? name;
}
