/**
 * Typed search spaces (define-and-run):
 *
 * ```ts
 * const search = space(
 *   {
 *     lr: float(1e-5, 1e-1, { log: true }),
 *     optimizer: choice({ sgd: { momentum: float(0, 1) }, adam: {} }),
 *   },
 *   { where: ({ lr, optimizer }) => optimizer.choice === 'adam' || lr * optimizer.momentum < 0.05 },
 * );
 * ```
 */
import {
  type CategoricalChoice,
  type CategoricalDistribution,
  categoricalDistribution,
  checkedDistribution,
  type Distribution,
  distributionsEqual,
  type FloatDistribution,
  floatDistribution,
  type IntDistribution,
  intDistribution,
  type RangeOptions,
  type ValueOf,
} from './distribution.ts';
import { InvalidArgumentError } from './errors.ts';
import { isPlainObject } from './json.ts';
import { assertName } from './names.ts';
import { assertKnownOptions, SYNC_FUNCTION } from './option-rules.ts';
import { shown } from './shown.ts';

/**
 * A real parameter, in `[low, high]`; with a `step`, `high` is lowered to the last value that can be reached.
 *
 * ```ts
 * space({ lr: float(1e-5, 1e-1, { log: true }), dropout: float(0, 0.5, { step: 0.1 }) });
 * ```
 *
 * @param options.log Sample in log space; needs low > 0 and no step. Default false.
 * @param options.step Take the values low + k * step only. Default null: all of the range.
 * @throws ThanosError INVALID_DISTRIBUTION.
 */
export function float(low: number, high: number, options?: RangeOptions<number | null>): FloatDistribution {
  return floatDistribution(low, high, options);
}

/**
 * An integer parameter; both bounds are included.
 *
 * ```ts
 * space({ layers: int(1, 6), width: int(64, 1024, { step: 64 }), batchSize: int(8, 256, { log: true }) });
 * ```
 *
 * @param options.log Sample in log space; needs low >= 1 and step 1. Default false.
 * @param options.step Take the values low + k * step only. Default 1.
 * @throws ThanosError INVALID_DISTRIBUTION.
 */
export function int(low: number, high: number, options?: RangeOptions<number>): IntDistribution {
  return intDistribution(low, high, options);
}

/**
 * A parameter that is one of several choices: strings, numbers, booleans, null. Its type is the union of these.
 *
 * ```ts
 * space({ activation: categorical(['relu', 'gelu']), bias: categorical([true, false]) });
 * ```
 *
 * @param choices At least one, all distinct. Their order says nothing: for numbers that lie on a scale, take `int` or `float`.
 * @throws ThanosError INVALID_DISTRIBUTION.
 */
export function categorical<const C extends CategoricalChoice>(
  choices: readonly C[],
): CategoricalDistribution<C> {
  return categoricalDistribution(choices);
}

/** One of several sub-spaces, each with a label; its parameters exist only where it is chosen. Made by `choice`. */
export interface Choice<B extends Branches = Branches> {
  /** Tells a choice from a distribution. */
  readonly kind: 'choice';
  /** The sub-space of each label. */
  readonly branches: Readonly<B>;
}

/** What a name in a space stands for: a parameter, or a choice between sub-spaces. */
export type SpaceEntry = Distribution | Choice;
/** What a space is made of, by name. */
export type SpaceEntries = Readonly<Record<string, SpaceEntry>>;
/** Sub-spaces by label. */
export type Branches = Readonly<Record<string, SpaceEntries>>;

/** A space of named parameters, as `space` makes it: frozen, with its predicates. */
export type Space<S extends SpaceEntries = Readonly<Record<string, Distribution>>> = Readonly<S>;

/** The members of `T` written out, so that an editor shows them instead of the names of types. */
type Simplify<T> = { [K in keyof T]: T[K] } & {};

type EntryValue<E> =
  E extends Choice<infer B>
    ? { [L in keyof B & string]: Simplify<{ readonly choice: L } & ParamsOf<B[L]>> }[keyof B & string]
    : E extends Distribution
      ? ValueOf<E>
      : never;

/** The exact type of the parameters that a space declares. A `choice` is `{ choice: label, …parameters of that branch }`. */
export type ParamsOf<S extends SpaceEntries> = Simplify<{ readonly [K in keyof S]: EntryValue<S[K]> }>;

type FlatValue<E> =
  E extends Choice<infer B> ? keyof B & string : E extends Distribution ? ValueOf<E> : never;

type Prefixed<P, Prefix extends string> = {
  readonly [K in keyof P & string as `${Prefix}${K}`]?: P[K];
};

/** The parameters of each branch of each `choice`, as a union. */
type FlatBranches<S extends SpaceEntries> = {
  [K in keyof S & string]: NonNullable<S[K]> extends Choice<infer B>
    ? { [L in keyof B & string]: Prefixed<FlatParamsOf<B[L]>, `${K}.${L}.`> }[keyof B & string]
    : never;
}[keyof S & string];

type Intersection<U> = (U extends unknown ? (member: U) => void : never) extends (all: infer I) => void
  ? I
  : never;

/**
 * The parameters as a trial keeps them: flat, a `choice` as its label, and a parameter of a branch as
 * `<name>.<label>.<parameter>`, which exists only if that branch was chosen.
 */
export type FlatParamsOf<S extends SpaceEntries> = Simplify<
  { readonly [K in keyof S]: FlatValue<S[K]> } & Intersection<FlatBranches<S>>
>;

/** Options of {@link space}. */
export interface SpaceOptions<S extends SpaceEntries> {
  /** Which points are allowed: a pure, cheap function of the parameters, or several that must all hold. */
  readonly where?: Predicate<S> | readonly Predicate<S>[] | undefined;
}

/** Whether a point of the space is allowed. */
export type Predicate<S extends SpaceEntries> = (params: ParamsOf<S>) => boolean;

/** Where a space keeps its predicates. */
export const PREDICATES = Symbol('predicates');

/**
 * A space of named parameters, which types the study or the call that it is given to.
 *
 * ```ts
 * const model = space(
 *   { layers: int(1, 6), width: int(64, 512), activation: categorical(['relu', 'gelu']) },
 *   { where: ({ layers, width }) => layers * width <= 1024 },
 * );
 * const study = await createStudy({ space: model });
 * ```
 *
 * @param options.where Which points are allowed; others are never tried.
 * @throws InvalidArgumentError on an empty space or an entry that is neither a distribution nor a `choice`.
 */
export function space<const S extends SpaceEntries>(entries: S, options: SpaceOptions<S> = {}): Space<S> {
  assertKnownOptions('space', options, ['where']);
  checkEntries(entries, 'a space');
  if (Object.keys(entries).length === 0)
    throw new InvalidArgumentError('a space needs at least one parameter, but got {}');
  const { where = [] } = options;
  const predicates = Array.isArray(where) ? [...where] : [where];
  for (const predicate of predicates)
    if (!SYNC_FUNCTION.accepts(predicate))
      throw new InvalidArgumentError(
        `where must be a function of the parameters that returns true or false at once, or a list of them, but is ${shown(where)}`,
      );
  const made = { ...entries };
  if (predicates.length > 0) Object.defineProperty(made, PREDICATES, { value: Object.freeze(predicates) });
  return Object.freeze(made);
}

/**
 * One of several sub-spaces by label. Stored as a categorical parameter of the labels, and the parameters of the chosen branch
 * under `<name>.<label>.<parameter>`.
 *
 * ```ts
 * const study = await createStudy({
 *   space: { optimizer: choice({ sgd: { momentum: float(0, 1) }, adam: {} }) },
 * });
 * await study.optimize(
 *   ({ optimizer }) => (optimizer.choice === 'sgd' ? train(optimizer.momentum) : trainAdam()),
 *   { nTrials: 100 },
 * );
 * ```
 *
 * @throws InvalidArgumentError on no branches, or a branch that is no space.
 */
export function choice<const B extends Branches>(branches: B): Choice<B> {
  if (!isPlainObject(branches) || Object.keys(branches).length === 0)
    throw new InvalidArgumentError(
      `a choice needs its branches as { label: { parameters } }, but got ${shown(branches)}`,
    );
  for (const [label, entries] of Object.entries(branches)) {
    checkEntries(entries, `branch '${label}' of a choice`);
    if (Object.hasOwn(entries, 'choice'))
      throw new InvalidArgumentError(
        `'choice' holds the label of the branch, so no parameter of branch '${label}' may be called that; rename it`,
      );
  }
  return Object.freeze({ kind: 'choice', branches: Object.freeze({ ...branches }) });
}

function checkEntries(entries: unknown, what: string): void {
  // A literal `__proto__: float(…)` sets the prototype and declares nothing.
  if (!isPlainObject(entries))
    throw new InvalidArgumentError(
      `${what} must be a plain object of distributions, but is ${shown(entries)}; write a parameter named __proto__ as ` +
        "['__proto__']",
    );
  for (const [name, entry] of Object.entries(entries)) {
    assertName('the name of a parameter', name);
    if (!isEntry(entry))
      throw new InvalidArgumentError(
        `'${name}' of ${what} must be made by float(…), int(…), categorical(…) or choice(…), but is ${shown(entry)}`,
      );
  }
}

/** Frozen, and a distribution by every rule: another copy of this package may have made it. */
function isEntry(entry: unknown): entry is SpaceEntry {
  if (typeof entry !== 'object' || entry === null || !Object.isFrozen(entry)) return false;
  if (isChoiceEntry(entry)) return true;
  try {
    return distributionsEqual(checkedDistribution(entry as Distribution), entry as Distribution);
  } catch {
    return false;
  }
}

function isChoiceEntry(entry: object): entry is Choice {
  const { kind, branches } = entry as Partial<Choice>;
  return kind === 'choice' && isPlainObject(branches) && Object.isFrozen(branches);
}
