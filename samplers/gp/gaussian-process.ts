import {
  appendRowWithJitter,
  choleskyWithJitter,
  inverseOfFactored,
  packedLength,
  solveLowerInPlace,
  solveUpperInPlace,
} from '../../src/math/index.ts';
import { Kernel, type KernelParams } from './kernel.ts';

/** Points as rows of normalized numbers (normalized-space.ts). */
export interface Points {
  /** Shape (n, isCategorical.length). */
  readonly x: Float64Array;
  readonly n: number;
  readonly isCategorical: readonly boolean[];
}

/**
 * Gaussian process regression (Rasmussen and Williams, 2006, algorithm 2.1): what the data say about f at other points.
 */
export class GaussianProcess {
  readonly kernel: Kernel;
  readonly d: number;
  /** The mean of f, without noise, at the point that `predict` was last called for. */
  mean = 0;
  variance = 0;
  readonly #isCategorical: readonly boolean[];
  /** That of the parameters, and what the factor needed beyond it. */
  readonly #noiseVar: number;
  #n: number;
  #x: Float64Array;
  /** K + noise = L L^T. */
  #l: Float64Array;
  /** inv(K + noise) y. */
  #alpha: Float64Array;
  /**
   * For the last point and each of the data: the derivatives of k that gradients need; then L^-1 k, and after
   * `gradients` K^-1 k.
   */
  #slopes: Float64Array;
  #tilts: Float64Array;
  #solved: Float64Array;

  /** @param y one value per point, of mean about 0. */
  constructor(points: Points, y: Float64Array, params: KernelParams) {
    this.kernel = new Kernel(points.isCategorical, params);
    this.d = points.isCategorical.length;
    this.#isCategorical = points.isCategorical;
    this.#n = points.n;
    this.#x = points.x;
    this.#l = covarianceMatrix(points, this.kernel);
    this.#noiseVar = params.noiseVar + choleskyWithJitter(this.#l, points.n);
    this.#alpha = Float64Array.from(y);
    solveLowerInPlace(this.#l, points.n, this.#alpha);
    solveUpperInPlace(this.#l, points.n, this.#alpha);
    this.#slopes = new Float64Array(points.n);
    this.#tilts = new Float64Array(points.n);
    this.#solved = new Float64Array(points.n);
  }

  /** The means at the data: y less what is taken for noise. */
  fitted(y: Float64Array): Float64Array {
    return y.map((value, i) => value - this.#noiseVar * this.#alpha[i]);
  }

  /** The means at the data, each predicted from all others (Rasmussen and Williams, 2006, equation 5.12). */
  leftOut(y: Float64Array): Float64Array {
    const inverse = inverseOfFactored(this.#l, this.#n);
    return y.map((value, i) => value - this.#alpha[i] / inverse[packedLength(i) + i]);
  }

  /** Sets `mean` and `variance` to those at row `row` of `xs`. */
  predict(xs: Float64Array, row = 0): void {
    const { kernelScale, quadraticScale } = this.kernel.params;
    const prior = this.kernel.covariance(xs, row, xs, row);
    let mean = 0;
    for (let i = 0; i < this.#n; i++) {
      const k = this.kernel.covariance(xs, row, this.#x, i);
      mean += k * this.#alpha[i];
      this.#solved[i] = k;
      this.#slopes[i] = 2 * kernelScale * this.kernel.maternSlope;
      this.#tilts[i] = 4 * quadraticScale * this.kernel.quadraticRoot;
    }
    solveLowerInPlace(this.#l, this.#n, this.#solved);
    let explained = 0;
    for (let i = 0; i < this.#n; i++) explained += this.#solved[i] * this.#solved[i];
    this.mean = mean;
    this.variance = Math.max(0, prior - explained);
  }

  /** The gradients of mean and variance at x, for which `predict` was called last; 0 for categorical columns. */
  gradients(x: Float64Array, meanGradient: Float64Array, varianceGradient: Float64Array): void {
    const { inverseSquaredLengthscales: w, quadraticScale } = this.kernel.params;
    this.kernel.covariance(x, 0, x, 0);
    const tilt = 8 * quadraticScale * this.kernel.quadraticRoot;
    solveUpperInPlace(this.#l, this.#n, this.#solved);
    for (let j = 0; j < this.d; j++) {
      meanGradient[j] = 0;
      varianceGradient[j] = this.#isCategorical[j] ? 0 : tilt * (2 * x[j] - 1);
    }
    for (let i = 0; i < this.#n; i++)
      for (let j = 0; j < this.d; j++) {
        if (this.#isCategorical[j]) continue;
        const y = this.#x[i * this.d + j];
        const change = this.#slopes[i] * w[j] * (x[j] - y) + this.#tilts[i] * (2 * y - 1);
        meanGradient[j] += this.#alpha[i] * change;
        varianceGradient[j] -= 2 * this.#solved[i] * change;
      }
  }

  /**
   * Adds points as if they had been observed with their predicted means (the "Kriging believer" of Ginsbourger, Le
   * Riche and Carraro, 2010): no mean changes, and variances fall.
   * @returns those means.
   */
  believe(points: readonly Float64Array[]): number[] {
    const means = points.map((point) => {
      this.predict(point);
      return this.mean;
    });
    const all = this.#n + points.length;
    this.#x = extended(this.#x, all * this.d);
    points.forEach((point, i) => {
      this.#x.set(point, (this.#n + i) * this.d);
    });
    this.#l = extended(this.#l, packedLength(all));
    for (let i = this.#n; i < all; i++) {
      const row = packedLength(i);
      for (let k = 0; k <= i; k++) this.#l[row + k] = this.kernel.covariance(this.#x, i, this.#x, k);
      this.#l[row + i] += this.#noiseVar;
      appendRowWithJitter(this.#l, i);
    }
    this.#n = all;
    this.#alpha = extended(this.#alpha, all);
    this.#slopes = new Float64Array(all);
    this.#tilts = new Float64Array(all);
    this.#solved = new Float64Array(all);
    return means;
  }
}

/** The lower triangle of K + noise, packed. */
export function covarianceMatrix({ x, n }: Points, kernel: Kernel): Float64Array<ArrayBuffer> {
  const k = new Float64Array(packedLength(n));
  for (let i = 0, at = 0; i < n; i++) {
    for (let m = 0; m <= i; m++) k[at++] = kernel.covariance(x, i, x, m);
    k[at - 1] += kernel.params.noiseVar;
  }
  return k;
}

function extended(numbers: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const all = new Float64Array(length);
  all.set(numbers);
  return all;
}
