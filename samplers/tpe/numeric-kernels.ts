import type { Rng } from '../../src/core/rng.ts';
import {
  LOG_SQRT_2PI,
  logGaussMass,
  ndtr,
  partitionPoint,
  quantileBetween,
  truncatedNormalPpf,
} from '../../src/math/index.ts';
import { CellMasses } from './cell-masses.ts';
import { grown, type KernelSlots } from './kernel-slots.ts';
import type { NumericAxis } from './numeric-axis.ts';

/** Kernels are never narrower than the range divided by the number of kernels, and at most by this. */
const MAX_RESOLUTION = 100;

/**
 * The kernels of one mixture along one numeric parameter: normals around the observations, cut to the range. A kernel's width
 * is the larger gap to its neighbors, so that one observation more or less changes at most three of them.
 */
export class NumericKernels {
  readonly axis: NumericAxis;
  /** By slot: the observation in model space and the kernel's width, NaN until fitted. */
  centers: Float64Array;
  widths: Float64Array;
  /** By slot: see `#logScaleOf`. */
  logScales: Float64Array;
  /**
   * The first `slots.size` entries are the slots in order of their observation. Of equal ones the first and last have the gaps to
   * the others: a hash decides, anew for every axis, so that not the same trials are wide along all of them.
   */
  order: Int32Array;
  /** Least width of the present number of kernels. */
  narrowest = 0;
  /** The masses of the cells of a stepped axis; null for a continuous one. */
  readonly masses: CellMasses | null;
  readonly #slots: KernelSlots;
  readonly #salt: number;
  /** By slot: order among equal observations. */
  #ties: Int32Array;
  /** By slot: the normal's mass within the range, and below and above it. NaN if its center is outside. */
  within: Float64Array;
  #below: Float64Array;
  #above: Float64Array;
  /** Slots whose neighbors changed; may name some twice, or some that are free. */
  #touched: number[] = [];

  /** @param salt differs from axis to axis. */
  constructor(axis: NumericAxis, slots: KernelSlots, salt: number) {
    this.axis = axis;
    this.#slots = slots;
    this.#salt = salt;
    this.#ties = new Int32Array(slots.capacity);
    this.centers = new Float64Array(slots.capacity);
    this.widths = new Float64Array(slots.capacity);
    this.logScales = new Float64Array(slots.capacity);
    this.order = new Int32Array(slots.capacity);
    this.within = new Float64Array(slots.capacity);
    this.#below = new Float64Array(slots.capacity);
    this.#above = new Float64Array(slots.capacity);
    this.masses = axis.kind === 'continuous' ? null : new CellMasses(axis);
  }

  /** Puts the newest of the slots at a position. */
  add(slot: number, position: number): void {
    this.centers[slot] = position;
    this.widths[slot] = Number.NaN;
    this.#ties[slot] = hashOf(this.#slots.numbers[slot], this.#salt);
    const size = this.#slots.size - 1;
    const at = this.#rank(slot, size);
    this.order.copyWithin(at + 1, at, size);
    this.order[at] = slot;
    this.#touch(at - 1, at + 1);
  }

  /** Takes out a slot that has just been removed from the slots. */
  remove(slot: number): void {
    const size = this.#slots.size + 1;
    const at = this.#rank(slot, size);
    this.order.copyWithin(at, at + 1, size);
    this.#touch(at - 1, at);
  }

  /** Sets the widths anew where they change, and tells which. */
  fit(onChange: (slot: number) => void): void {
    const n = this.#slots.size;
    const narrowest = this.axis.range / Math.min(MAX_RESOLUTION, n + 2);
    if (narrowest === this.narrowest) {
      for (const slot of this.#touched) {
        const rank = this.#rank(slot, n);
        if (rank < n && this.order[rank] === slot) this.#fitAt(rank, onChange);
      }
    } else {
      this.narrowest = narrowest;
      this.masses?.clear();
      for (let rank = 0; rank < n; rank++) this.#fitAt(rank, onChange);
    }
    this.#touched = [];
  }

  #fitAt(rank: number, onChange: (slot: number) => void): void {
    const { order, centers, axis } = this;
    const n = this.#slots.size;
    const slot = order[rank];
    const x = centers[slot];
    const left = rank > 0 ? x - centers[order[rank - 1]] : 0;
    const right = rank < n - 1 ? centers[order[rank + 1]] - x : 0;
    const gap = n === 1 ? Math.max(x - axis.low, axis.high - x) : Math.max(left, right);
    const width = Math.min(Math.max(gap, this.narrowest), axis.range);
    if (this.widths[slot] === width && this.masses === null) return;
    this.widths[slot] = width;
    this.logScales[slot] = this.#logScaleOf(slot);
    onChange(slot);
  }

  /**
   * What a kernel's log density is at its center; or, if the axis is coarse, what the log mass of a cell is to be added to:
   * minus the log of the kernel's mass within the range.
   */
  #logScaleOf(slot: number): number {
    const { axis, centers, widths } = this;
    const a = (axis.low - centers[slot]) / widths[slot];
    const b = (axis.high - centers[slot]) / widths[slot];
    const isInside = a <= 0 && b >= 0;
    const below = isInside ? tailBeyond(-a) : Number.NaN;
    const above = isInside ? tailBeyond(b) : Number.NaN;
    this.#below[slot] = below;
    this.#above[slot] = above;
    this.within[slot] = 1 - below - above;
    const logMass = isInside ? Math.log1p(-below - above) : logGaussMass(a, b);
    return axis.kind === 'coarse' ? -logMass : logPeak(axis, widths[slot]) - logMass;
  }

  /** Whether the observation is within the range. It may have been made when the range was another. */
  isInside(slot: number): boolean {
    return this.within[slot] > 0;
  }

  /** Log density, or log mass of the cell, of a `valueAt` under a kernel: exact and slow, for kernels that are not inside. */
  logDensity(slot: number, value: number): number {
    const { axis } = this;
    const inWidths = (x: number): number => (x - this.centers[slot]) / this.widths[slot];
    const logMass = logGaussMass(inWidths(axis.low), inWidths(axis.high));
    if (axis.kind !== 'continuous')
      return logGaussMass(inWidths(axis.leftOf(value)), inWidths(axis.rightOf(value))) - logMass;
    return logPeak(axis, this.widths[slot]) - 0.5 * inWidths(value) ** 2 - logMass;
  }

  /** Log density at its center of a normal of least width. */
  get narrowPeak(): number {
    return logPeak(this.axis, this.narrowest);
  }

  /** A draw from the kernel, as the axis' `valueAt`. */
  sample(rng: Rng, slot: number): number {
    const { axis } = this;
    const center = this.centers[slot];
    const width = this.widths[slot];
    const z = this.isInside(slot)
      ? quantileBetween(rng.uniform(), this.#below[slot], this.#above[slot])
      : truncatedNormalPpf(rng.uniform(), (axis.low - center) / width, (axis.high - center) / width);
    return axis.valueAt(Math.min(Math.max(center + width * z, axis.low), axis.high));
  }

  /** First rank that is not before `slot`. */
  #rank(slot: number, size: number): number {
    const { order, centers } = this;
    const ties = this.#ties;
    const x = centers[slot];
    const tie = ties[slot];
    return partitionPoint(size, (rank) => {
      const other = order[rank];
      return centers[other] < x || (centers[other] === x && ties[other] < tie);
    });
  }

  /** Marks the ranks from `first` to `last`. */
  #touch(first: number, last: number): void {
    for (let rank = Math.max(first, 0); rank <= Math.min(last, this.#slots.size - 1); rank++)
      this.#touched.push(this.order[rank]);
  }

  /** To be called when the slots have become more. */
  reserve(): void {
    const { capacity } = this.#slots;
    this.centers = grown(this.centers, capacity);
    this.widths = grown(this.widths, capacity);
    this.logScales = grown(this.logScales, capacity);
    this.order = grown(this.order, capacity);
    this.#ties = grown(this.#ties, capacity);
    this.within = grown(this.within, capacity);
    this.#below = grown(this.#below, capacity);
    this.#above = grown(this.#above, capacity);
  }
}

/** Log density of a normal at its center, times the step if the axis is fine. */
function logPeak({ kind, distribution }: NumericAxis, width: number): number {
  return Math.log(kind === 'fine' ? distribution.step! / width : 1 / width) - LOG_SQRT_2PI;
}

/** Mass of a standard normal beyond z >= 0; 0 where it is lost beside 1. */
function tailBeyond(z: number): number {
  return z > 9 ? 0 : ndtr(-z);
}

/** A bijection of the integers for every salt: no two trials have the same. */
function hashOf(trialNumber: number, salt: number): number {
  let h = Math.imul(trialNumber, 0x9e3779b1) ^ Math.imul(salt + 1, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  return h ^ (h >>> 15);
}
