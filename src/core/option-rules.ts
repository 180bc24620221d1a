/** Checks of the options that samplers, pruners and callbacks are made with: a misspelled or unusable one is an error, never ignored. */
import { types } from 'node:util';
import { InvalidArgumentError } from './errors.ts';
import { assertKnownOptions } from './options.ts';
import { shown } from './shown.ts';

/** What values an option may have. `undefined`, for the default, is always one. */
export interface OptionRule {
  /** As in "must be …". */
  readonly what: string;
  accepts(value: unknown): boolean;
}

export function integerFrom(least: number): OptionRule {
  return {
    what: `an integer >= ${least}`,
    accepts: (value) => Number.isSafeInteger(value) && (value as number) >= least,
  };
}

export const PROBABILITY: OptionRule = {
  what: 'a number in [0, 1]',
  accepts: (value) => typeof value === 'number' && value >= 0 && value <= 1,
};

export const POSITIVE_PROBABILITY: OptionRule = {
  what: 'a number in (0, 1]',
  accepts: (value) => typeof value === 'number' && value > 0 && value <= 1,
};

export const NOT_NEGATIVE: OptionRule = {
  what: 'a number >= 0',
  accepts: (value) => typeof value === 'number' && value >= 0 && value < Number.POSITIVE_INFINITY,
};

export const FINITE: OptionRule = { what: 'a finite number', accepts: (value) => Number.isFinite(value) };

export const BOOLEAN: OptionRule = {
  what: 'true or false',
  accepts: (value) => typeof value === 'boolean',
};

export const FUNCTION: OptionRule = {
  what: 'a function',
  accepts: (value) => typeof value === 'function',
};

/** One whose result is used at once: a promise would pass for an answer. */
export const SYNC_FUNCTION: OptionRule = {
  what: 'a function that returns its result at once (no async one)',
  accepts: (value) => typeof value === 'function' && !types.isAsyncFunction(value),
};

/** An object of a class, by the methods that are used of it. */
export function objectWith(what: string, ...methods: readonly string[]): OptionRule {
  const has = (value: object, method: string): boolean =>
    typeof (value as Readonly<Record<string, unknown>>)[method] === 'function';
  return {
    what,
    accepts: (value) =>
      typeof value === 'object' && value !== null && methods.every((method) => has(value, method)),
  };
}

export function listOf(what: string, accepts: (value: unknown) => boolean): OptionRule {
  return { what: `a list of ${what}`, accepts: (value) => Array.isArray(value) && value.every(accepts) };
}

/** For an option with checks of its own. */
export const ANYTHING: OptionRule = { what: 'anything', accepts: () => true };

export function orNull(rule: OptionRule): OptionRule {
  const what = rule === BOOLEAN ? 'true, false or null' : `${rule.what} or null`;
  return { what, accepts: (value) => value === null || rule.accepts(value) };
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
