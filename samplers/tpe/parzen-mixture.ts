import type { Rng } from '../../src/core/rng.ts';
import { LOG_SQRT_2PI, logGaussMass } from '../../src/math/index.ts';
import { CategoricalColumn, type Column, type NumericColumn } from './parzen-columns.ts';

/**
 * A kernel whose density is below exp(-42) of another's is left out of the sum: for thousands of kernels of any weight,
 * all of them together change it by less than 1e-10.
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
    this.#totalWeight = sum(weights);
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
    const n = samples.length / d;
    const sums = new RunningLogSums(n, this.#weights[this.#ids.length]);
    for (const cells of this.#discrete)
      cells.moveTo(Array.from({ length: n }, (_, s) => samples[s * d + cells.j]));
    // The prior comes first: it is nowhere small. Then the newest kernels, as they tend to be near: the higher the known
    // maximum, the more of the others need not be looked at closely.
    for (let s = 0; s < n; s++) sums.start(s, this.#logPriorAt(samples, s));

    // Four samples at a time keep the processor's pipeline full; this loop is nearly all of TPE's time.
    const kernels = this.#kernels;
    const m = this.#continuous.length;
    const width = sums.floors.length;
    const x = columnMajor(samples, d, this.#continuous, width);
    for (let k = this.#ids.length - 1; k >= 0; k--) {
      const row = this.#ids[k] * m * 2;
      const peak = this.#logPeaks[k];
      for (let s = 0; s < width; s += 4) {
        let [a, b, c, e] = [0, 0, 0, 0];
        for (let j = 0, at = row, o = s; j < m; j++, at += 2, o += width) {
          const centre = kernels[at];
          const precision = kernels[at + 1];
          const za = (x[o] - centre) * precision;
          const zb = (x[o + 1] - centre) * precision;
          const zc = (x[o + 2] - centre) * precision;
          const ze = (x[o + 3] - centre) * precision;
          a += za * za;
          b += zb * zb;
          c += zc * zc;
          e += ze * ze;
        }
        if (peak - 0.5 * a >= sums.floors[s]) this.#add(sums, k, samples, s, peak - 0.5 * a);
        if (peak - 0.5 * b >= sums.floors[s + 1]) this.#add(sums, k, samples, s + 1, peak - 0.5 * b);
        if (peak - 0.5 * c >= sums.floors[s + 2]) this.#add(sums, k, samples, s + 2, peak - 0.5 * c);
        if (peak - 0.5 * e >= sums.floors[s + 3]) this.#add(sums, k, samples, s + 3, peak - 0.5 * e);
      }
    }
    return sums.logs().map((log) => log - Math.log(this.#totalWeight));
  }

  /** Adds kernel `k` at sample `s`, whose continuous columns alone have the log density `continuous`. */
  #add(sums: RunningLogSums, k: number, samples: Float64Array, s: number, continuous: number): void {
    const id = this.#ids[k];
    const floor = sums.floors[s];
    let term = continuous;
    for (let i = 0; i < this.#categorical.length; i++) {
      const { column, j, logHit, logMiss } = this.#categorical[i];
      term += column.observed[id] === samples[s * this.#columns.length + j] ? logHit : logMiss;
    }
    for (let i = 0; i < this.#discrete.length && term >= floor; i++)
      term += this.#discrete[i].logMass(k, s, floor - term);
    if (term >= floor) sums.add(s, term, this.#weights[k]);
  }

  #logPriorAt(samples: Float64Array, s: number): number {
    const n = this.#ids.length;
    let term = this.#logPeaks[n];
    for (const j of this.#continuous) {
      const column = this.#columns[j] as NumericColumn;
      term -= 0.5 * ((samples[s * this.#columns.length + j] - column.middle) / column.range) ** 2;
    }
    for (const { column } of this.#categorical) term -= Math.log(column.distribution.choices.length);
    for (const cells of this.#discrete) term += cells.logMass(n, s, Number.NEGATIVE_INFINITY);
    return term;
  }
}

function sum(values: Float64Array): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i];
  return total;
}

/** log(sum of weight exp(term)) of several samples, term by term; the number of samples is rounded up to fours. */
class RunningLogSums {
  /** What a term must reach to count. */
  readonly floors: Float64Array;
  readonly #highest: Float64Array;
  /** Sum relative to the highest term. */
  readonly #total: Float64Array;

  constructor(n: number, firstWeight: number) {
    this.floors = new Float64Array(4 * Math.ceil(n / 4)).fill(Number.POSITIVE_INFINITY);
    this.#highest = new Float64Array(n);
    this.#total = new Float64Array(n).fill(firstWeight);
  }

  start(s: number, term: number): void {
    this.#highest[s] = term;
    this.floors[s] = term + NEGLIGIBLE;
  }

  add(s: number, term: number, weight: number): void {
    const above = term - this.#highest[s];
    if (above <= 0) this.#total[s] += weight * Math.exp(above);
    else {
      this.#total[s] = this.#total[s] * Math.exp(-above) + weight;
      this.start(s, term);
    }
  }

  logs(): Float64Array<ArrayBuffer> {
    return Float64Array.from(this.#highest, (highest, s) => highest + Math.log(this.#total[s]));
  }
}

/** Some of the `d` columns of the row-major `samples`, each in `width` places (the last ones 0). */
function columnMajor(
  samples: Float64Array,
  d: number,
  columns: readonly number[],
  width: number,
): Float64Array {
  const result = new Float64Array(columns.length * width);
  for (let i = 0; i < columns.length; i++)
    for (let s = 0; s * d < samples.length; s++) result[i * width + s] = samples[s * d + columns[i]];
  return result;
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
  readonly #logSigmas: Float64Array;
  /** Cell of each sample, and per cell its ends in model space and log width. */
  #cellOf = new Int32Array(0);
  #cells: readonly { readonly left: number; readonly right: number; readonly logWidth: number }[] = [];
  /** Shape (class, cell); NaN where it is not known yet. */
  #logMasses = new Float64Array(0);

  /** @param sorted the kernels `ids` in order of their observation. */
  constructor(column: NumericColumn, j: number, ids: Int32Array, sorted: Int32Array) {
    this.column = column;
    this.j = j;
    const classOfId = column.classes;
    for (const id of sorted) {
      this.#addClass(column.observed.keys[id], column.sigma[id]);
      classOfId[id] = this.#centres.length - 1;
    }
    this.#classOf = new Int32Array(ids.length + 1);
    for (let k = 0; k < ids.length; k++) this.#classOf[k] = classOfId[ids[k]];
    this.#addClass(column.middle, column.range);
    this.#classOf[ids.length] = this.#centres.length - 1;
    this.#logSigmas = Float64Array.from(this.#sigmas, Math.log);
  }

  #addClass(centre: number, sigma: number): void {
    const last = this.#centres.length - 1;
    if (last >= 0 && this.#centres[last] === centre && this.#sigmas[last] === sigma) return;
    this.#centres.push(centre);
    this.#sigmas.push(sigma);
  }

  /** Sets the samples that `logMass` is about. */
  moveTo(samples: readonly number[]): void {
    const values = [...new Set(samples)];
    const cellOfValue = new Map(values.map((value, cell) => [value, cell]));
    this.#cellOf = Int32Array.from(samples, (value) => cellOfValue.get(value)!);
    this.#cells = values.map((value) => {
      const [left, right] = this.column.cellOf(value);
      return { left, right, logWidth: Math.log(right - left) };
    });
    this.#logMasses = new Float64Array(values.length * this.#centres.length).fill(Number.NaN);
  }

  /**
   * log mass of kernel `k` in the cell of sample `s`, before division by its mass in the range; -Infinity if surely below
   * `floor`.
   */
  logMass(k: number, s: number, floor: number): number {
    const c = this.#classOf[k];
    const at = c * this.#cells.length + this.#cellOf[s];
    const known = this.#logMasses[at];
    if (!Number.isNaN(known)) return known;
    const { left, right, logWidth } = this.#cells[this.#cellOf[s]];
    const a = (left - this.#centres[c]) / this.#sigmas[c];
    const b = (right - this.#centres[c]) / this.#sigmas[c];
    // The mass is at most the cell's width times the density at its nearer end.
    const nearest = Math.max(a, -b, 0);
    if (logWidth - this.#logSigmas[c] - 0.5 * nearest * nearest - LOG_SQRT_2PI < floor)
      return Number.NEGATIVE_INFINITY;
    const mass = logGaussMass(a, b);
    this.#logMasses[at] = mass;
    return mass;
  }
}
