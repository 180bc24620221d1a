/**
 * How plausible kernel parameters are: the log marginal likelihood of the data plus Optuna's priors, with gradients.
 */
import {
  choleskyInPlace,
  inverseOfFactored,
  packedLength,
  solveLowerInPlace,
  solveUpperInPlace,
} from '../../src/math/index.ts';
import type { Points } from './gaussian-process.ts';
import { Kernel, type KernelParams } from './kernel.ts';

export const MINIMUM_NOISE = 1e-6;

/**
 * A density of the quadratic scale, up to a constant: Gamma with shape 1.1 and rate 1, like those of the other scales.
 */
const QUADRATIC_SHAPE = 1.1;

/** A function of the parameters and its derivatives by them. */
export interface ParamsDensity {
  readonly value: number;
  readonly byInverseSquaredLengthscales: Float64Array;
  readonly byKernelScale: number;
  readonly byQuadraticScale: number;
  readonly byNoiseVar: number;
}

/**
 * log p(y | params) + n/2 log(2 pi) as a function of the parameters (Rasmussen and Williams, 2006, equations 2.30 and
 * 5.9).
 */
export class LogMarginalLikelihood {
  readonly #points: Points;
  readonly #y: Float64Array;
  // For each pair of points, packed: the covariance, later its Cholesky factor, and what the kernel tells of the pair.
  readonly #l: Float64Array;
  readonly #matern: Float64Array;
  readonly #maternSlope: Float64Array;
  readonly #root: Float64Array;

  constructor(points: Points, y: Float64Array) {
    this.#points = points;
    this.#y = y;
    this.#l = new Float64Array(packedLength(points.n));
    this.#matern = this.#l.slice();
    this.#maternSlope = this.#l.slice();
    this.#root = this.#l.slice();
  }

  /** @returns null if the covariance matrix is not positive definite to rounding. */
  at(params: KernelParams): ParamsDensity | null {
    const { n } = this.#points;
    const l = this.#l;
    this.#fill(params);
    if (!choleskyInPlace(l, n)) return null;
    const alpha = Float64Array.from(this.#y);
    solveLowerInPlace(l, n, alpha);
    let value = 0;
    for (let i = 0; i < n; i++) value -= Math.log(l[packedLength(i) + i]) + 0.5 * alpha[i] * alpha[i];
    solveUpperInPlace(l, n, alpha);
    return { value, ...this.#slopes(params, alpha, inverseOfFactored(l, n)) };
  }

  #fill(params: KernelParams): void {
    const { n, x, isCategorical } = this.#points;
    const kernel = new Kernel(isCategorical, params);
    for (let i = 0, at = 0; i < n; i++) {
      for (let m = 0; m <= i; m++, at++) {
        this.#l[at] = kernel.covariance(x, i, x, m);
        this.#matern[at] = kernel.matern;
        this.#maternSlope[at] = kernel.maternSlope;
        this.#root[at] = kernel.quadraticRoot;
      }
      this.#l[at - 1] += params.noiseVar;
    }
  }

  #slopes(params: KernelParams, alpha: Float64Array, inverse: Float64Array): Omit<ParamsDensity, 'value'> {
    const { n, x, isCategorical } = this.#points;
    const d = isCategorical.length;
    const byWeight = new Float64Array(d);
    let byKernelScale = 0;
    let byQuadraticScale = 0;
    let byNoiseVar = 0;
    for (let i = 0, at = 0; i < n; i++)
      for (let m = 0; m <= i; m++, at++) {
        // d value / d K = (alpha alpha^T - inv(K)) / 2, and what is off the diagonal counts twice.
        const byK = (i === m ? 0.5 : 1) * (alpha[i] * alpha[m] - inverse[at]);
        byKernelScale += byK * this.#matern[at];
        byQuadraticScale += byK * this.#root[at] * this.#root[at];
        const bySquared = byK * params.kernelScale * this.#maternSlope[at];
        for (let j = 0, p = i * d, q = m * d; j < d; j++) {
          const difference = x[p + j] - x[q + j];
          if (isCategorical[j]) byWeight[j] += difference === 0 ? 0 : bySquared;
          else byWeight[j] += bySquared * difference * difference;
        }
        if (i === m) byNoiseVar += byK;
      }
    return { byInverseSquaredLengthscales: byWeight, byKernelScale, byQuadraticScale, byNoiseVar };
  }
}

/**
 * Optuna's priors, up to a constant: of w, -0.1 / w - 0.1 w; Gamma(2, rate 1) of the kernel scale, Gamma(1.1, rate 30)
 * of the noise.
 */
export function logPrior(params: KernelParams): ParamsDensity {
  const { inverseSquaredLengthscales: w, kernelScale, quadraticScale, noiseVar } = params;
  const byWeight = new Float64Array(w.length);
  let value = Math.log(kernelScale) - kernelScale + 0.1 * Math.log(noiseVar) - 30 * noiseVar;
  for (let j = 0; j < w.length; j++) {
    value -= 0.1 / w[j] + 0.1 * w[j];
    byWeight[j] = 0.1 / (w[j] * w[j]) - 0.1;
  }
  if (quadraticScale > 0) value += (QUADRATIC_SHAPE - 1) * Math.log(quadraticScale) - quadraticScale;
  return {
    value,
    byInverseSquaredLengthscales: byWeight,
    byKernelScale: 1 / kernelScale - 1,
    byQuadraticScale: quadraticScale > 0 ? (QUADRATIC_SHAPE - 1) / quadraticScale - 1 : 0,
    byNoiseVar: 0.1 / noiseVar - 30,
  };
}
