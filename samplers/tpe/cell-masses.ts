/** Masses of the cells of stepped parameters under normal kernels, not yet divided by the kernel's mass within the range. */
import { LOG_SQRT_2PI, logGaussMass } from '../../src/math/index.ts';
import { grown } from './kernel-slots.ts';
import type { NumericAxis } from './numeric-axis.ts';

/** Masses kept per axis and mixture: a megabyte. */
const MAX_KEPT = 1 << 17;

/** A center this near to the middle of a cell, in steps, is in the middle. */
const ON_GRID = 1e-8;

/**
 * Log masses of the cells of a stepped axis; if it is fine, divided by the cell's width times the density at its middle. In tables
 * that are filled in as masses are asked for: with equal steps a mass depends on the kernel's width and on how many cells lie
 * between, so there is one table per width; with log it depends on the kernel's center too.
 */
export class CellMasses {
  /** Table after table. The first stands for all that are not kept, and stays empty. */
  values: Float64Array;
  readonly #axis: NumericAxis;
  readonly #length: number;
  /** Where the table of a width starts; if log, by width that of a center. */
  readonly #starts = new Map<number, number>();
  readonly #startsByWidth = new Map<number, Map<number, number>>();
  #end: number;

  constructor(axis: NumericAxis) {
    this.#axis = axis;
    // One place more than is kept, for the cells that are not.
    this.#length = axis.distribution.log ? axis.nKept + 1 : Math.max(2 * axis.nKept - 1, 1);
    this.values = new Float64Array(2 * this.#length).fill(Number.NaN);
    this.#end = this.#length;
  }

  /** Forgets all tables. */
  clear(): void {
    this.#starts.clear();
    this.#startsByWidth.clear();
    this.values.fill(Number.NaN);
    this.#end = this.#length;
  }

  /** What to add to the number of a cell to find its log mass in `values`, NaN until it is known, for such a kernel. */
  offsetOf(center: number, width: number): number {
    const { low, step, log } = this.#axis.distribution;
    if (this.#axis.nKept === 0) return 0;
    if (log) return this.#tableOf(this.#tablesOf(width), center);
    const steps = (center - low) / step!;
    const index = Math.round(steps);
    if (Math.abs(steps - index) > ON_GRID || index < 0 || index >= this.#axis.size) return 0;
    const start = this.#tableOf(this.#starts, width);
    return start === 0 ? 0 : start + this.#axis.size - 1 - index;
  }

  #tablesOf(width: number): Map<number, number> {
    const known = this.#startsByWidth.get(width) ?? new Map<number, number>();
    this.#startsByWidth.set(width, known);
    return known;
  }

  /** 0 if there is no room for one more. */
  #tableOf(starts: Map<number, number>, key: number): number {
    const known = starts.get(key);
    if (known !== undefined) return known;
    const start = this.#end;
    if (start + this.#length > MAX_KEPT) return 0;
    this.#end += this.#length;
    if (this.#end > this.values.length) {
      const { length } = this.values;
      this.values = grown(this.values, 2 * this.#end).fill(Number.NaN, length);
    }
    starts.set(key, start);
    return start;
  }

  /**
   * Computes, and keeps if there is room, the log mass of the cell of a value, for a kernel with this `offsetOf`. Instead it may
   * return -Infinity if that is surely below `least`.
   */
  compute(offset: number, value: number, center: number, width: number, least: number): number {
    const axis = this.#axis;
    const index = axis.indexOf(value);
    const mass = axis.distribution.log
      ? logMassOf(axis.leftOf(value), axis.rightOf(value), center, width, least)
      : this.#massAt(index, center, width);
    if (offset > 0 && index < axis.nKept && mass > Number.NEGATIVE_INFINITY)
      this.values[offset + index] = mass;
    return mass;
  }

  #massAt(index: number, center: number, width: number): number {
    const { low, step } = this.#axis.distribution;
    const steps = (low - center) / step! + index;
    const nearest = Math.round(steps);
    // What is kept must not depend on which of several kernels asked for it.
    const distance = Math.abs(steps - nearest) > ON_GRID ? steps : nearest;
    const unit = step! / width;
    if (this.#axis.kind === 'fine') return logMeanAround(distance * unit, 0.5 * unit);
    return logGaussMass((distance - 0.5) * unit, (distance + 0.5) * unit);
  }
}

/** Log mass of [left, right]; -Infinity if it is surely below `least`. */
function logMassOf(left: number, right: number, center: number, width: number, least: number): number {
  const logWidth = Math.log((right - left) / width) - LOG_SQRT_2PI;
  const nearest = Math.max(left - center, center - right, 0) / width;
  if (logWidth - 0.5 * nearest * nearest < least) return Number.NEGATIVE_INFINITY;
  if (right - left > NARROW * width) return logGaussMass((left - center) / width, (right - center) / width);
  const z = (0.5 * (left + right) - center) / width;
  return logWidth - 0.5 * z * z + logMeanAround(z, (0.5 * (right - left)) / width);
}

/** A cell up to this wide, in kernel widths, is taken by the series. */
const NARROW = 1;

/**
 * Log of the mean of phi over z +- h, divided by phi(z), for h up to 0.5: the sum over k of He_2k(z) h^2k / (2k + 1)!, as the
 * Taylor series of phi has Hermite polynomials.
 */
export function logMeanAround(z: number, h: number): number {
  let even = 1;
  let odd = z;
  let factor = 1;
  let sum = 1;
  let last = 1;
  for (let k = 1; k <= 40; k++) {
    even = z * odd - (2 * k - 1) * even;
    odd = z * even - 2 * k * odd;
    factor *= (h * h) / (2 * k * (2 * k + 1));
    const term = even * factor;
    sum += term;
    // A polynomial may be near a zero: two small terms end it.
    if (Math.abs(term) + Math.abs(last) < 1e-14 * sum) break;
    last = term;
  }
  return Math.log(sum);
}
