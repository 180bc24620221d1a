/** A declared space as the engine uses it: flat parameters, parents first, with conditions and predicates. */
import { type Conditions, isActive, NO_CONDITIONS } from './conditions.ts';
import {
  cardinality,
  categoricalDistribution,
  type Distribution,
  type ParamValue,
  type SearchSpace,
} from './distribution.ts';
import { InvalidArgumentError } from './errors.ts';
import { setOwn } from './json.ts';
import { shown } from './shown.ts';
import {
  type Choice,
  space as checkedSpace,
  type ParamsOf,
  PREDICATES,
  type Space,
  type SpaceEntries,
  type SpaceEntry,
} from './space.ts';

type FlatParams = Readonly<Record<string, ParamValue>>;

export interface CompiledSpace {
  /** Every parameter, those of all branches included, a parent before its children. */
  readonly flat: SearchSpace;
  readonly names: readonly string[];
  readonly conditions: Conditions;
  /** Number of distinct points; Infinity if a parameter is continuous. */
  readonly size: number;
  readonly hasPredicates: boolean;
  /** Whether all predicates hold. `params` are flat and complete. */
  allows(params: FlatParams): boolean;
  /** The parameters as the objective gets them; the same object if the space has no choices. */
  nested(params: FlatParams): Readonly<Record<string, unknown>>;
}

const compiled = new WeakMap<object, CompiledSpace>();

/** @throws InvalidArgumentError for what `space` would refuse, and for two parameters of one flat name. */
export function compileSpace(space: SpaceEntries): CompiledSpace {
  const known = typeof space === 'object' && space !== null ? compiled.get(space) : undefined;
  if (known !== undefined) return known;
  checkedSpace(space);
  const result = compile(space);
  compiled.set(space, result);
  return result;
}

/** Flat parameters, as `trial.params` has them, in the shape that the objective of this space gets. */
export function nestedParams<S extends SpaceEntries>(space: Space<S>, params: FlatParams): ParamsOf<S> {
  return compileSpace(space).nested(params) as ParamsOf<S>;
}

function compile(space: SpaceEntries): CompiledSpace {
  const flat = new Map<string, Distribution>();
  const conditions = new Map<string, { parent: string; choice: string }>();
  const add = (
    entries: SpaceEntries,
    prefix: string,
    condition: { parent: string; choice: string } | null,
  ): void => {
    for (const [key, entry] of Object.entries(entries)) {
      const name = prefix + key;
      if (flat.has(name))
        throw new InvalidArgumentError(
          `every parameter of a space needs a name of its own, but '${name}' is declared twice (a parameter of a branch is ` +
            'called <name>.<label>.<parameter>); rename one',
        );
      flat.set(name, entry.kind === 'choice' ? categoricalDistribution(Object.keys(entry.branches)) : entry);
      if (condition !== null) conditions.set(name, condition);
      if (entry.kind !== 'choice') continue;
      for (const [label, branch] of Object.entries(entry.branches))
        add(branch, `${name}.${label}.`, { parent: name, choice: label });
    }
  };
  add(space, '', null);
  const hasChoices = Object.values(space).some((entry) => entry.kind === 'choice');
  const predicates =
    (space as { [PREDICATES]?: readonly ((params: unknown) => unknown)[] })[PREDICATES] ?? [];
  const nested = (params: FlatParams) => (hasChoices ? nest(space, '', params) : params);
  return {
    flat: Object.freeze(Object.fromEntries(flat)),
    names: [...flat.keys()],
    conditions: conditions.size === 0 ? NO_CONDITIONS : conditions,
    size: sizeOf(space),
    hasPredicates: predicates.length > 0,
    allows: (params) => {
      if (predicates.length === 0) return true;
      const point = nested(params);
      return predicates.every((predicate) => verdictOf(predicate, point));
    },
    nested,
  };
}

function verdictOf(predicate: (params: unknown) => unknown, point: unknown): boolean {
  const verdict = predicate(point);
  if (typeof verdict === 'boolean') return verdict;
  throw new InvalidArgumentError(
    `where must return true or false at once, but of ${shown(point)} it returned ${shown(verdict)}`,
  );
}

function nest(entries: SpaceEntries, prefix: string, params: FlatParams): Record<string, unknown> {
  const value = (key: string, entry: SpaceEntry): unknown => {
    const name = prefix + key;
    if (entry.kind !== 'choice') return params[name];
    const label = params[name] as string;
    return { choice: label, ...nest(entry.branches[label], `${name}.${label}.`, params) };
  };
  return Object.fromEntries(Object.entries(entries).map(([key, entry]) => [key, value(key, entry)]));
}

function sizeOf(entries: SpaceEntries): number {
  return Object.values(entries).reduce((size, entry) => size * sizeOfEntry(entry), 1);
}

function sizeOfEntry(entry: SpaceEntry): number {
  if (entry.kind !== 'choice') return cardinality(entry);
  return Object.values((entry as Choice).branches).reduce((sum, branch) => sum + sizeOf(branch), 0);
}

/** The parameters that exist, in order, each decided by `decide` from its name and distribution; frozen. */
export function decideAll(
  space: CompiledSpace,
  decide: (name: string, distribution: Distribution, decided: FlatParams) => ParamValue,
): FlatParams {
  const params: Record<string, ParamValue> = {};
  for (const name of space.names)
    if (isActive(space.conditions, name, params))
      setOwn(params, name, decide(name, space.flat[name], params));
  return Object.freeze(params);
}

/** The parameters that exist, if all of them are given. */
export function paramsIfComplete(space: CompiledSpace, given: FlatParams): FlatParams | null {
  const isMissing = (name: string): boolean => !Object.hasOwn(given, name);
  let complete = true;
  const params = decideAll(space, (name) => {
    if (isMissing(name)) complete = false;
    return given[name];
  });
  return complete ? params : null;
}

/** Returns the distributions of the parameters that exist. */
export function distributionsOf(space: CompiledSpace, params: FlatParams): SearchSpace {
  if (space.conditions.size === 0) return space.flat;
  return Object.fromEntries(Object.keys(params).map((name) => [name, space.flat[name]]));
}
