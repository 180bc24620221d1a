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
  categoricalDistribution,
  checkedDistribution,
  type Distribution,
  distributionsEqual,
  floatDistribution,
  intDistribution,
  type ValueOf,
} from './distribution.ts';
import { InvalidArgumentError } from './errors.ts';
import { isPlainObject } from './json.ts';
import { assertName } from './names.ts';
import { assertKnownOptions, SYNC_FUNCTION } from './option-rules.ts';
import { shown } from './shown.ts';

export const float = floatDistribution;
export const int = intDistribution;
export const categorical = categoricalDistribution;

/** One of several sub-spaces, each with a label; its parameters exist only where it is chosen. Made by `choice`. */
export interface Choice<B extends Branches = Branches> {
  readonly kind: 'choice';
  readonly branches: Readonly<B>;
}

export type SpaceEntry = Distribution | Choice;
export type SpaceEntries = Readonly<Record<string, SpaceEntry>>;
/** Sub-spaces by label. */
export type Branches = Readonly<Record<string, SpaceEntries>>;

export type Space<S extends SpaceEntries = Readonly<Record<string, Distribution>>> = Readonly<S>;

/** The members of `T` written out, so that an editor shows them instead of the names of types. */
type Simplify<T> = { [K in keyof T]: T[K] } & {};

type BranchParams<B extends Branches> = {
  [L in keyof B & string]: Simplify<{ readonly choice: L } & ParamsOf<B[L]>>;
}[keyof B & string];

type EntryValue<E> =
  E extends Choice<infer B> ? BranchParams<B> : E extends Distribution ? ValueOf<E> : never;

/** The exact type of the parameters that a space declares. A `choice` is `{ choice: label, …parameters of that branch }`. */
export type ParamsOf<S extends SpaceEntries> = Simplify<{ readonly [K in keyof S]: EntryValue<S[K]> }>;

type FlatValue<E> =
  E extends Choice<infer B> ? keyof B & string : E extends Distribution ? ValueOf<E> : never;

type Prefixed<P, Prefix extends string> = {
  readonly [K in keyof P & string as `${Prefix}${K}`]?: P[K];
};

/** The parameters of each branch of each `choice`, as a union. */
type FlatBranches<S extends SpaceEntries> = {
  [K in keyof S & string]: S[K] extends Choice<infer B>
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

export interface SpaceOptions<S extends SpaceEntries> {
  /** Which points are allowed: a pure, cheap function of the parameters, or several that must all hold. */
  readonly where?: Predicate<S> | readonly Predicate<S>[] | undefined;
}

export type Predicate<S extends SpaceEntries> = (params: ParamsOf<S>) => boolean;

/** Where a space keeps its predicates. */
export const PREDICATES = Symbol('predicates');

/**
 * A space of named parameters.
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
 * One of several sub-spaces by label: `choice({ sgd: { momentum: float(0, 1) }, adam: {} })`. Stored as a categorical parameter of
 * the labels, and the parameters of the chosen branch under `<name>.<label>.<parameter>`.
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
  if (isChoice(entry)) return true;
  try {
    return distributionsEqual(checkedDistribution(entry as Distribution), entry as Distribution);
  } catch {
    return false;
  }
}

function isChoice(entry: object): entry is Choice {
  const { kind, branches } = entry as Partial<Choice>;
  return kind === 'choice' && isPlainObject(branches) && Object.isFrozen(branches);
}
