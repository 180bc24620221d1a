import type { Attrs } from '../../src/core/frozen-trial.ts';
import type { Bounds } from '../../src/core/numeric-transform.ts';
import type { Rng } from '../../src/core/rng.ts';

/**
 * Makes a child's numeric parameters from those of its parents, in the real space of numeric-transform.ts. (Categorical
 * ones are always taken from the first or the last parent.)
 */
export interface Crossover {
  /** Name and settings as plain data; `crossoverFrom` makes the crossover of it again. */
  readonly options: Attrs;
  /** How many different parents it needs, at least 2. */
  readonly nParents: number;
  /**
   * One child; where it lies outside the bounds, it is drawn again with other parents.
   * @param parents `nParents` vectors, each one number per parameter; not to be changed.
   * @param bounds one pair per parameter.
   */
  cross(parents: readonly Float64Array[], bounds: readonly Bounds[], rng: Rng, nObjectives: number): number[];
}
