/**
 * Mixtures of product kernels over past trials (Bergstra et al., "Algorithms for Hyper-Parameter Optimization", NeurIPS
 * 2011; multivariate: Falkner et al., BOHB, ICML 2018), with Optuna 5's widths, weights and prior.
 */
import type { SearchSpace } from '../../src/core/distribution.ts';
import type { FrozenTrial } from '../../src/core/frozen-trial.ts';
import type { Rng } from '../../src/core/rng.ts';
import { CategoricalColumn, type Column, columnOf, NumericColumn, PRIOR_WEIGHT } from './parzen-columns.ts';

const FULL_WEIGHT_TRIALS = 25;
/** exp(-50) of the largest term is below the rounding error of any sum of kernels. */
const NEGLIGIBLE = -50;

/** Weights by age, oldest first: 1 for the newest 25; before them a ramp from 1/n up to 1. */
export function recencyWeights(n: number): Float64Array<ArrayBuffer> {
  const weights = new Float64Array(n).fill(1);
  const nRamp = n - FULL_WEIGHT_TRIALS;
  for (let i = 0; i < nRamp; i++) weights[i] = nRamp === 1 ? 1 / n : 1 / n + ((1 - 1 / n) * i) / (nRamp - 1);
  return weights;
}

/**
 * The observations of a study over one space, from which mixtures are made. Only trials that have every parameter of
 * the space count. Kernels are kept per trial and refitted where a neighbour changed, so that a new trial costs little.
 */
export class ParzenEstimator {
  readonly names: readonly string[];
  readonly columns: readonly Column[];
  readonly #continuous: readonly NumericColumn[];
  /** Has every parameter, by trial number. */
  readonly #isObserved: boolean[] = [];
  /** Of continuous columns, row-major (trial number, column): centre and 1 / width. */
  #centres = new Float64Array(64);
  #precisions = new Float64Array(64);

  constructor(space: SearchSpace) {
    this.names = Object.keys(space);
    this.columns = this.names.map((name) => columnOf(space[name]));
    this.#continuous = this.columns.filter((c) => c instanceof NumericColumn).filter((c) => !c.isDiscrete);
  }

  /** Takes over a new or changed trial. */
  observe(trial: Pick<FrozenTrial, 'number' | 'params'>): void {
    const id = trial.number;
    const isObserved = this.names.every((name) => name in trial.params);
    if (!isObserved && this.#isObserved[id] !== true) return;
    this.#isObserved[id] = isObserved;
    this.columns.forEach((column, j) => {
      column.set(id, isObserved ? trial.params[this.names[j]] : null);
    });
    this.#reserve((id + 1) * this.#continuous.length);
  }

  /**
   * The mixture of the observed ones among `numbers` (increasing), plus the prior. It shares the kernels of this
   * estimator: mixtures in use at one time must be of disjoint trials, and end with the next `observe`.
   * @param weigh weight of each observation; the prior weighs 1.
   */
  mixture(numbers: Int32Array, weigh: (n: number) => Float64Array = recencyWeights): ParzenMixture {
    const ids = numbers.filter((id) => this.#isObserved[id] === true);
    const isMember = new Uint8Array(this.#isObserved.length);
    for (const id of ids) isMember[id] = 1;
    const sorted = new Int32Array(ids.length);
    let c = 0;
    const sortedIds = this.columns.map((column) => {
      if (!(column instanceof NumericColumn)) return null;
      const { order, size, keys } = column.observed;
      let n = 0;
      for (let i = 0; i < size; i++) if (isMember[order[i]] === 1) sorted[n++] = order[i];
      const d = this.#continuous.length;
      const at = column.isDiscrete ? -1 : c++;
      column.fitWidths(sorted, (id) => {
        if (at < 0) return;
        this.#centres[id * d + at] = keys[id];
        this.#precisions[id * d + at] = 1 / column.sigma[id];
      });
      return column.isDiscrete ? sorted.slice() : null;
    });
    const weights = new Float64Array(ids.length + 1);
    if (ids.length > 0) weights.set(weigh(ids.length));
    weights[ids.length] = PRIOR_WEIGHT;
    return new ParzenMixture(this.columns, ids, sortedIds, weights, this.#centres, this.#precisions);
  }

  #reserve(length: number): void {
    if (length <= this.#centres.length) return;
    const centres = new Float64Array(2 * length);
    const precisions = new Float64Array(2 * length);
    centres.set(this.#centres);
    precisions.set(this.#precisions);
    this.#centres = centres;
    this.#precisions = precisions;
  }
}

/** Discrete kernels of equal centre and width share their cell masses. */
interface KernelClasses {
  readonly column: NumericColumn;
  /** Position of the column in a sample. */
  readonly j: number;
  /** Class of each kernel. */
  readonly classOf: Int32Array;
  readonly centres: readonly number[];
  readonly sigmas: readonly number[];
  readonly logMasses: readonly number[];
}

/** Weighted kernels of some trials and, last, the prior. */
export class ParzenMixture {
  readonly #columns: readonly Column[];
  readonly #ids: Int32Array;
  readonly #weights: Float64Array;
  readonly #totalWeight: number;
  readonly #centres: Float64Array;
  readonly #precisions: Float64Array;
  readonly #continuous: readonly number[];
  readonly #discrete: readonly KernelClasses[];
  readonly #categorical: readonly number[];
  /** Sum of the continuous kernels' log peaks, per kernel. */
  readonly #logPeaks: Float64Array;

  constructor(
    columns: readonly Column[],
    ids: Int32Array,
    sortedIds: readonly (Int32Array | null)[],
    weights: Float64Array,
    centres: Float64Array,
    precisions: Float64Array,
  ) {
    this.#columns = columns;
    this.#ids = ids;
    this.#weights = weights;
    this.#totalWeight = weights.reduce((a, b) => a + b, 0);
    this.#centres = centres;
    this.#precisions = precisions;
    const positions = columns.map((_, j) => j);
    this.#categorical = positions.filter((j) => columns[j] instanceof CategoricalColumn);
    this.#continuous = positions.filter((j) => sortedIds[j] === null && !this.#categorical.includes(j));
    this.#discrete = positions
      .filter((j) => sortedIds[j] !== null)
      .map((j) => kernelClasses(columns[j] as NumericColumn, j, ids, sortedIds[j]!));
    this.#logPeaks = new Float64Array(ids.length + 1);
    for (const j of this.#continuous) {
      const column = columns[j] as NumericColumn;
      for (let k = 0; k < ids.length; k++) this.#logPeaks[k] += column.logPeak[ids[k]];
      this.#logPeaks[ids.length] += column.logPeakOf(column.middle, column.range);
    }
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
    const result = new Float64Array(n);
    const terms = new Float64Array(this.#ids.length + 1);
    const cells = this.#discrete.map((classes) => cellTable(classes, samples, d));
    for (let s = 0; s < n; s++) {
      const x = samples.subarray(s * d, (s + 1) * d);
      this.#addContinuous(x, terms);
      this.#discrete.forEach(({ classOf }, i) => {
        const logMass = cells[i].get(x[this.#discrete[i].j])!;
        for (let k = 0; k < terms.length; k++) terms[k] += logMass[classOf[k]];
      });
      for (const j of this.#categorical) this.#addCategorical(j, x[j], terms);
      result[s] = this.#logWeightedSum(terms);
    }
    return result;
  }

  #addContinuous(x: Float64Array, terms: Float64Array): void {
    const d = this.#continuous.length;
    const at = Float64Array.from(this.#continuous, (j) => x[j]);
    const ids = this.#ids;
    const n = ids.length;
    const centres = this.#centres;
    const precisions = this.#precisions;
    const logPeaks = this.#logPeaks;
    for (let k = 0; k < n; k++) {
      const row = ids[k] * d;
      let sum = 0;
      for (let j = 0; j < d; j++) {
        const z = (at[j] - centres[row + j]) * precisions[row + j];
        sum += z * z;
      }
      terms[k] = logPeaks[k] - 0.5 * sum;
    }
    let sum = 0;
    this.#continuous.forEach((j, i) => {
      const column = this.#columns[j] as NumericColumn;
      sum += ((at[i] - column.middle) / column.range) ** 2;
    });
    terms[n] = logPeaks[n] - 0.5 * sum;
  }

  #addCategorical(j: number, choice: number, terms: Float64Array): void {
    const column = this.#columns[j] as CategoricalColumn;
    const ids = this.#ids;
    const { miss, hit } = column.probabilities(ids.length);
    const [logMiss, logHit] = [Math.log(miss), Math.log(hit)];
    for (let k = 0; k < ids.length; k++) terms[k] += column.observed[ids[k]] === choice ? logHit : logMiss;
    terms[ids.length] -= Math.log(column.distribution.choices.length);
  }

  #logWeightedSum(terms: Float64Array): number {
    let highest = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < terms.length; k++) if (terms[k] > highest) highest = terms[k];
    if (highest === Number.NEGATIVE_INFINITY) return highest;
    let sum = 0;
    for (let k = 0; k < terms.length; k++) {
      const below = terms[k] - highest;
      if (below > NEGLIGIBLE) sum += this.#weights[k] * Math.exp(below);
    }
    return highest + Math.log(sum / this.#totalWeight);
  }
}

function kernelClasses(column: NumericColumn, j: number, ids: Int32Array, sorted: Int32Array): KernelClasses {
  const centres: number[] = [];
  const sigmas: number[] = [];
  const classOfId = new Map<number, number>();
  for (const id of sorted) {
    const centre = column.observed.keys[id];
    const sigma = column.sigma[id];
    if (centres.at(-1) !== centre || sigmas.at(-1) !== sigma) {
      centres.push(centre);
      sigmas.push(sigma);
    }
    classOfId.set(id, centres.length - 1);
  }
  centres.push(column.middle);
  sigmas.push(column.range);
  const classOf = new Int32Array(ids.length + 1);
  ids.forEach((id, k) => {
    classOf[k] = classOfId.get(id)!;
  });
  classOf[ids.length] = centres.length - 1;
  const logMasses = centres.map((centre, c) => column.logMass(centre, sigmas[c]));
  return { column, j, classOf, centres, sigmas, logMasses };
}

/** For each distinct value of a discrete column among the samples: its log probability under each class. */
function cellTable(classes: KernelClasses, samples: Float64Array, d: number): Map<number, Float64Array> {
  const { column, centres, sigmas, logMasses } = classes;
  const table = new Map<number, Float64Array>();
  for (let i = classes.j; i < samples.length; i += d) {
    const value = samples[i];
    if (table.has(value)) continue;
    table.set(
      value,
      Float64Array.from(centres, (centre, c) => column.logCellMass(value, centre, sigmas[c]) - logMasses[c]),
    );
  }
  return table;
}
