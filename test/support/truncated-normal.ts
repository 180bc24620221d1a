import { logGaussMass } from '../../src/math/index.ts';

const LOG_SQRT_2PI = 0.5 * Math.log(2 * Math.PI);

/** log density at `x` of a normal(mean, sigma) cut to [low, high]; -Infinity outside. */
export function truncatedNormalLogPdf(
  x: number,
  mean: number,
  sigma: number,
  low: number,
  high: number,
): number {
  if (x < low || x > high) return Number.NEGATIVE_INFINITY;
  const z = (x - mean) / sigma;
  return (
    -0.5 * z * z - LOG_SQRT_2PI - logGaussMass((low - mean) / sigma, (high - mean) / sigma) - Math.log(sigma)
  );
}
