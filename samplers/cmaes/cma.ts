import type { Covariance } from './covariance.ts';
import type { LearningRates } from './learning-rates.ts';
import type { Strategy } from './strategy.ts';

/** Bounds of the step size in the unit cube: outside of them nothing can be told apart. */
const MIN_SIGMA = 1e-30;
const MAX_SIGMA = 1e4;
/** Keeps a division by a length of 0 away (as Optuna's `cmaes`). */
const TINY = 1e-8;

/**
 * The covariance matrix adaptation evolution strategy (N. Hansen, The CMA Evolution Strategy: A Tutorial, arXiv:1604.00772),
 * separable if its covariance and strategy are.
 */
export class Cma {
  readonly covariance: Covariance;
  readonly mean: Float64Array;
  sigma: number;
  /** Updates so far. */
  generation = 0;
  readonly #strategyFor: (dimensions: number, popsize: number) => Strategy;
  /** For as many points as were told last. */
  #strategy: Strategy;
  /** Evolution paths of the covariance and of the step size. */
  readonly #path: Float64Array;
  readonly #sigmaPath: Float64Array;
  readonly #rates: LearningRates | null;

  /** @param rates adapts the learning rates; null: they are 1. */
  constructor(
    strategyFor: (dimensions: number, popsize: number) => Strategy,
    covariance: Covariance,
    mean: Float64Array,
    sigma: number,
    rates: LearningRates | null = null,
  ) {
    this.#strategyFor = strategyFor;
    this.#strategy = strategyFor(mean.length, 2);
    this.covariance = covariance;
    this.mean = mean.slice();
    this.sigma = sigma;
    this.#path = new Float64Array(mean.length);
    this.#sigmaPath = new Float64Array(mean.length);
    this.#rates = rates;
  }

  /** Writes mean + sigma C^(1/2) z to `out`. */
  sample(z: Float64Array, out: Float64Array): void {
    this.covariance.color(z, out);
    for (let j = 0; j < out.length; j++) out[j] = this.mean[j] + this.sigma * out[j];
  }

  /** @param points at least two, shape (any number, dimensions), best first, finite. */
  tell(points: Float64Array): void {
    this.generation++;
    const popsize = points.length / this.mean.length;
    if (this.#strategy.popsize !== popsize) this.#strategy = this.#strategyFor(this.mean.length, popsize);
    const before = this.#rates?.before(this);
    const steps = this.#stepsTo(points);
    const weights = this.#covarianceWeights(steps);
    const step = this.#moveMean(steps);
    const isStalled = this.#adaptSigma(step);
    this.#adaptCovariance(step, steps, weights, isStalled);
    if (before !== undefined) this.#rates!.adapt(before, this);
    this.sigma = Math.min(Math.max(this.sigma, MIN_SIGMA), MAX_SIGMA);
  }

  /** (points - mean) / sigma. */
  #stepsTo(points: Float64Array): Float64Array {
    const { mean, sigma } = this;
    const d = mean.length;
    const steps = new Float64Array(points.length);
    for (let at = 0; at < points.length; at += d)
      for (let j = 0; j < d; j++) steps[at + j] = (points[at + j] - mean[j]) / sigma;
    return steps;
  }

  /** Steps of negative weight count with the length that they have on average (eq. 46). */
  #covarianceWeights(steps: Float64Array): Float64Array {
    const { weights, cMu } = this.#strategy;
    const d = this.mean.length;
    const white = new Float64Array(d);
    return weights.map((weight, i) => {
      if (weight >= 0) return cMu * weight;
      this.covariance.whiten(steps.subarray(i * d, (i + 1) * d), white);
      return (cMu * weight * d) / (squaredLength(white) + TINY);
    });
  }

  /** Returns the weighted mean of the parents' steps (eq. 41, 42). */
  #moveMean(steps: Float64Array): Float64Array {
    const { weights, nParents } = this.#strategy;
    const d = this.mean.length;
    const step = new Float64Array(d);
    for (let i = 0; i < nParents; i++) for (let j = 0; j < d; j++) step[j] += weights[i] * steps[i * d + j];
    for (let j = 0; j < d; j++) this.mean[j] += this.sigma * step[j];
    return step;
  }

  /** Adapts the step size to its path (eq. 43, 44). Returns whether that is so long that the other one is to wait (h_sigma = 0). */
  #adaptSigma(step: Float64Array): boolean {
    const { cSigma, dSigma, muEff, meanLength } = this.#strategy;
    const d = step.length;
    const path = this.#sigmaPath;
    const white = new Float64Array(d);
    this.covariance.whiten(step, white);
    const gain = Math.sqrt(cSigma * (2 - cSigma) * muEff);
    for (let j = 0; j < d; j++) path[j] = (1 - cSigma) * path[j] + gain * white[j];
    const length = Math.sqrt(squaredLength(path));
    // One step never multiplies by more than e: points that others put far away must not blow the distribution up.
    this.sigma *= Math.exp(Math.min(1, (cSigma / dSigma) * (length / meanLength - 1)));
    const unbiased = length / Math.sqrt(1 - (1 - cSigma) ** (2 * (this.generation + 1)));
    return unbiased >= (1.4 + 2 / (d + 1)) * meanLength;
  }

  /** Eq. 45 and 47. */
  #adaptCovariance(step: Float64Array, steps: Float64Array, weights: Float64Array, isStalled: boolean): void {
    const { c1, cMu, cPath, muEff, weights: own } = this.#strategy;
    const gain = isStalled ? 0 : Math.sqrt(cPath * (2 - cPath) * muEff);
    for (let j = 0; j < step.length; j++) this.#path[j] = (1 - cPath) * this.#path[j] + gain * step[j];
    const lost = isStalled ? cPath * (2 - cPath) : 0;
    let total = 0;
    for (const weight of own) total += weight;
    this.covariance.update(1 + c1 * lost - c1 - cMu * total, c1, this.#path, weights, steps);
  }
}

function squaredLength(x: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < x.length; j++) sum += x[j] * x[j];
  return sum;
}
