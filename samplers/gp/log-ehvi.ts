import { logNdtr } from '../../src/math/index.ts';
import { type Acquisition, Prediction } from './acquisition.ts';
import type { Boxes } from './free-boxes.ts';
import type { GaussianProcess } from './gaussian-process.ts';
import { logDensity, standardLogEi } from './log-ei.ts';

/**
 * log E[hypervolume gained at x] of independent objectives, exactly: over the boxes that the front leaves free (free-
 * boxes.ts) the gain is a sum of products, and each factor has a known expectation,
 *   sum_boxes prod_j (psi_j(high_j) - psi_j(low_j)),   psi_j(a) = E[max(0, a - f_j(x))]
 * (Yang, Emmerich, Deutz and Bäck, "Multi-Objective Bayesian Global Optimization using Expected Hypervolume Improvement
 * Gradient", Swarm and Evolutionary Computation 44, 2019).
 *
 * Design note: Optuna takes the mean over 128 quasi-random samples. The exact form costs less, has no noise, and does
 * not go flat where no sample gains anything.
 */
export class LogEhvi implements Acquisition {
  readonly #predictions: readonly Prediction[];
  readonly #edges: readonly Edges[];
  readonly #boxes: Boxes;
  /** Log of the volume that is expected to be gained in each box. */
  readonly #logVolumes: Float64Array;

  /** @param gps one per objective, in the order of the boxes' columns. */
  constructor(gps: readonly GaussianProcess[], boxes: Boxes) {
    this.#predictions = gps.map((gp) => new Prediction(gp));
    this.#edges = gps.map((_, j) => new Edges(boxes, j));
    this.#boxes = boxes;
    this.#logVolumes = new Float64Array(boxes.n);
  }

  value(xs: Float64Array, row: number): number {
    const { n } = this.#boxes;
    this.#logVolumes.fill(0);
    this.#predictions.forEach((prediction, j) => {
      prediction.at(xs, row);
      this.#edges[j].update(prediction.mean, prediction.sigma);
      for (let b = 0; b < n; b++) this.#logVolumes[b] += this.#edges[j].logWidth(b);
    });
    let largest = Number.NEGATIVE_INFINITY;
    for (let b = 0; b < n; b++) largest = Math.max(largest, this.#logVolumes[b]);
    if (largest === Number.NEGATIVE_INFINITY) return largest;
    let sum = 0;
    for (let b = 0; b < n; b++) sum += Math.exp(this.#logVolumes[b] - largest);
    return largest + Math.log(sum);
  }

  valueAndGradient(x: Float64Array, gradient: Float64Array): number {
    const value = this.value(x, 0);
    gradient.fill(0);
    if (value === Number.NEGATIVE_INFINITY) return value;
    this.#predictions.forEach((prediction, j) => {
      const edges = this.#edges[j];
      edges.updateSlopes();
      let [byMean, bySigma] = [0, 0];
      for (let b = 0; b < this.#boxes.n; b++) {
        const share = Math.exp(this.#logVolumes[b] - value);
        if (share === 0) continue;
        byMean += share * edges.byMean(b);
        bySigma += share * edges.bySigma(b);
      }
      prediction.addGradient(x, byMean, bySigma, gradient);
    });
    return value;
  }
}

/** The ends of all boxes in one objective; many share one. */
class Edges {
  /** Distinct ends, without -Infinity. */
  readonly #at: Float64Array;
  /** For each box: which ends are its own; -1 for -Infinity. */
  readonly #low: Int32Array;
  readonly #high: Int32Array;
  /** For each end: log psi, and after `updateSlopes` the logs of d psi / d mean (negated) and d psi / d sigma. */
  readonly #logPsi: Float64Array;
  readonly #logBelow: Float64Array;
  readonly #logDensity: Float64Array;
  #mean = 0;
  #sigma = 1;

  constructor({ low, high, n, m }: Boxes, j: number) {
    const column = (ends: Float64Array): number[] => Array.from({ length: n }, (_, b) => ends[b * m + j]);
    const distinct = [...new Set([...column(low), ...column(high)])].filter(
      (end) => end !== Number.NEGATIVE_INFINITY,
    );
    const index = new Map(distinct.map((end, k) => [end, k]));
    this.#at = Float64Array.from(distinct);
    this.#low = Int32Array.from(column(low), (end) => index.get(end) ?? -1);
    this.#high = Int32Array.from(column(high), (end) => index.get(end)!);
    this.#logPsi = new Float64Array(distinct.length);
    this.#logBelow = new Float64Array(distinct.length);
    this.#logDensity = new Float64Array(distinct.length);
  }

  update(mean: number, sigma: number): void {
    this.#mean = mean;
    this.#sigma = sigma;
    for (let k = 0; k < this.#at.length; k++)
      this.#logPsi[k] = standardLogEi((this.#at[k] - mean) / sigma) + Math.log(sigma);
  }

  updateSlopes(): void {
    for (let k = 0; k < this.#at.length; k++) {
      const z = (this.#at[k] - this.#mean) / this.#sigma;
      this.#logBelow[k] = logNdtr(z);
      this.#logDensity[k] = logDensity(z);
    }
  }

  /** log of the length of box b that f is expected to lie before. */
  logWidth(b: number): number {
    const high = this.#logPsi[this.#high[b]];
    if (this.#low[b] < 0) return high;
    // Rounding may put the lower end above the upper one.
    return high + Math.log1p(-Math.min(1, Math.exp(this.#logPsi[this.#low[b]] - high)));
  }

  /** d logWidth(b) / d mean. */
  byMean(b: number): number {
    return -this.#ratio(this.#logBelow, b);
  }

  /** d logWidth(b) / d sigma. */
  bySigma(b: number): number {
    return this.#ratio(this.#logDensity, b);
  }

  #ratio(logSlopes: Float64Array, b: number): number {
    const width = this.logWidth(b);
    const high = Math.exp(logSlopes[this.#high[b]] - width);
    return this.#low[b] < 0 ? high : high - Math.exp(logSlopes[this.#low[b]] - width);
  }
}
