import { lowerBound } from '../../src/math/bisect.ts';
import type { CandidateBatch, Candidates } from './candidates.ts';
import { logMeanAround } from './cell-masses.ts';
import { grown, type KernelSlots } from './kernel-slots.ts';
import type { KernelWeights } from './kernel-weights.ts';
import type { NumericKernels } from './numeric-kernels.ts';

/** A kernel farther away than this, in widths, is left out: all of them together change a sum by less than 1e-10. */
const REACH = 8.5;

/** The range is divided into cells of a quarter of the least width. */
const CELLS_PER_WIDTH = 4;

/** Kernels are taken together in rings around a point, for a lower bound of their sum: outer distances in cells. */
const RINGS = [3, 5, 7, 9, 12];

/** The rounding error of a bound, generously. */
const ROUNDING = 1e-7;

/**
 * The kernels of a space that is one smooth axis, in order of their centers. Nearly all have the least width: of these only the
 * near ones count, and they are found at once. The wider ones are few, as their gaps share the range.
 *
 * Sums are in units of the density that a kernel of least width has at its center.
 */
export class KernelLine {
  readonly #kernels: NumericKernels;
  readonly #slots: KernelSlots;
  /** The width of a cell; 0 if the axis is continuous. */
  readonly #width: number;
  /** By slot. */
  #weightOf: Float64Array;
  /** By rank: center, 1 / width, and weight times the density at the center; 0 if wide. */
  #centers: Float64Array;
  #weights: Float64Array;
  /** Over the narrow kernels below each cell, shape (cell, 3): sums of weight, weight times center, and times its square. */
  #sums = new Float64Array(0);
  #nCells = 0;
  /** The wide kernels, shape (kernel, 3): center, 1 / width, weight. */
  #wide: Float64Array;
  #nWide = 0;
  /** Slots of kernels that are not inside the range. */
  readonly #outside: number[] = [];

  constructor(kernels: NumericKernels, slots: KernelSlots) {
    this.#kernels = kernels;
    this.#slots = slots;
    this.#width = kernels.axis.distribution.step ?? 0;
    this.#weightOf = new Float64Array(slots.capacity);
    this.#centers = new Float64Array(slots.capacity);
    this.#weights = new Float64Array(slots.capacity);
    this.#wide = new Float64Array(3 * slots.capacity);
  }

  fit(_changed: readonly number[], weighting: KernelWeights): void {
    const { size, byAge } = this.#slots;
    const { axis, order, centers, widths, within, narrowest } = this.#kernels;
    const weightOf = this.#weightOf;
    const weights = this.#weights;
    const wide = this.#wide;
    const perCell = CELLS_PER_WIDTH / narrowest;
    this.#nCells = Math.ceil(axis.range * perCell);
    if (this.#sums.length < 3 * (this.#nCells + 1)) this.#sums = new Float64Array(3 * (this.#nCells + 1));
    const sums = this.#sums;
    weighting.scatter(weightOf, byAge);
    this.#nWide = 0;
    this.#outside.length = 0;
    let cell = 0;
    let [sum, linear, square] = [0, 0, 0];
    for (let rank = 0; rank < size; rank++) {
      const slot = order[rank];
      const center = centers[slot];
      const width = widths[slot];
      this.#centers[rank] = center;
      if (!this.#kernels.isInside(slot)) {
        weights[rank] = 0;
        this.#outside.push(slot);
        continue;
      }
      const weight = (weightOf[slot] * narrowest) / (width * within[slot]);
      const isNarrow = width === narrowest;
      weights[rank] = isNarrow ? weight : 0;
      if (!isNarrow) {
        const at = 3 * this.#nWide++;
        wide[at] = center;
        wide[at + 1] = 1 / width;
        wide[at + 2] = weight;
        continue;
      }
      // In units of a cell, from the lower end of the range: so squares keep their precision.
      const position = (center - axis.low) * perCell;
      for (; cell <= this.#nCells && cell <= position; cell++) {
        sums[3 * cell] = sum;
        sums[3 * cell + 1] = linear;
        sums[3 * cell + 2] = square;
      }
      sum += weight;
      linear += weight * position;
      square += weight * position * position;
    }
    for (; cell <= this.#nCells; cell++) {
      sums[3 * cell] = sum;
      sums[3 * cell + 1] = linear;
      sums[3 * cell + 2] = square;
    }
  }

  /** To be called when the slots have become more. */
  reserve(): void {
    const { capacity } = this.#slots;
    this.#weightOf = grown(this.#weightOf, capacity);
    this.#centers = grown(this.#centers, capacity);
    this.#weights = grown(this.#weights, capacity);
    this.#wide = grown(this.#wide, 3 * capacity);
  }

  /** Writes sums as `KernelProduct.logSums` does. */
  logSums(candidates: Candidates, batch: CandidateBatch): void {
    for (let i = 0; i < batch.size; i++) {
      const s = batch.members[i];
      batch.logs[i] = this.#logSum(candidates.rows[s], candidates.logPriors[s], batch.ceilings[i]);
    }
  }

  /** Something not above `logSums`, mostly by a few hundredths. */
  logSumBounds(candidates: Candidates, batch: CandidateBatch): void {
    for (let i = 0; i < batch.size; i++) {
      const s = batch.members[i];
      batch.logs[i] = this.#logSumBound(candidates.rows[s], candidates.logPriors[s]);
    }
  }

  #logSum(x: number, logPrior: number, ceiling: number): number {
    const unit = this.#kernels.narrowPeak;
    const prior = Math.exp(logPrior - unit);
    const enough = Math.exp(ceiling - unit) - prior;
    const inside = this.#width === 0 ? this.#sumAt(x, enough) : this.#sumOver(x, enough);
    return unit + Math.log(prior + inside + this.#sumOutside(x, unit));
  }

  #sumOutside(x: number, unit: number): number {
    let sum = 0;
    for (const slot of this.#outside)
      sum += this.#weightOf[slot] * Math.exp(this.#kernels.logDensity(slot, x) - unit);
    return sum;
  }

  #logSumBound(x: number, logPrior: number): number {
    const unit = this.#kernels.narrowPeak;
    const perCell = CELLS_PER_WIDTH / this.#kernels.narrowest;
    const sums = this.#sums;
    const position = (x - this.#kernels.axis.low) * perCell;
    // Over a cell the mean density is at least that at the mean of the squared distances, too.
    const spread = (this.#width * perCell) ** 2 / 12;
    const middle = Math.min(Math.round(position), this.#nCells);
    let sum = Math.exp(logPrior - unit);
    let [low, high] = [3 * middle, 3 * middle];
    for (let i = 0; i < RINGS.length; i++) {
      const from = 3 * Math.max(middle - RINGS[i], 0);
      const to = 3 * Math.min(middle + RINGS[i], this.#nCells);
      const weight = sums[low] - sums[from] + (sums[to] - sums[high]);
      if (weight > 0) {
        const linear = sums[low + 1] - sums[from + 1] + (sums[to + 1] - sums[high + 1]);
        const square = sums[low + 2] - sums[from + 2] + (sums[to + 2] - sums[high + 2]);
        const distance2 = position * position + (square - 2 * position * linear) / weight;
        // Jensen: exp is convex, so their sum is at least that of as many at the mean of the squared distances.
        sum += weight * Math.exp((-0.5 / (CELLS_PER_WIDTH * CELLS_PER_WIDTH)) * (distance2 + spread));
      }
      low = from;
      high = to;
    }
    return unit + Math.log(sum) - ROUNDING;
  }

  /** Narrow kernels outwards from the point, then the wide. */
  #sumAt(x: number, enough: number): number {
    const { size } = this.#slots;
    const centers = this.#centers;
    const weights = this.#weights;
    const wide = this.#wide;
    const precision = 1 / this.#kernels.narrowest;
    const start = this.#rankOf(x);
    let sum = 0;
    for (let rank = start; rank < size && sum <= enough; rank++) {
      const z = (centers[rank] - x) * precision;
      if (z > REACH) break;
      sum += weights[rank] * Math.exp(-0.5 * z * z);
    }
    for (let rank = start - 1; rank >= 0 && sum <= enough; rank--) {
      const z = (x - centers[rank]) * precision;
      if (z > REACH) break;
      sum += weights[rank] * Math.exp(-0.5 * z * z);
    }
    for (let at = 0; at < 3 * this.#nWide && sum <= enough; at += 3) {
      const z = (x - wide[at]) * wide[at + 1];
      if (z > -REACH && z < REACH) sum += wide[at + 2] * Math.exp(-0.5 * z * z);
    }
    return sum;
  }

  /** Returns the sum that `#sumAt` does, of the kernels' means over the cell around `x`. */
  #sumOver(x: number, enough: number): number {
    const reach = REACH * this.#kernels.narrowest;
    const half = 0.5 * this.#width;
    const precision = 1 / this.#kernels.narrowest;
    const wide = this.#wide;
    let sum = 0;
    const end = this.#rankOf(x + reach);
    for (let rank = this.#rankOf(x - reach); rank < end && sum <= enough; rank++)
      sum += this.#weights[rank] * meanDensity((x - this.#centers[rank]) * precision, half * precision);
    for (let at = 0; at < 3 * this.#nWide && sum <= enough; at += 3)
      sum += wide[at + 2] * meanDensity((x - wide[at]) * wide[at + 1], half * wide[at + 1]);
    return sum;
  }

  /** First rank whose center is not below `x`. */
  #rankOf(x: number): number {
    return lowerBound(this.#centers, x, this.#slots.size);
  }
}

/** Mean of exp(-t^2 / 2) over z +- h. */
function meanDensity(z: number, h: number): number {
  return Math.abs(z) > REACH ? 0 : Math.exp(logMeanAround(z, h) - 0.5 * z * z);
}
