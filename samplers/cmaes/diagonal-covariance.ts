import { type Covariance, varianceFloor } from './covariance.ts';

/** A diagonal covariance: of separable CMA-ES. */
export class DiagonalCovariance implements Covariance {
  readonly dimensions: number;
  readonly #variances: Float64Array;
  readonly #roots: Float64Array;

  constructor(dimensions: number) {
    this.dimensions = dimensions;
    this.#variances = new Float64Array(dimensions).fill(1);
    this.#roots = new Float64Array(dimensions).fill(1);
  }

  color(z: Float64Array, out: Float64Array): void {
    for (let j = 0; j < this.dimensions; j++) out[j] = this.#roots[j] * z[j];
  }

  whiten(y: Float64Array, out: Float64Array): void {
    for (let j = 0; j < this.dimensions; j++) out[j] = y[j] / this.#roots[j];
  }

  variance(j: number): number {
    return this.#variances[j];
  }

  axes(): { readonly shortest: number; readonly longest: number } {
    return { shortest: Math.min(...this.#roots), longest: Math.max(...this.#roots) };
  }

  update(keep: number, c1: number, path: Float64Array, weights: Float64Array, steps: Float64Array): void {
    const d = this.dimensions;
    const c = this.#variances;
    for (let j = 0; j < d; j++) {
      let rankMu = 0;
      for (let i = 0, at = j; i < weights.length; i++, at += d) rankMu += weights[i] * steps[at] * steps[at];
      c[j] = keep * c[j] + c1 * path[j] * path[j] + rankMu;
    }
    const floor = varianceFloor(Math.max(...c));
    for (let j = 0; j < d; j++) {
      c[j] = Math.max(c[j], floor);
      this.#roots[j] = Math.sqrt(c[j]);
    }
  }
}
