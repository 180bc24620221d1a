/**
 * Mixtures of product kernels over past trials (Bergstra et al., "Algorithms for Hyper-Parameter Optimization", NeurIPS
 * 2011; multivariate: Falkner et al., BOHB, ICML 2018), with Optuna 5's widths, weights and prior.
 */
import type { SearchSpace } from '../../src/core/distribution.ts';
import type { FrozenTrial } from '../../src/core/frozen-trial.ts';
import { type Column, columnOf, NumericColumn, PRIOR_WEIGHT } from './parzen-columns.ts';
import { CellMasses, ParzenMixture } from './parzen-mixture.ts';

const FULL_WEIGHT_TRIALS = 25;

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
  readonly #nContinuous: number;
  /** Has every parameter, by trial number. */
  readonly #isObserved: boolean[] = [];
  /** Of continuous columns, shape (trial number, column, 2): centre and 1 / width. */
  #kernels = new Float64Array(64);

  constructor(space: SearchSpace) {
    this.names = Object.keys(space);
    this.columns = this.names.map((name) => columnOf(space[name]));
    this.#nContinuous = this.columns.filter((c) => c instanceof NumericColumn && !c.isDiscrete).length;
  }

  /** Takes over a new or changed trial. */
  observe(trial: Pick<FrozenTrial, 'number' | 'params'>): void {
    const id = trial.number;
    const isObserved = this.names.every((name) => Object.hasOwn(trial.params, name));
    if (!isObserved && this.#isObserved[id] !== true) return;
    this.#isObserved[id] = isObserved;
    this.columns.forEach((column, j) => {
      column.set(id, isObserved ? trial.params[this.names[j]] : null);
    });
    this.#reserve(2 * (id + 1) * this.#nContinuous);
  }

  /**
   * The mixture of the observed ones among `numbers` (increasing), plus the prior. It shares the kernels of this
   * estimator: mixtures in use at one time must be of disjoint trials, and end with the next `observe`.
   * @param weigh weight of each observation; the prior weighs 1.
   */
  mixture(numbers: Int32Array, weigh: (n: number) => Float64Array = recencyWeights): ParzenMixture {
    const ids = this.#observedOf(numbers);
    const discrete: CellMasses[] = [];
    let slot = 0;
    this.columns.forEach((column, j) => {
      if (!(column instanceof NumericColumn)) return;
      const sorted = column.sorted(ids);
      if (column.isDiscrete) {
        column.fitWidths(sorted, null);
        discrete.push(new CellMasses(column, j, ids, sorted));
      } else
        column.fitWidths(sorted, { data: this.#kernels, stride: 2 * this.#nContinuous, offset: 2 * slot++ });
    });
    const weights = new Float64Array(ids.length + 1);
    if (ids.length > 0) weights.set(weigh(ids.length));
    weights[ids.length] = PRIOR_WEIGHT;
    return new ParzenMixture(this.columns, discrete, ids, weights, this.#kernels);
  }

  #observedOf(numbers: Int32Array): Int32Array {
    const ids = new Int32Array(numbers.length);
    let n = 0;
    for (let i = 0; i < numbers.length; i++) if (this.#isObserved[numbers[i]] === true) ids[n++] = numbers[i];
    return n === numbers.length ? ids : ids.slice(0, n);
  }

  #reserve(length: number): void {
    if (length <= this.#kernels.length) return;
    const kernels = new Float64Array(2 * length);
    kernels.set(this.#kernels);
    this.#kernels = kernels;
  }
}
