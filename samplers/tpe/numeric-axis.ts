import { cardinality, type ParamValue, toExternalRepr } from '../../src/core/distribution.ts';
import {
  fromReal,
  type NumericDistribution,
  realBounds,
  toReal,
  tractable,
} from '../../src/core/numeric-transform.ts';
import type { Rng } from '../../src/core/rng.ts';
import { LOG_SQRT_2PI, logGaussMass, ndtr, quantileBetween } from '../../src/math/index.ts';

/** With so many equal steps none is wider than a kernel, see `NumericKernels`. */
const MIN_FINE_STEPS = 100;
/** The largest number of steps, or of cells of a log axis, of which what is computed is kept. */
const MAX_KEPT_STEPS = 512;
const MAX_KEPT_LOG_CELLS = 128;

/** What the prior kernel has on either side of the range. */
const PRIOR_TAIL = ndtr(-0.5);

/**
 * A numeric parameter in model space: log of the value if `log`, half a step of room beyond the ends if stepped. A value of a
 * stepped one stands for its cell, all that rounds to it.
 *
 * - `continuous`: has a density.
 * - `fine`: many equal steps. The mass of a cell is nearly its width times the density at its middle.
 * - `coarse`: few steps, or unequal ones (log).
 */
export class NumericAxis {
  readonly #declared: NumericDistribution;
  /** The one to compute with. */
  readonly distribution: NumericDistribution;
  readonly kind: 'continuous' | 'coarse' | 'fine';
  readonly low: number;
  readonly high: number;
  readonly range: number;
  /** Center of the prior kernel, whose width is the range. */
  readonly middle: number;
  /** Number of cells; Infinity if continuous. */
  readonly size: number;
  /** Log of the prior kernel's mass within the range, and of its density at the middle. */
  readonly #logPriorMass: number;
  readonly #logPriorPeak: number;
  /** The number of cells, from the lowest, of which what is computed is kept. */
  readonly nKept: number;
  /** Log prior of the kept cells, NaN where it is not known yet. */
  readonly #logPriors: Float64Array;

  constructor(declared: NumericDistribution) {
    const { low, high } = realBounds(declared);
    const distribution = tractable(declared);
    this.#declared = declared;
    this.distribution = distribution;
    this.low = low;
    this.high = high;
    this.range = high - low;
    this.middle = 0.5 * (low + high);
    this.size = distribution.step === null ? Number.POSITIVE_INFINITY : cardinality(distribution);
    if (distribution.step === null) this.kind = 'continuous';
    else this.kind = distribution.log || this.size < MIN_FINE_STEPS ? 'coarse' : 'fine';
    this.nKept = Math.min(this.size, distribution.log ? MAX_KEPT_LOG_CELLS : MAX_KEPT_STEPS);
    if (this.kind === 'continuous' || (!distribution.log && this.size > MAX_KEPT_STEPS)) this.nKept = 0;
    this.#logPriors = new Float64Array(this.nKept).fill(Number.NaN);
    this.#logPriorMass = logGaussMass(-0.5, 0.5);
    this.#logPriorPeak = -LOG_SQRT_2PI - Math.log(this.range) - this.#logPriorMass;
  }

  /** Model-space position of an external value. */
  positionOf(value: ParamValue): number {
    return toReal(this.#declared, value);
  }

  /** The `valueAt` of an external value of a stepped parameter. */
  valueOf(value: ParamValue): number {
    return this.#declared === this.distribution ? (value as number) : toReal(this.#declared, value);
  }

  /** Model-space position of a `valueAt`. */
  positionOfValue(value: number): number {
    return this.kind === 'coarse' && this.distribution.log ? Math.log(value) : value;
  }

  /** A draw from the prior, as `valueAt`. */
  samplePrior(rng: Rng): number {
    return this.valueAt(this.middle + this.range * quantileBetween(rng.uniform(), PRIOR_TAIL, PRIOR_TAIL));
  }

  /** The value at a position: in model space if continuous, else that of the cell, unscaled. */
  valueAt(position: number): number {
    const { low, high, step, log } = this.distribution;
    if (step === null) return Math.min(Math.max(position, this.low), this.high);
    const value = low + Math.round(((log ? Math.exp(position) : position) - low) / step) * step;
    return Math.min(Math.max(value, low), high);
  }

  /** External form of a `valueAt`. */
  external(value: number): ParamValue {
    if (this.#declared !== this.distribution) return fromReal(this.#declared, value);
    const { low, high, step, log } = this.distribution;
    if (step !== null) return toExternalRepr(this.distribution, value);
    return Math.min(Math.max(log ? Math.exp(value) : value, low), high);
  }

  /** Number of the cell of a value, the lowest being 0. */
  indexOf(value: number): number {
    return Math.round((value - this.distribution.low) / this.distribution.step!);
  }

  /** Ends, in model space, of the cell of a value. */
  leftOf(value: number): number {
    const left = value - this.distribution.step! / 2;
    return this.distribution.log ? Math.log(left) : left;
  }

  rightOf(value: number): number {
    const right = value + this.distribution.step! / 2;
    return this.distribution.log ? Math.log(right) : right;
  }

  /** Log density, or log mass of the cell, of a value under the prior. */
  logPrior(value: number): number {
    if (this.kind === 'continuous') {
      const z = (value - this.middle) / this.range;
      return this.#logPriorPeak - 0.5 * z * z;
    }
    const index = this.indexOf(value);
    if (index >= this.nKept) return this.#logPriorOfCell(value);
    if (Number.isNaN(this.#logPriors[index])) this.#logPriors[index] = this.#logPriorOfCell(value);
    return this.#logPriors[index];
  }

  #logPriorOfCell(value: number): number {
    const a = (this.leftOf(value) - this.middle) / this.range;
    const b = (this.rightOf(value) - this.middle) / this.range;
    return logGaussMass(a, b) - this.#logPriorMass;
  }
}
