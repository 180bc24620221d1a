import { erfcx, LOG_SQRT_2PI, ndtr } from '../../src/math/index.ts';

const SQRT_HALF_PI = Math.sqrt(Math.PI / 2);

/** The logarithm of the standard normal density. */
export function logDensity(z: number): number {
  return -0.5 * z * z - LOG_SQRT_2PI;
}

/**
 * log E[max(0, z + Z)] of a standard normal Z, which is log(phi(z) + z Phi(z)), where it underflows too (Ament et al.,
 * "Unexpected Improvements to Expected Improvement for Bayesian Optimization", NeurIPS 2023, equation 9).
 */
export function standardLogEi(z: number): number {
  if (z > -1) return Math.log(Math.exp(logDensity(z)) + z * ndtr(z));
  // Below, phi and z Phi cancel: by the series 1 / z^2 - 3 / z^4 … if no digit of the difference is left.
  if (z < -1e5) return logDensity(z) - 2 * Math.log(-z);
  return logDensity(z) + Math.log1p(SQRT_HALF_PI * z * erfcx(-z * Math.SQRT1_2));
}
