/** What is refused at the door of a study. */
import { compileSpace } from './compiled-space.ts';
import { InvalidArgumentError } from './errors.ts';
import { isPlainObject } from './json.ts';
import { isName } from './names.ts';
import { batchingOf, type OptimizeOptions } from './optimize.ts';
import {
  ANYTHING,
  checkOptions,
  FUNCTION,
  integerFrom,
  listOf,
  type OptionRule,
  objectWith,
  orNull,
} from './option-rules.ts';
import type { Sampler } from './sampler.ts';
import type { AnyStudyOptions } from './study-options.ts';

export const STUDY_NAME: OptionRule = { what: 'a string of whole characters', accepts: isName };

const DRAWING = objectWith<Sampler>(
  'a Sampler, as new TpeSampler({ seed: 1 })',
  'inferRelativeSearchSpace',
  'sampleRelative',
  'sampleIndependent',
);
const SAMPLER: OptionRule<Sampler> = {
  ...DRAWING,
  accepts: (value) => DRAWING.accepts(value) && isPlainObject((value as Partial<Sampler>).capabilities),
};

export const STUDY_RULES: Readonly<Record<keyof AnyStudyOptions, OptionRule>> = {
  // Held against the rules of spaces below.
  space: ANYTHING,
  direction: { what: "'minimize' or 'maximize'", accepts: isDirection },
  directions: {
    what: "a list of 'minimize' and 'maximize', one for each objective",
    accepts: (value) => Array.isArray(value) && value.length > 0 && value.every(isDirection),
  },
  sampler: SAMPLER,
  pruner: objectWith('a Pruner, as new MedianPruner() (new NopPruner() for none)', 'shouldPrune'),
  constraints: { ...FUNCTION, what: 'a function of a trial that returns a list of numbers' },
  maxRetries: integerFrom(0),
};

function isDirection(value: unknown): boolean {
  return value === 'minimize' || value === 'maximize';
}

/**
 * @param rules of the options that it has beside those of every study.
 * @throws InvalidArgumentError
 */
export function checkStudyOptions(
  what: string,
  options: AnyStudyOptions,
  rules: Readonly<Record<string, OptionRule>> = {},
): void {
  checkOptions<AnyStudyOptions>(what, options, { ...STUDY_RULES, ...rules });
  if (options.direction !== undefined && options.directions !== undefined)
    throw new InvalidArgumentError('give either direction or directions, not both');
  if (options.space !== undefined) compileSpace(options.space);
}

const LISTENABLE = objectWith('an AbortSignal, as controller.signal', 'addEventListener');
const SIGNAL: OptionRule = {
  ...LISTENABLE,
  accepts: (value) =>
    LISTENABLE.accepts(value) && typeof (value as Partial<AbortSignal>).aborted === 'boolean',
};

function isCallback(value: unknown): boolean {
  if (typeof value !== 'function') return false;
  const { isDone } = value as { readonly isDone?: unknown };
  return isDone === undefined || typeof isDone === 'function';
}

/** What `instanceof` takes. */
const isClass = (value: unknown): boolean =>
  typeof value === 'function' && typeof value.prototype === 'object' && value.prototype !== null;

const CATCH: OptionRule = {
  what: 'true or a list of error classes',
  accepts: (value) => value === true || (Array.isArray(value) && value.every(isClass)),
};

const TIMEOUT: OptionRule = {
  what: 'a number of seconds >= 0, or null for no limit',
  accepts: (value) => value === null || (typeof value === 'number' && value >= 0),
};

/** Null, as in Optuna, for no limit. */
const COUNT = orNull(integerFrom(0));

export const OPTIMIZE_RULES: Readonly<Record<keyof OptimizeOptions<never>, OptionRule>> = {
  nTrials: COUNT,
  totalTrials: COUNT,
  timeout: TIMEOUT,
  signal: SIGNAL,
  batchSize: integerFrom(1),
  concurrency: integerFrom(1),
  callbacks: listOf('functions (isDone of one is a function, too)', isCallback),
  progress: {
    what: "true, false or 'always'",
    accepts: (value) => typeof value === 'boolean' || value === 'always',
  },
  catch: CATCH,
};

/** @throws InvalidArgumentError */
export function checkOptimizeOptions(options: OptimizeOptions<never>): void {
  checkOptions('optimize', options, OPTIMIZE_RULES);
  checkBatching(options);
}

/** @throws InvalidArgumentError */
export function checkBatching(options: {
  readonly batchSize?: number | undefined;
  readonly concurrency?: number | undefined;
}): void {
  const { batchSize, concurrency } = batchingOf(options);
  if (concurrency > batchSize)
    throw new InvalidArgumentError(`concurrency must be <= batchSize, but is ${concurrency} > ${batchSize}`);
}
