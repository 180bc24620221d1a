/** A declared space as a tree of decisions: which parameter is next, and how many combinations are left below a choice. */
import type { Conditions } from '../../src/core/conditions.ts';
import { cardinality, type Distribution, type SearchSpace } from '../../src/core/distribution.ts';
import { indexOf } from './finite-values.ts';

/** A point on the way from no decision to a whole combination. */
export interface Place {
  /** Null: nothing is left to decide, or nothing is known about it. */
  readonly next: { readonly name: string; readonly distribution: Distribution } | null;
  /** Number of combinations from here on; 1 if nothing is known. */
  readonly size: number;
  /** Whether there is as much left below every value of `next`. */
  readonly isEven: boolean;
  /** Where the value number `index` of `next` leads. */
  after(index: number): Place;
}

export const UNKNOWN: Place = { next: null, size: 1, isEven: true, after: () => UNKNOWN };

/** Larger numbers of combinations count as this many, so that sums of them stay finite. */
const MAX_SIZE = 1e200;

interface Parameter {
  readonly name: string;
  readonly distribution: Distribution;
  readonly size: number;
  /** Parameters that exist only below a value, by its index. */
  readonly children: ReadonlyMap<number, readonly Parameter[]>;
}

/** The place before the first decision. Parameters whose parent the space lacks do not exist. */
export function layoutOf(space: SearchSpace, conditions: Conditions): Place {
  const namesBelow = new Map<string | null, string[]>();
  for (const name of Object.keys(space)) {
    const parent = conditions.get(name)?.parent ?? null;
    namesBelow.set(parent, [...(namesBelow.get(parent) ?? []), name]);
  }
  const parameterOf = (name: string): Parameter => {
    const distribution = space[name];
    const children = new Map<number, Parameter[]>();
    for (const child of namesBelow.get(name) ?? []) {
      const index = indexOf(distribution, conditions.get(child)!.choice);
      children.set(index, [...(children.get(index) ?? []), parameterOf(child)]);
    }
    const sizes = [...children].filter(([index]) => index >= 0).map(([, below]) => productOf(below));
    const size = cardinality(distribution) - sizes.length + sizes.reduce((sum, n) => sum + n, 0);
    return { name, distribution, size: Math.min(size, MAX_SIZE), children };
  };
  return inOrder((namesBelow.get(null) ?? []).map(parameterOf), UNKNOWN);
}

function productOf(parameters: readonly Parameter[]): number {
  return parameters.reduce((product, { size }) => Math.min(product * size, MAX_SIZE), 1);
}

function inOrder(parameters: readonly Parameter[], rest: Place): Place {
  return parameters.reduceRight<Place>((after, parameter) => before(parameter, after), rest);
}

function before(parameter: Parameter, rest: Place): Place {
  return {
    next: parameter,
    size: Math.min(parameter.size * rest.size, MAX_SIZE),
    isEven: parameter.children.size === 0,
    after: (index) => inOrder(parameter.children.get(index) ?? [], rest),
  };
}
