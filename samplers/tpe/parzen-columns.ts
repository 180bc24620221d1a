/**
 * One parameter of a Parzen estimator: the observations of all trials, by trial number, and their kernels.
 *
 * A numeric kernel is a normal around the observation, cut to the range; its width is the larger gap to a neighbour.
 * With `log` all this happens in log space. With a step the density of a value is the mass of its cell, half a step to
 * either side. A categorical kernel gives the observed choice more probability than the others.
 */
import type { CategoricalDistribution, Distribution, ParamValue } from '../../src/core/distribution.ts';
import { toExternalRepr, toInternalRepr } from '../../src/core/distribution.ts';
import type { Rng } from '../../src/core/rng.ts';
import { LOG_SQRT_2PI, logGaussMass, truncatedNormalPpf } from '../../src/math/index.ts';
import { SortedIndex } from './sorted-index.ts';

export const PRIOR_WEIGHT = 1;
/** Kernels are never narrower than the range divided by the number of kernels, and at most by this. */
const MAX_RESOLUTION = 100;

type NumericDistribution = Exclude<Distribution, CategoricalDistribution>;

/** Where a continuous column keeps its kernels: row = trial number. */
export interface KernelRows {
  readonly data: Float64Array;
  readonly stride: number;
  readonly offset: number;
}

export class NumericColumn {
  readonly distribution: NumericDistribution;
  /** Range of the kernels in model space: log of the value if `log`, half a step beyond the ends if stepped. */
  readonly low: number;
  readonly high: number;
  readonly isDiscrete: boolean;
  /** Observations in model space, by trial number, sorted. */
  readonly observed = new SortedIndex();
  /** Kernel width by trial number; NaN if unknown. */
  sigma = new Float64Array(64).fill(Number.NaN);
  /** What a kernel's log density is at most, by trial number; see `logPeakOf`. */
  logPeak = new Float64Array(64);
  /** Scratch of `CellMasses`, by trial number. */
  classes = new Int32Array(64);
  /** Scratch of `sorted`, all 0 between calls. */
  #isMember = new Uint8Array(64);

  constructor(distribution: NumericDistribution) {
    this.distribution = distribution;
    const { step, log } = distribution;
    const half = (step ?? 0) / 2;
    this.low = log ? Math.log(distribution.low - half) : distribution.low - half;
    this.high = log ? Math.log(distribution.high + half) : distribution.high + half;
    this.isDiscrete = step !== null;
  }

  get range(): number {
    return this.high - this.low;
  }

  get middle(): number {
    return 0.5 * (this.low + this.high);
  }

  /** Records (or with null forgets) the value of a trial. */
  set(id: number, value: ParamValue | null): void {
    if (value === null) this.observed.set(id, Number.NaN);
    else {
      const internal = toInternalRepr(this.distribution, value);
      this.observed.set(id, this.distribution.log ? Math.log(internal) : internal);
    }
    if (id >= this.sigma.length) {
      this.sigma = grown(this.sigma, this.observed.keys.length, Number.NaN);
      this.logPeak = grown(this.logPeak, this.observed.keys.length, 0);
      this.#isMember = new Uint8Array(this.observed.keys.length);
      this.classes = grown(this.classes, this.observed.keys.length, 0);
    }
    this.sigma[id] = Number.NaN;
  }

  /** Those of the observed trials `ids` (increasing) in order of their observation. */
  sorted(ids: Int32Array): Int32Array {
    const { keys, order, size } = this.observed;
    // A few are sorted faster than they are found among many.
    if (ids.length * 8 < size) return ids.slice().sort((a, b) => keys[a] - keys[b] || a - b);
    const isMember = this.#isMember;
    for (let k = 0; k < ids.length; k++) isMember[ids[k]] = 1;
    const result = new Int32Array(ids.length);
    for (let i = 0, n = 0; i < size; i++) if (isMember[order[i]] === 1) result[n++] = order[i];
    for (let k = 0; k < ids.length; k++) isMember[ids[k]] = 0;
    return result;
  }

  /**
   * Sets the widths of the kernels `ids`, which are all those of one mixture in order of their observation. Where one
   * changes, centre and 1 / width go to `rows.data` at the trial's row, if rows are given.
   */
  fitWidths(ids: Int32Array, rows: KernelRows | null): void {
    const n = ids.length;
    const { keys } = this.observed;
    const sigma = this.sigma;
    const range = this.range;
    const narrowest = range / Math.min(MAX_RESOLUTION, n + 2);
    let left = 0;
    for (let i = 0; i < n; i++) {
      const id = ids[i];
      const x = keys[id];
      const right = i < n - 1 ? keys[ids[i + 1]] - x : 0;
      const gap = n === 1 ? Math.max(x - this.low, this.high - x) : Math.max(left, right);
      left = right;
      const width = Math.min(Math.max(gap, narrowest), range);
      if (sigma[id] === width) continue;
      sigma[id] = width;
      this.logPeak[id] = this.logPeakOf(x, width);
      if (rows === null) continue;
      rows.data[id * rows.stride + rows.offset] = x;
      rows.data[id * rows.stride + rows.offset + 1] = 1 / width;
    }
  }

  /**
   * Of a continuous kernel: its log density at the centre. Of a discrete one: minus the log of its mass within the range,
   * to which the log mass of a cell is still to be added.
   */
  logPeakOf(centre: number, sigma: number): number {
    const logMass = logGaussMass((this.low - centre) / sigma, (this.high - centre) / sigma);
    return this.isDiscrete ? -logMass : -LOG_SQRT_2PI - Math.log(sigma) - logMass;
  }

  /** Half a step to either side of a discrete value, in model space. */
  cellOf(value: number): readonly [left: number, right: number] {
    const half = this.distribution.step! / 2;
    return this.distribution.log
      ? [Math.log(value - half), Math.log(value + half)]
      : [value - half, value + half];
  }

  /** A draw from one kernel: in model space if continuous, an internal value if discrete. */
  sample(rng: Rng, centre: number, sigma: number): number {
    const z = truncatedNormalPpf(rng.uniform(), (this.low - centre) / sigma, (this.high - centre) / sigma);
    const x = Math.min(Math.max(centre + sigma * z, this.low), this.high);
    const { low, high, step, log } = this.distribution;
    if (step === null) return x;
    const value = low + Math.round(((log ? Math.exp(x) : x) - low) / step) * step;
    return Math.min(Math.max(value, low), high);
  }

  /** The external value of a `sample`. */
  external(sampled: number): ParamValue {
    if (this.isDiscrete) return toExternalRepr(this.distribution, sampled);
    const value = this.distribution.log ? Math.exp(sampled) : sampled;
    return Math.min(Math.max(value, this.distribution.low), this.distribution.high);
  }
}

export class CategoricalColumn {
  readonly distribution: CategoricalDistribution;
  /** Index of the observed choice by trial number. */
  observed = new Int32Array(64);

  constructor(distribution: CategoricalDistribution) {
    this.distribution = distribution;
  }

  set(id: number, value: ParamValue | null): void {
    if (id >= this.observed.length)
      this.observed = grown(this.observed, Math.max(id + 1, 2 * this.observed.length), 0);
    if (value !== null) this.observed[id] = toInternalRepr(this.distribution, value);
  }

  /** Probability that a kernel of a mixture of `n` observations gives to a choice that it did not (did) observe. */
  probabilities(n: number): { readonly miss: number; readonly hit: number } {
    const smoothing = PRIOR_WEIGHT / (n + 1);
    const total = 1 + smoothing * this.distribution.choices.length;
    return { miss: smoothing / total, hit: (1 + smoothing) / total };
  }

  /** A draw from the kernel around the choice `observed`, of a mixture of `n` observations; null: the uniform prior. */
  sample(rng: Rng, observed: number | null, n: number): number {
    const nChoices = this.distribution.choices.length;
    if (observed === null) return rng.int(nChoices);
    const { miss } = this.probabilities(n);
    let u = rng.uniform();
    for (let choice = 0; choice < nChoices; choice++) {
      if (choice === observed) continue;
      u -= miss;
      if (u < 0) return choice;
    }
    return observed;
  }

  external(sampled: number): ParamValue {
    return this.distribution.choices[sampled];
  }
}

export type Column = NumericColumn | CategoricalColumn;

export function columnOf(distribution: Distribution): Column {
  return distribution.kind === 'categorical'
    ? new CategoricalColumn(distribution)
    : new NumericColumn(distribution);
}

function grown<A extends Float64Array | Int32Array>(array: A, length: number, fill: number): A {
  const result = (array instanceof Float64Array ? new Float64Array(length) : new Int32Array(length)) as A;
  result.fill(fill);
  result.set(array);
  return result;
}
