import type { Instance } from './instance.ts';
import type { Vector } from './transformations.ts';

/** One function on one instance. */
interface BbobFunction {
  /** A global minimizer. */
  readonly xopt: Vector;
  /** The value at `x` above the minimum. */
  above(x: Vector): number;
}

export type BbobMaker = (instance: Instance) => BbobFunction;
