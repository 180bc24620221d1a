/** The shape C of the sampling distribution N(mean, sigma^2 C). */
export interface Covariance {
  readonly dimensions: number;
  /** out = C^(1/2) z. */
  color(z: Float64Array, out: Float64Array): void;
  /** out = C^(-1/2) y. */
  whiten(y: Float64Array, out: Float64Array): void;
  /** C[j][j]. */
  variance(j: number): number;
  /** Standard deviations along the axes: the shortest and the longest. */
  axes(): { readonly shortest: number; readonly longest: number };
  /**
   * C = keep C + c1 path path^T + sum of weights[i] steps[i] steps[i]^T (Hansen, arXiv:1604.00772, eq. 47).
   * @param steps shape (weights.length, dimensions).
   */
  update(keep: number, c1: number, path: Float64Array, weights: Float64Array, steps: Float64Array): void;
}

/** An axis shorter than this part of the longest one, in variance, is below what doubles can tell. */
const MIN_RATIO = 1e-14;
const MIN_VARIANCE = 1e-30;

/** The least variance that an axis may have beside the largest one, so that its root can be divided by. */
export function varianceFloor(largest: number): number {
  return Math.max(MIN_RATIO * largest, MIN_VARIANCE);
}
