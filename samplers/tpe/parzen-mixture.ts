import type { Rng } from '../../src/core/rng.ts';
import { LOG_SQRT_2PI, logGaussMass } from '../../src/math/index.ts';
import { CategoricalColumn, type Column, type NumericColumn } from './parzen-columns.ts';

/**
 * A kernel whose density is below exp(-42) of another's is left out of the sum: for thousands of kernels of any weight,
 * all of them together change it by less than 1e-10. A kernel is given up as soon as a bound on its density falls
 * below that, which is why this is fast.
 */
const NEGLIGIBLE = -42;

/** Weighted kernels of some trials and, last, the prior. Made by `ParzenEstimator.mixture`. */
export class ParzenMixture {
  readonly #columns: readonly Column[];
  readonly #ids: Int32Array;
  readonly #weights: Float64Array;
  readonly #totalWeight: number;
  /** Positions of the continuous columns. */
  readonly #continuous: readonly number[];
  /** Their kernels: centre and 1 / width, shape (trial number, continuous column, 2). */
  readonly #kernels: Float64Array;
  readonly #discrete: readonly CellMasses[];
  readonly #categorical: readonly ChoiceMasses[];
  /** Per kernel: the sum of its columns' log peaks. */
  readonly #logPeaks: Float64Array;
  // Scratch of logPdf: the kernels that count, and their log densities.
  readonly #kept: Int32Array;
  readonly #terms: Float64Array;
  /** The kernel of the highest density at the last sample; only a hint. */
  #nearest: number;

  constructor(
    columns: readonly Column[],
    discrete: readonly CellMasses[],
    ids: Int32Array,
    weights: Float64Array,
    kernels: Float64Array,
  ) {
    this.#columns = columns;
    this.#ids = ids;
    this.#weights = weights;
    this.#totalWeight = weights.reduce((a, b) => a + b, 0);
    this.#kernels = kernels;
    this.#discrete = discrete;
    const n = ids.length;
    this.#logPeaks = new Float64Array(n + 1);
    const continuous: number[] = [];
    const categorical: ChoiceMasses[] = [];
    columns.forEach((column, j) => {
      if (column instanceof CategoricalColumn) categorical.push(new ChoiceMasses(column, j, n));
      else {
        if (!column.isDiscrete) continuous.push(j);
        for (let k = 0; k < n; k++) this.#logPeaks[k] += column.logPeak[ids[k]];
        this.#logPeaks[n] += column.logPeakOf(column.middle, column.range);
      }
    });
    this.#continuous = continuous;
    this.#categorical = categorical;
    this.#kept = new Int32Array(n + 1);
    this.#terms = new Float64Array(n + 1);
    this.#nearest = n;
  }

  /** `n` draws, row-major (n, columns): model-space, internal or choice-index values, as the columns have them. */
  sample(rng: Rng, n: number): Float64Array<ArrayBuffer> {
    const d = this.#columns.length;
    const samples = new Float64Array(n * d);
    const nObserved = this.#ids.length;
    for (let s = 0; s < n; s++) {
      const k = rng.weightedIndex(this.#weights);
      const id = k < nObserved ? this.#ids[k] : null;
      for (let j = 0; j < d; j++) {
        const column = this.#columns[j];
        if (column instanceof CategoricalColumn)
          samples[s * d + j] = column.sample(rng, id === null ? null : column.observed[id], nObserved);
        else if (id === null) samples[s * d + j] = column.sample(rng, column.middle, column.range);
        else samples[s * d + j] = column.sample(rng, column.observed.keys[id], column.sigma[id]);
      }
    }
    return samples;
  }

  /** log density at each row of `samples` (as `sample` gives them). */
  logPdf(samples: Float64Array): Float64Array<ArrayBuffer> {
    const d = this.#columns.length;
    const result = new Float64Array(samples.length / d);
    const x = new Float64Array(d);
    const continuous = new Float64Array(this.#continuous.length);
    for (let s = 0; s < result.length; s++) {
      for (let j = 0; j < d; j++) x[j] = samples[s * d + j];
      for (let i = 0; i < continuous.length; i++) continuous[i] = x[this.#continuous[i]];
      for (const cells of this.#discrete) cells.moveTo(x[cells.j]);
      result[s] = this.#logPdfAt(x, continuous);
    }
    return result;
  }

  #logPdfAt(x: Float64Array, continuous: Float64Array): number {
    const n = this.#ids.length;
    const kept = this.#kept;
    const terms = this.#terms;
    // Begin with the prior, which is nowhere small, and the kernel that was highest at the sample before: the higher the
    // known maximum, the sooner other kernels can be given up.
    const prior = this.#logPriorAt(x);
    let highest = prior;
    if (this.#nearest < n)
      highest = Math.max(prior, this.#logKernelAt(this.#nearest, x, continuous, Number.NEGATIVE_INFINITY));
    this.#nearest = n;
    kept[0] = n;
    terms[0] = prior;
    let nKept = 1;
    for (let k = 0; k < n; k++) {
      const term = this.#logKernelAt(k, x, continuous, highest + NEGLIGIBLE);
      if (term === Number.NEGATIVE_INFINITY) continue;
      if (term >= highest) {
        highest = term;
        this.#nearest = k;
      }
      kept[nKept] = k;
      terms[nKept++] = term;
    }
    let total = 0;
    for (let i = 0; i < nKept; i++) {
      const difference = terms[i] - highest;
      if (difference >= NEGLIGIBLE) total += this.#weights[kept[i]] * Math.exp(difference);
    }
    return highest + Math.log(total / this.#totalWeight);
  }

  /** log density of kernel `k`, or -Infinity as soon as it is known to be below `floor`. */
  #logKernelAt(k: number, x: Float64Array, continuous: Float64Array, floor: number): number {
    const kernels = this.#kernels;
    const id = this.#ids[k];
    const d = continuous.length;
    const limit = 2 * (this.#logPeaks[k] - floor);
    let sum = 0;
    for (let j = 0, at = id * d * 2; j < d; j++, at += 2) {
      const z = (continuous[j] - kernels[at]) * kernels[at + 1];
      sum += z * z;
      if (sum > limit) return Number.NEGATIVE_INFINITY;
    }
    let term = this.#logPeaks[k] - 0.5 * sum;
    for (let i = 0; i < this.#categorical.length; i++) {
      const { column, j, logHit, logMiss } = this.#categorical[i];
      term += column.observed[id] === x[j] ? logHit : logMiss;
    }
    for (let i = 0; i < this.#discrete.length && term >= floor; i++)
      term += this.#discrete[i].logMass(k, floor - term);
    return term >= floor ? term : Number.NEGATIVE_INFINITY;
  }

  #logPriorAt(x: Float64Array): number {
    const n = this.#ids.length;
    let term = this.#logPeaks[n];
    for (const j of this.#continuous) {
      const column = this.#columns[j] as NumericColumn;
      term -= 0.5 * ((x[j] - column.middle) / column.range) ** 2;
    }
    for (const { column } of this.#categorical) term -= Math.log(column.distribution.choices.length);
    for (const cells of this.#discrete) term += cells.logMass(n, Number.NEGATIVE_INFINITY);
    return term;
  }
}

/** What the kernels of a mixture of `n` observations give to the choices of a categorical column. */
class ChoiceMasses {
  readonly column: CategoricalColumn;
  /** Position of the column in a sample. */
  readonly j: number;
  readonly logHit: number;
  readonly logMiss: number;

  constructor(column: CategoricalColumn, j: number, n: number) {
    const { hit, miss } = column.probabilities(n);
    this.column = column;
    this.j = j;
    this.logHit = Math.log(hit);
    this.logMiss = Math.log(miss);
  }
}

/** Log masses of the cells of a discrete column. Kernels of equal centre and width are one class, computed once. */
export class CellMasses {
  readonly column: NumericColumn;
  /** Position of the column in a sample. */
  readonly j: number;
  /** Class of each kernel, the prior last. */
  readonly #classOf: Int32Array;
  readonly #centres: number[] = [];
  readonly #sigmas: number[] = [];
  /** By cell value: log mass of each class, NaN where it is not known yet. */
  readonly #known = new Map<number, Float64Array>();
  #current: Float64Array = new Float64Array(0);
  #left = 0;
  #right = 0;

  /** @param sorted the kernels `ids` in order of their observation. */
  constructor(column: NumericColumn, j: number, ids: Int32Array, sorted: Int32Array) {
    this.column = column;
    this.j = j;
    const classOfId = column.classes;
    for (const id of sorted) {
      this.#add(column.observed.keys[id], column.sigma[id]);
      classOfId[id] = this.#centres.length - 1;
    }
    this.#classOf = new Int32Array(ids.length + 1);
    for (let k = 0; k < ids.length; k++) this.#classOf[k] = classOfId[ids[k]];
    this.#add(column.middle, column.range);
    this.#classOf[ids.length] = this.#centres.length - 1;
  }

  #add(centre: number, sigma: number): void {
    const last = this.#centres.length - 1;
    if (last >= 0 && this.#centres[last] === centre && this.#sigmas[last] === sigma) return;
    this.#centres.push(centre);
    this.#sigmas.push(sigma);
  }

  /** Sets the value whose cell `logMass` is about. */
  moveTo(value: number): void {
    let masses = this.#known.get(value);
    if (masses === undefined) {
      masses = new Float64Array(this.#centres.length).fill(Number.NaN);
      this.#known.set(value, masses);
    }
    this.#current = masses;
    [this.#left, this.#right] = this.column.cellOf(value);
  }

  /** log mass of kernel `k` in the cell, before division by its mass in the range; -Infinity if surely below `floor`. */
  logMass(k: number, floor: number): number {
    const c = this.#classOf[k];
    const known = this.#current[c];
    if (!Number.isNaN(known)) return known;
    const sigma = this.#sigmas[c];
    const a = (this.#left - this.#centres[c]) / sigma;
    const b = (this.#right - this.#centres[c]) / sigma;
    // The mass is at most the cell's width times the density at its nearer end.
    const nearest = Math.max(a, -b, 0);
    if (Math.log(b - a) - 0.5 * nearest * nearest - LOG_SQRT_2PI < floor) return Number.NEGATIVE_INFINITY;
    const mass = logGaussMass(a, b);
    this.#current[c] = mass;
    return mass;
  }
}
