/** A YAML configuration: parsed once, its mappings as nodes that know their place in the file, and valibot schemas that read them. */

import * as v from 'valibot';
import { isMap, isScalar, LineCounter, parseDocument, stringify } from 'yaml';
import { didYouMean } from '../../src/core/did-you-mean.ts';
import { InvalidConfigError } from '../../src/core/errors.ts';
import type { OptionRule } from '../../src/core/option-rules.ts';
import { shown } from '../../src/core/shown.ts';

/** A mapping of a file. */
export interface YamlNode {
  /** Aliases and merge keys (`<<`) are resolved. */
  readonly data: Readonly<Record<string, unknown>>;
  /** `file:line` of a path of keys below this node, or of the nearest of its ancestors that is there; else the file. */
  place(...path: readonly PropertyKey[]): string;
}

/**
 * @param file name of the file, for error messages.
 * @param rule what the file must be, for the error if it is no mapping.
 * @throws InvalidConfigError with `file:line`.
 */
export function readYaml(text: string, file: string, rule: string): YamlNode {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, merge: true, logLevel: 'error' });
  const placeAt = (offset: number): string => `${file}:${lines.linePos(offset).line}`;
  const [syntax] = document.errors;
  if (syntax !== undefined)
    throw new InvalidConfigError(placeAt(syntax.pos[0]), `not YAML: ${syntax.message}`);
  if (!isMap(document.contents)) throw new InvalidConfigError(file, rule);
  let data: YamlNode['data'];
  try {
    data = document.toJS() as typeof data;
  } catch (cause) {
    // An alias without an anchor, or so many aliases that they would fill the memory.
    throw new InvalidConfigError(file, `not YAML: ${(cause as Error).message}`, { cause });
  }
  return {
    data,
    place: (...path) => {
      for (let length = path.length; length > 0; length--) {
        const parent: unknown =
          length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
        if (!isMap(parent)) continue;
        const pair = parent.items.find(
          ({ key }) => isScalar(key) && String(key.value) === String(path[length - 1]),
        );
        if (isScalar(pair?.key) && pair.key.range) return placeAt(pair.key.range[0]);
      }
      return file;
    },
  };
}

/** The mapping under a key; null if there is none. */
export function nodeAt({ data, place }: YamlNode, key: string): YamlNode | null {
  const below = data[key];
  return isMapping(below) ? { data: below, place: (...path) => place(key, ...path) } : null;
}

/** A node with some of its keys. */
export function withKeys({ data, place }: YamlNode, isKept: (key: string) => boolean): YamlNode {
  return { data: Object.fromEntries(Object.entries(data).filter(([key]) => isKept(key))), place };
}

/**
 * @param sectionOf the section that a key belongs into, if there is another.
 * @throws InvalidConfigError naming the first key that is not known, and the one that may be meant.
 */
export function assertKnownKeys(
  { data, place }: YamlNode,
  known: readonly string[],
  sectionOf: (key: string) => string | undefined = () => undefined,
): void {
  const key = Object.keys(data).find((candidate) => !known.includes(candidate));
  if (key === undefined) return;
  const section = sectionOf(key);
  const remedy =
    section === undefined ? didYouMean(key, known) : `it belongs into the section '${section}'; `;
  throw new InvalidConfigError(place(key), `unknown key '${key}'; ${remedy}known are: ${known.join(', ')}`);
}

/**
 * @param schema its messages are what follows "must be".
 * @throws InvalidConfigError naming the first key whose value breaks its rule, with its place.
 */
export function parsed<S extends v.GenericSchema>(schema: S, { data, place }: YamlNode): v.InferOutput<S> {
  const result = v.safeParse(schema, data);
  if (result.success) return result.output;
  const [{ path = [], input, message }] = result.issues;
  const keys = path.map(({ key }) => key);
  throw new InvalidConfigError(
    place(...keys.filter((key) => typeof key === 'string')),
    `'${pathText(keys)}' must be ${message}, but is ${shown(input)}`,
  );
}

/** `memoryCeilingMiB` as a file has it: `memory-ceiling-mib`. */
export function keyOf(name: string): string {
  return name.replace(/[A-Z](?=[a-z])/g, (letter) => `-${letter}`).toLowerCase();
}

/** A value by a rule that options have too. */
export function by<T>({ what, accepts }: OptionRule<T>): v.CustomSchema<T, string> {
  return v.custom<T, string>(accepts, what);
}

/** A list of at least one value. */
export function listBy<T>(item: v.GenericSchema<T>): v.GenericSchema<T[]> {
  const what = 'a list of at least one value';
  return v.pipe(v.array(item, what), v.minLength(1, what));
}

/** What a {@link mapping} of this shape is read as. */
export type MappingOf<S extends v.ObjectEntries> = Readonly<v.InferOutput<v.ObjectSchema<S, undefined>>>;

/** A mapping whose keys are the names of a shape in kebab-case, read with the names; what is not there is absent. */
export function mapping<S extends v.ObjectEntries>(
  shape: S,
): v.GenericSchema<Readonly<Record<string, unknown>>, MappingOf<S>> {
  const entries = Object.entries(shape);
  return v.pipe(
    v.custom<Readonly<Record<string, unknown>>>(isMapping, 'a mapping of keys'),
    v.object(Object.fromEntries(entries.map(([name, schema]) => [keyOf(name), schema]))),
    v.transform(
      (raw) =>
        Object.fromEntries(
          entries.map(([name]) => [name, raw[keyOf(name)]]).filter(([, value]) => value !== undefined),
        ) as MappingOf<S>,
    ),
  );
}

/** A value as the file has it on one line: `[64, 96]`, `null`. */
export function flowYaml(value: unknown): string {
  return stringify(value, {
    collectionStyle: 'flow',
    flowCollectionPadding: false,
    lineWidth: 0,
  }).trimEnd();
}

/** `search.memory-ceiling-mib`; `encoder-embed-choice[0]` for the first of a list. */
function pathText(keys: readonly unknown[]): string {
  return keys
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`))
    .join('')
    .replace(/^\./, '');
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
