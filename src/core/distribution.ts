/**
 * What a parameter may be. Distributions are plain frozen data; all behavior is in functions of them.
 *
 * Two representations of a value, as in Optuna: *external* is what the user sees (number, or the choice itself);
 * *internal* is a number (for a categorical, the index of the choice), which is what the database holds.
 */
import { InvalidArgumentError, ThanosError } from './errors.ts';
import { isPlainObject, type JsonValue } from './json.ts';
import { problemOfOptions } from './option-rules.ts';
import { parsePythonJson, stringifyPythonJson } from './python-json.ts';
import { shown } from './shown.ts';

/** What a categorical parameter may be. */
export type CategoricalChoice = string | number | boolean | null;
/** The value of a parameter of any kind: a number, or the choice itself. */
export type ParamValue = CategoricalChoice;

/** A real parameter; made by `float`. */
export interface FloatDistribution {
  /** Tells the kinds of distributions apart. */
  readonly kind: 'float';
  /** The least value. */
  readonly low: number;
  /** The greatest value, included; with a `step`, one that can be reached. */
  readonly high: number;
  /** Whether it is sampled in log space. */
  readonly log: boolean;
  /** The distance between two values, from `low` on; null if all of the range is allowed. */
  readonly step: number | null;
}

/** An integer parameter; made by `int`. */
export interface IntDistribution {
  /** Tells the kinds of distributions apart. */
  readonly kind: 'int';
  /** The least value. */
  readonly low: number;
  /** The greatest value, included; one that can be reached by steps from `low`. */
  readonly high: number;
  /** Whether it is sampled in log space. */
  readonly log: boolean;
  /** The distance between two values, from `low` on; 1 unless another was given. */
  readonly step: number;
}

/** A parameter that is one of several choices; made by `categorical`. */
export interface CategoricalDistribution<C extends CategoricalChoice = CategoricalChoice> {
  /** Tells the kinds of distributions apart. */
  readonly kind: 'categorical';
  /** At least one, distinct; their order is that of the indices in a database. */
  readonly choices: readonly C[];
}

/** What a parameter may be. */
export type Distribution = FloatDistribution | IntDistribution | CategoricalDistribution;

/** The type of the values that a distribution has. */
export type ValueOf<D extends Distribution> =
  D extends CategoricalDistribution<infer C>
    ? C
    : D extends FloatDistribution | IntDistribution
      ? number
      : CategoricalChoice;

/** A search space: parameter names to distributions, in the order of declaration. */
export type SearchSpace = Readonly<Record<string, Distribution>>;

function invalid(message: string): never {
  throw new ThanosError('INVALID_DISTRIBUTION', message);
}

/** Beyond it neighboring integers, and so steps, are no longer told apart. */
const MAX_INTEGER = '2^53 - 1';
/** Below it a number times a power of ten still rounds to the right integer. */
const MAX_SCALED = 2 ** 50;

/** Decimal places of a finite number as JavaScript prints it, so that `high` snaps in decimal, not binary, arithmetic. */
function decimals(x: number): number {
  const [mantissa, exponent] = x.toString().split('e');
  const fraction = mantissa.split('.')[1]?.length ?? 0;
  return Math.max(0, fraction - Number(exponent ?? 0));
}

/** The finite number as printed, times 10^places, where it has no more decimal places than these. */
function scaledUp(x: number, places: number): bigint {
  const [mantissa, exponent] = x.toString().split('e');
  const [whole, fraction = ''] = mantissa.split('.');
  return BigInt(whole + fraction) * 10n ** BigInt(places - fraction.length + Number(exponent ?? 0));
}

/** The largest `low + k * step` that is <= high, in decimal arithmetic. */
function snapHigh(low: number, high: number, step: number): number {
  const places = Math.max(decimals(low), decimals(high), decimals(step));
  const scale = 10 ** places;
  if (places <= 15 && Math.max(Math.abs(low), Math.abs(high), step) * scale < MAX_SCALED) {
    const [l, h, s] = [Math.round(low * scale), Math.round(high * scale), Math.round(step * scale)];
    return (h - ((h - l) % s)) / scale;
  }
  const [l, h, s] = [scaledUp(low, places), scaledUp(high, places), scaledUp(step, places)];
  return Number(`${h - ((h - l) % s)}e-${places}`);
}

/** How the values of a numeric parameter lie in its range. */
export interface RangeOptions<Step extends number | null> {
  /** Sample in log space. Default false. */
  readonly log?: boolean | undefined;
  /** The distance between two values, from `low` on. */
  readonly step?: Step | undefined;
}

/** The options with their defaults. */
function checkedOptions<S>(
  kind: 'float' | 'int',
  options: RangeOptions<number | null>,
  step: S,
): { log: boolean; step: unknown } {
  const problem = problemOfOptions(kind === 'int' ? 'an int' : 'a float', options, ['log', 'step']);
  if (problem !== null) invalid(problem);
  const { log = false } = options;
  if (typeof log !== 'boolean') invalid(`log must be true or false, but is ${shown(log)}`);
  return { log, step: options.step === undefined ? step : options.step };
}

/**
 * A real number in [low, high].
 * @param options.log sample in log space; needs low > 0 and no step.
 * @param options.step discretize to low + k * step; `high` is lowered to the last reachable value. Null, the default, for none.
 * @throws ThanosError INVALID_DISTRIBUTION.
 */
export function floatDistribution(
  low: number,
  high: number,
  options: RangeOptions<number | null> = {},
): FloatDistribution {
  const { log, step } = checkedOptions('float', options, null);
  const got = (): string => `got low=${shown(low)}, high=${shown(high)}`;
  if (!Number.isFinite(low) || !Number.isFinite(high)) invalid(`a float needs finite bounds, but ${got()}`);
  if (low > high) invalid(`a float needs low <= high, but ${got()}`);
  if (!Number.isFinite(high - low))
    invalid(`a float needs a finite high - low, but ${got()}, whose difference overflows; narrow the range`);
  if (log && step !== null) invalid(`a float takes either log or step, not both (step=${shown(step)})`);
  if (log && low <= 0) invalid(`a log float needs low > 0, but got low=${low}`);
  if (step === null) return made({ kind: 'float', low, high, log, step });
  if (typeof step !== 'number' || !(step > 0 && step < Number.POSITIVE_INFINITY))
    return invalid(`a float needs step > 0, a finite number, but got step=${shown(step)}`);
  if ((high - low) / step > Number.MAX_SAFE_INTEGER)
    invalid(
      `a float has at most ${MAX_INTEGER} steps, but ${got()}, step=${step}; take a larger step, or none`,
    );
  return made({ kind: 'float', low, high: snapHigh(low, high, step), log, step });
}

/** How far `high` lies above the largest `low + k * step`. */
function overhang(low: number, high: number, step: number): number {
  const span = high - low;
  return Number.isSafeInteger(span) ? span % step : Number((BigInt(high) - BigInt(low)) % BigInt(step));
}

/**
 * An integer in [low, high]; `log` needs low >= 1 and step 1.
 * @throws ThanosError INVALID_DISTRIBUTION.
 */
export function intDistribution(
  low: number,
  high: number,
  options: RangeOptions<number> = {},
): IntDistribution {
  const { log, step } = checkedOptions('int', options, 1);
  const got = (): string => `got low=${shown(low)}, high=${shown(high)}`;
  if (!Number.isSafeInteger(low) || !Number.isSafeInteger(high))
    invalid(`an int needs integer bounds from -(${MAX_INTEGER}) to ${MAX_INTEGER}, but ${got()}`);
  if (low > high) invalid(`an int needs low <= high, but ${got()}`);
  if (!Number.isSafeInteger(step) || (step as number) < 1)
    invalid(`an int needs an integer step from 1 to ${MAX_INTEGER}, but got step=${shown(step)}`);
  if (log && low < 1) invalid(`a log int needs low >= 1, but got low=${low}`);
  if (log && step !== 1) invalid(`an int takes either log or step, not both (step=${shown(step)})`);
  return made({
    kind: 'int',
    low,
    high: high - overhang(low, high, step as number),
    log,
    step: step as number,
  });
}

function isChoice(value: unknown): value is CategoricalChoice {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}

/** Whether two choices are the same: 0 equals -0 and NaN equals NaN, as in Optuna. */
export function sameChoice(a: unknown, b: unknown): boolean {
  return a === b || (Number.isNaN(a) && Number.isNaN(b));
}

/** One of a list of distinct choices (strings, numbers, booleans, null). */
export function categoricalDistribution<const C extends CategoricalChoice>(
  choices: readonly C[],
): CategoricalDistribution<C> {
  if (!Array.isArray(choices)) invalid(`a categorical needs a list of choices, but got ${shown(choices)}`);
  if (choices.length === 0) invalid('a categorical needs at least one choice, but got []');
  for (const choice of choices)
    if (!isChoice(choice))
      invalid(
        `a choice must be a string, number, boolean or null, but got ${shown(choice)} (${typeof choice})`,
      );
  if (new Set(choices).size !== choices.length)
    invalid(`choices must be distinct, but got ${stringifyPythonJson(choices)}`);
  return made({ kind: 'categorical', choices: Object.freeze([...choices]) });
}

/** Distributions that were made here, so that their rules hold. */
const sound = new WeakSet<object>();

function made<D extends Distribution>(distribution: D): D {
  sound.add(distribution);
  return Object.freeze(distribution);
}

/**
 * The distribution as `float`, `int` or `categorical` make it; that very object if it is one of theirs, or was read from a
 * database.
 * @throws ThanosError INVALID_DISTRIBUTION for one made by hand that lacks a field, has another, or breaks a rule.
 */
export function checkedDistribution(given: Distribution): Distribution {
  if (typeof given === 'object' && given !== null && sound.has(given)) return given;
  const { kind, low, high, log, step, choices } = (isPlainObject(given) ? given : {}) as Record<
    string,
    never
  >;
  const isWhole = (...fields: unknown[]): boolean =>
    fields.length + 1 === Object.keys(given).length && !fields.includes(undefined);
  if (kind === 'float' && isWhole(low, high, log, step)) return floatDistribution(low, high, { log, step });
  if (kind === 'int' && isWhole(low, high, log, step)) return intDistribution(low, high, { log, step });
  if (kind === 'categorical' && isWhole(choices)) return categoricalDistribution(choices);
  return invalid(
    `a distribution must be made by float(…), int(…) or categorical(…), but is ${shown(given)}; ` +
      "one of 'float' or 'int' has low, high, log and step, one of 'categorical' has choices",
  );
}

/** True if only one value is possible. */
export function isSingle(d: Distribution): boolean {
  return d.kind === 'categorical' ? d.choices.length === 1 : d.low === d.high;
}

/** The value of a distribution with one value. */
export function singleValue(d: Distribution): ParamValue {
  return d.kind === 'categorical' ? d.choices[0] : d.low;
}

/** Number of distinct values, or Infinity for a continuous float. */
export function cardinality(d: Distribution): number {
  if (d.kind === 'categorical') return d.choices.length;
  if (d.low === d.high) return 1;
  if (d.step === null) return Number.POSITIVE_INFINITY;
  return Math.round((d.high - d.low) / d.step) + 1;
}

/** Whether the distribution holds this internal value. */
export function contains(d: Distribution, internal: number): boolean {
  if (d.kind === 'categorical')
    return Number.isInteger(internal) && internal >= 0 && internal < d.choices.length;
  if (!(internal >= d.low && internal <= d.high)) return false;
  if (d.step === null) return true;
  // Taken one by one, since the difference may have no exact number.
  if (d.kind === 'int') return ((internal % d.step) - (d.low % d.step)) % d.step === 0;
  const k = Math.round((internal - d.low) / d.step);
  return Math.abs(d.low + k * d.step - internal) <= d.step * GRID_TOLERANCE + roundingOf(d.low, internal);
}

/** How far from a grid point a value may lie, in steps … */
const GRID_TOLERANCE = 1e-8;

/** … and what the rounding of `low + k * step` adds where steps are many and so of few digits. */
function roundingOf(low: number, value: number): number {
  return 4 * Number.EPSILON * Math.max(Math.abs(low), Math.abs(value));
}

/** @throws InvalidArgumentError if the value is not one of this distribution's. */
export function toInternalRepr(d: Distribution, external: ParamValue): number {
  if (d.kind === 'categorical') {
    const index = d.choices.findIndex((c) => sameChoice(c, external));
    if (index < 0)
      throw new InvalidArgumentError(
        `${shown(external)} is not one of the choices ${stringifyPythonJson(d.choices)}`,
      );
    return index;
  }
  if (typeof external !== 'number' || Number.isNaN(external))
    throw new InvalidArgumentError(`a ${d.kind} parameter needs a number, but got ${shown(external)}`);
  return external;
}

/** Returns the value of an internal number, as a database holds it: for a categorical the choice of that index. */
export function toExternalRepr(d: Distribution, internal: number): ParamValue {
  if (d.kind === 'categorical') return d.choices[Math.trunc(internal)];
  return d.kind === 'int' ? Math.round(internal) : internal;
}

/** Whether two distributions have the same kind, bounds, step, log setting and choices, these in the same order. */
export function distributionsEqual(a: Distribution, b: Distribution): boolean {
  if (a === b) return true;
  if (a.kind === 'categorical')
    return (
      b.kind === 'categorical' &&
      a.choices.length === b.choices.length &&
      a.choices.every((c, i) => sameChoice(c, b.choices[i]))
    );
  return a.kind === b.kind && a.low === b.low && a.high === b.high && a.log === b.log && a.step === b.step;
}

/** Whether both are categorical and the choices of `now` are those of `before`, in their order, and more. */
export function extendsChoices(before: Distribution, now: Distribution): boolean {
  return (
    before.kind === 'categorical' &&
    now.kind === 'categorical' &&
    now.choices.length > before.choices.length &&
    before.choices.every((choice, i) => sameChoice(choice, now.choices[i]))
  );
}

/**
 * Within one study a name keeps its kind and its `log`; numeric ranges may change (Optuna's rule). A categorical keeps its
 * choices, but new ones may be added after them, which Optuna refuses.
 */
export function assertCompatible(name: string, before: Distribution, now: Distribution): void {
  const fail = (rule: string): never => {
    throw new ThanosError(
      'INCOMPATIBLE_DISTRIBUTION',
      `parameter '${name}' must keep its ${rule} within a study, but was ${distributionToJson(before)} and is now ` +
        `${distributionToJson(now)}; give the new one another name or start a new study`,
    );
  };
  if (before.kind !== now.kind) fail('kind');
  if (before.kind === 'categorical') {
    if (!distributionsEqual(before, now) && !extendsChoices(before, now))
      fail('choices (new ones may be added after them)');
  } else if (before.log !== (now as FloatDistribution).log) fail('log setting');
}

const OPTUNA_NAME = {
  float: 'FloatDistribution',
  int: 'IntDistribution',
  categorical: 'CategoricalDistribution',
} as const;

/** Optuna's `distribution_json` (optuna.distributions.distribution_to_json). */
export function distributionToJson(d: Distribution): string {
  const { kind, ...attributes } = d;
  return stringifyPythonJson({ name: OPTUNA_NAME[kind], attributes });
}

const RANGE_RULE = 'numbers low <= high (> 0 if log is true), a boolean log,';

/**
 * Reads Optuna's `distribution_json`, and more than we would declare: bounds of ints beyond 2^53 (as the nearest double,
 * which is how their values are stored), ranges of any width, equal choices, and choices that are lists or objects (as
 * their JSON text).
 * @throws ThanosError INVALID_DISTRIBUTION.
 */
export function distributionFromJson(json: string): Distribution {
  const refuse = (rule: string): never =>
    invalid(`a stored distribution must be ${rule}, but is ${String(json).slice(0, 200)}`);
  const read = (): JsonValue => {
    try {
      return parsePythonJson(json);
    } catch {
      return refuse('JSON');
    }
  };
  const stored = read();
  if (!isPlainObject(stored) || !isPlainObject(stored['attributes']))
    return refuse('an object with name and attributes');
  const { low, high, log: storedLog = false, step = null, choices } = stored['attributes'];
  // Python takes 0 for false, and so does every Optuna that reads the file.
  const log = storedLog === 0 || storedLog === null ? false : storedLog === 1 ? true : storedLog;
  const isRange =
    typeof low === 'number' &&
    typeof high === 'number' &&
    low <= high &&
    Number.isFinite(low) &&
    Number.isFinite(high) &&
    typeof log === 'boolean' &&
    (!log || low > 0);
  switch (stored['name']) {
    case OPTUNA_NAME.float:
      if (!isRange || (step !== null && !(typeof step === 'number' && step > 0)))
        return refuse(`a float with ${RANGE_RULE} and a step that is null or > 0`);
      return made({ kind: 'float', low, high, log, step });
    case OPTUNA_NAME.int: {
      const whole = step ?? 1;
      if (!isRange || ![low, high, whole].every(Number.isInteger) || !((whole as number) >= 1))
        return refuse(`an int with integers low and high, ${RANGE_RULE} and an integer step >= 1`);
      return made({ kind: 'int', low, high, log, step: whole as number });
    }
    case OPTUNA_NAME.categorical:
      if (!Array.isArray(choices) || choices.length === 0)
        return refuse('a categorical with a list of choices');
      return made({ kind: 'categorical', choices: Object.freeze(choices.map(asChoice)) });
    default:
      return refuse(`one of ${Object.values(OPTUNA_NAME).join(', ')}`);
  }
}

function asChoice(stored: JsonValue): CategoricalChoice {
  return isChoice(stored) ? stored : stringifyPythonJson(stored);
}
