/** The one check of options, whatever they are of: a misspelled or unusable one is an error, never ignored. */
import { types } from 'node:util';
import { didYouMean } from './did-you-mean.ts';
import { InvalidArgumentError } from './errors.ts';
import type { JsonValue } from './json.ts';
import { shown } from './shown.ts';

/** What values an option may have. `undefined`, for the default, is always one. */
export interface OptionRule<T = unknown> {
  /** What follows "must be". */
  readonly what: string;
  /** Whether an option may have this value. */
  accepts(value: unknown): boolean;
  /** An accepted value (other than null) as JSON, undefined for what has no such form; absent: the value is JSON itself. */
  plain?(value: unknown): JsonValue | undefined;
  /** Never there: it carries the type of the accepted values. */
  readonly type?: T | undefined;
}

/** An integer of at least this. */
export function integerFrom(least: number): OptionRule<number> {
  return {
    what: `an integer >= ${least}`,
    accepts: (value) => Number.isSafeInteger(value) && (value as number) >= least,
  };
}

/** A number in [0, 1]. */
export const PROBABILITY: OptionRule<number> = {
  what: 'a number in [0, 1]',
  accepts: (value) => typeof value === 'number' && value >= 0 && value <= 1,
};

/** A number in (0, 1]. */
export const POSITIVE_PROBABILITY: OptionRule<number> = {
  what: 'a number in (0, 1]',
  accepts: (value) => typeof value === 'number' && value > 0 && value <= 1,
};

/** A finite number >= 0. */
export const NOT_NEGATIVE: OptionRule<number> = {
  what: 'a number >= 0',
  accepts: (value) => typeof value === 'number' && value >= 0 && value < Number.POSITIVE_INFINITY,
};

/** A finite number > 0. */
export const POSITIVE: OptionRule<number> = {
  what: 'a number > 0',
  accepts: (value) => typeof value === 'number' && value > 0 && value < Number.POSITIVE_INFINITY,
};

/** Any number but NaN and infinities. */
export const FINITE: OptionRule<number> = {
  what: 'a finite number',
  accepts: (value) => Number.isFinite(value),
};

/** `true` or `false`, and nothing that only counts as such. */
export const BOOLEAN: OptionRule<boolean> = {
  what: 'true or false',
  accepts: (value) => typeof value === 'boolean',
};

/** Any function; its result may be a promise. */
export const FUNCTION: OptionRule<never> = {
  what: 'a function',
  accepts: (value) => typeof value === 'function',
};

/** One whose result is used at once: a promise would pass for an answer. */
export const SYNC_FUNCTION: OptionRule<never> = {
  what: 'a function that returns its result at once (no async one)',
  accepts: (value) => typeof value === 'function' && !types.isAsyncFunction(value),
  plain: () => undefined,
};

/** One of some words. */
export function oneOf<const W extends string>(...words: readonly W[]): OptionRule<W> {
  const quoted = words.map((word) => `'${word}'`);
  return {
    what: `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`,
    accepts: (value) => words.includes(value as W),
  };
}

/** An object of a class, by the methods that are used of it. */
export function objectWith<T>(what: string, ...methods: readonly string[]): OptionRule<T> {
  const has = (value: object, method: string): boolean =>
    typeof (value as Readonly<Record<string, unknown>>)[method] === 'function';
  return {
    what,
    accepts: (value) =>
      typeof value === 'object' && value !== null && methods.every((method) => has(value, method)),
  };
}

/** A list of what a test accepts. @param what the items, as in "trials". */
export function listOf<T>(what: string, accepts: (value: unknown) => boolean): OptionRule<readonly T[]> {
  return { what: `a list of ${what}`, accepts: (value) => Array.isArray(value) && value.every(accepts) };
}

/** For an option with checks of its own. */
export const ANYTHING: OptionRule<never> = { what: 'anything', accepts: () => true };

/** What a rule accepts, or null. */
export function orNull<T>(rule: OptionRule<T>): OptionRule<T | null> {
  const what = `${rule.what.replace(/^(\S+) or (\S+)$/, '$1, $2')} or null`;
  return { ...rule, what, accepts: (value) => value === null || rule.accepts(value) };
}

/** What is wrong with the names of some options, if anything. */
export function problemOfOptions(owner: string, options: unknown, known: readonly string[]): string | null {
  if (typeof options !== 'object' || options === null || Array.isArray(options) || types.isMap(options))
    return `${owner} needs its options as an object { ${known.join(', ')} }, but got ${shown(options)}`;
  for (const key of Object.keys(options))
    if (!known.includes(key))
      return `${owner} has no option '${key}'; ${didYouMean(key, known)}known are: ${known.join(', ') || 'none'}`;
  return null;
}

/** @throws InvalidArgumentError if `options` is not an object or has a key that is not among the known ones. */
export function assertKnownOptions(owner: string, options: unknown, known: readonly string[]): void {
  const problem = problemOfOptions(owner, options, known);
  if (problem !== null) throw new InvalidArgumentError(problem);
}

/**
 * Holds options against the rules, which name every option that there is.
 * @param owner as in "the tpe sampler".
 * @throws InvalidArgumentError on an option without a rule, or a value against its rule.
 */
export function checkOptions<O>(
  owner: string,
  options: O,
  rules: Readonly<Record<keyof O & string, OptionRule>>,
): void {
  assertKnownOptions(owner, options, Object.keys(rules));
  for (const [name, value] of Object.entries(options as Record<string, unknown>))
    if (value !== undefined) checkOption(name, value, rules[name as keyof O & string]);
}

/** Checks one value that is not in an options object. @throws InvalidArgumentError. */
export function checkOption(name: string, value: unknown, rule: OptionRule): void {
  if (!rule.accepts(value))
    throw new InvalidArgumentError(`${name} must be ${rule.what}, but is ${shown(value)}`);
}
