/** What is to be gained at a point, in logarithms: the functions that the sampler maximizes. */
import { logNdtr } from '../../src/math/index.ts';
import type { GaussianProcess } from './gaussian-process.ts';
import { logDensity, standardLogEi } from './log-ei.ts';

export interface Acquisition {
  /** At row `row` of `xs`. */
  value(xs: Float64Array, row: number): number;
  /** At x; writes the gradient, 0 for categorical columns. */
  valueAndGradient(x: Float64Array, gradient: Float64Array): number;
}

/** A standard deviation is never smaller than its root, as in Optuna. */
const STABILIZING_VARIANCE = 1e-12;

/**
 * What a Gaussian process predicts for the point at hand, and the way of derivatives by that to derivatives by the
 * point.
 */
export class Prediction {
  readonly #gp: GaussianProcess;
  readonly #meanGradient: Float64Array;
  readonly #varianceGradient: Float64Array;
  mean = 0;
  sigma = 0;

  constructor(gp: GaussianProcess) {
    this.#gp = gp;
    this.#meanGradient = new Float64Array(gp.d);
    this.#varianceGradient = new Float64Array(gp.d);
  }

  at(xs: Float64Array, row: number): void {
    this.#gp.predict(xs, row);
    this.mean = this.#gp.mean;
    this.sigma = Math.sqrt(this.#gp.variance + STABILIZING_VARIANCE);
  }

  /** After `at(x)`: adds to the gradient of a function with these derivatives by mean and sigma. */
  addGradient(x: Float64Array, byMean: number, bySigma: number, gradient: Float64Array): void {
    this.#gp.gradients(x, this.#meanGradient, this.#varianceGradient);
    const byVariance = bySigma / (2 * this.sigma);
    for (let j = 0; j < gradient.length; j++)
      gradient[j] += byMean * this.#meanGradient[j] + byVariance * this.#varianceGradient[j];
  }
}

/** log E[max(0, best - f(x))]: log expected improvement on a loss (log-ei.ts). */
export class LogEi implements Acquisition {
  readonly #prediction: Prediction;
  readonly #best: number;

  constructor(gp: GaussianProcess, best: number) {
    this.#prediction = new Prediction(gp);
    this.#best = best;
  }

  value(xs: Float64Array, row: number): number {
    this.#prediction.at(xs, row);
    const { mean, sigma } = this.#prediction;
    return standardLogEi((this.#best - mean) / sigma) + Math.log(sigma);
  }

  valueAndGradient(x: Float64Array, gradient: Float64Array): number {
    const value = this.value(x, 0);
    const { mean, sigma } = this.#prediction;
    const z = (this.#best - mean) / sigma;
    gradient.fill(0);
    this.#prediction.addGradient(x, -Math.exp(logNdtr(z) - value), Math.exp(logDensity(z) - value), gradient);
    return value;
  }
}

/** log P(f(x) <= limit): log probability of feasibility. */
export class LogFeasibility implements Acquisition {
  readonly #prediction: Prediction;
  readonly #limit: number;

  constructor(gp: GaussianProcess, limit: number) {
    this.#prediction = new Prediction(gp);
    this.#limit = limit;
  }

  value(xs: Float64Array, row: number): number {
    this.#prediction.at(xs, row);
    return logNdtr((this.#limit - this.#prediction.mean) / this.#prediction.sigma);
  }

  valueAndGradient(x: Float64Array, gradient: Float64Array): number {
    const value = this.value(x, 0);
    const { mean, sigma } = this.#prediction;
    const z = (this.#limit - mean) / sigma;
    const hazard = Math.exp(logDensity(z) - value) / sigma;
    gradient.fill(0);
    this.#prediction.addGradient(x, -hazard, -hazard * z, gradient);
    return value;
  }
}

/**
 * The log of a product, as of improvement and feasibility (Gardner et al., "Bayesian Optimization with Inequality
 * Constraints", ICML 2014).
 */
export class LogProduct implements Acquisition {
  readonly #parts: readonly Acquisition[];
  #partGradient = new Float64Array(0);

  constructor(parts: readonly Acquisition[]) {
    this.#parts = parts;
  }

  value(xs: Float64Array, row: number): number {
    let sum = 0;
    for (const part of this.#parts) sum += part.value(xs, row);
    return sum;
  }

  valueAndGradient(x: Float64Array, gradient: Float64Array): number {
    if (this.#partGradient.length !== x.length) this.#partGradient = new Float64Array(x.length);
    let sum = 0;
    gradient.fill(0);
    for (const part of this.#parts) {
      sum += part.valueAndGradient(x, this.#partGradient);
      for (let j = 0; j < x.length; j++) gradient[j] += this.#partGradient[j];
    }
    return sum;
  }
}
