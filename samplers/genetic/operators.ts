/** Crossovers and mutations by name, from plain data: `'sbx'` or `{ name: 'sbx', eta: 20 }`. */
import { InvalidArgumentError } from '../../src/core/errors.ts';
import {
  checkOptions,
  NOT_NEGATIVE,
  type OptionRule,
  orNull,
  PROBABILITY,
} from '../../src/core/option-rules.ts';
import { shown } from '../../src/core/shown.ts';
import type { Crossover } from './crossover.ts';
import { blxAlphaCrossover } from './crossovers/blx-alpha.ts';
import { type SbxOptions, sbxCrossover, vsbxCrossover } from './crossovers/sbx.ts';
import { spxCrossover } from './crossovers/spx.ts';
import { type UndxOptions, undxCrossover } from './crossovers/undx.ts';
import { uniformCrossover } from './crossovers/uniform.ts';
import { type Mutation, polynomialMutation, uniformMutation } from './mutation.ts';

export type OperatorOptions = string | Readonly<Record<string, unknown>>;

type Settings = Readonly<Record<string, unknown>>;
type Makers<T> = Readonly<Record<string, (settings: Settings) => T>>;

const CROSSOVERS: Makers<Crossover> = {
  uniform: (settings) =>
    uniformCrossover(only(settings, 'the uniform crossover', 'swappingProb', PROBABILITY)),
  'blx-alpha': (settings) =>
    blxAlphaCrossover(only(settings, 'the blx-alpha crossover', 'alpha', NOT_NEGATIVE)),
  sbx: (settings) => sbxCrossover(settings as SbxOptions),
  vsbx: (settings) => vsbxCrossover(settings as SbxOptions),
  spx: (settings) => spxCrossover(only(settings, 'the spx crossover', 'epsilon', orNull(NOT_NEGATIVE))),
  undx: (settings) => undxCrossover(settings as UndxOptions),
};

const MUTATIONS: Makers<Mutation> = {
  uniform: (settings) => {
    checkOptions('the uniform mutation', settings, {});
    return uniformMutation();
  },
  polynomial: (settings) =>
    polynomialMutation(only(settings, 'the polynomial mutation', 'eta', NOT_NEGATIVE)),
};

/** @throws InvalidArgumentError on an unknown name or settings that it cannot have. */
export function crossoverFrom(crossover: Crossover | OperatorOptions): Crossover {
  if (isObject(crossover) && 'cross' in crossover) return crossover as Crossover;
  return operatorFrom('crossover', CROSSOVERS, crossover as OperatorOptions);
}

/** @throws InvalidArgumentError on an unknown name or settings that it cannot have. */
export function mutationFrom(mutation: Mutation | OperatorOptions): Mutation {
  if (isObject(mutation) && 'mutate' in mutation) return mutation as Mutation;
  return operatorFrom('mutation', MUTATIONS, mutation as OperatorOptions);
}

function operatorFrom<T>(kind: string, makers: Makers<T>, options: OperatorOptions): T {
  const { name, ...settings } = isObject(options) ? (options as Settings) : { name: options };
  if (typeof name !== 'string' || !Object.hasOwn(makers, name))
    throw new InvalidArgumentError(
      `unknown ${kind} ${shown(name)}; known are: ${Object.keys(makers).join(', ')}`,
    );
  return makers[name](settings);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** The value of the only setting that there is. */
function only<T>(settings: Settings, owner: string, name: string, rule: OptionRule): T | undefined {
  checkOptions(owner, settings, { [name]: rule });
  return settings[name] as T | undefined;
}
