/** The standard normal distribution: cumulative probability and its inverse, also in logarithms, stable in both tails. */
import { erfc, erfcx } from './erf.ts';

export const LOG_SQRT_2PI = 0.91893853320467274178;
const SQRT1_2 = Math.SQRT1_2;

/** Probability that a standard normal is <= x. */
export function ndtr(x: number): number {
  return 0.5 * erfc(-x * SQRT1_2);
}

/** log(ndtr(x)) with full relative precision, down to x = -1e154. */
export function logNdtr(x: number): number {
  if (x > 0) return Math.log1p(-0.5 * erfc(x * SQRT1_2));
  return -0.5 * x * x + Math.log(0.5 * erfcx(-x * SQRT1_2));
}

function rational(numerator: readonly number[], denominator: readonly number[], r: number): number {
  let n = 0;
  let d = 0;
  for (let i = 7; i >= 0; i--) {
    n = n * r + numerator[i];
    d = d * r + denominator[i];
  }
  return n / d;
}

// M. J. Wichura, Algorithm AS 241 (PPND16), Applied Statistics 37, 1988. Lowest order first.
const CENTRE_N = [
  3.387132872796366608, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125,
  45921.953931549871457, 67265.770927008700853, 33430.575583588128105, 2509.0809287301226727,
];
const CENTRE_D = [
  1, 42.313330701600911252, 687.1870074920579083, 5394.1960214247511077, 21213.794301586595867,
  39307.89580009271061, 28729.085735721942674, 5226.495278852854561,
];
const TAIL_N = [
  1.42343711074968357734, 4.6303378461565452959, 5.7694972214606914055, 3.64784832476320460504,
  1.27045825245236838258, 0.24178072517745061177, 0.0227238449892691845833, 7.7454501427834140764e-4,
];
const TAIL_D = [
  1, 2.05319162663775882187, 1.6763848301838038494, 0.68976733498510000455, 0.14810397642748007459,
  0.0151986665636164571966, 5.475938084995344946e-4, 1.05075007164441684324e-9,
];
const FAR_N = [
  6.6579046435011037772, 5.4637849111641143699, 1.7848265399172913358, 0.29656057182850489123,
  0.026532189526576123093, 0.0012426609473880784386, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
];
const FAR_D = [
  1, 0.59983220655588793769, 0.13692988092273580531, 0.0148753612908506148525, 7.868691311456132591e-4,
  1.8463183175100546818e-5, 1.4215117583164458887e-7, 2.04426310338993978564e-15,
];

/** Quantile of p = exp(logP) <= 0.075, from r = sqrt(-log p). */
function leftTail(logP: number): number {
  const r = Math.sqrt(-logP);
  if (r <= 5) return -rational(TAIL_N, TAIL_D, r - 1.6);
  if (r <= 27) return -rational(FAR_N, FAR_D, r - 5);
  // Beyond exp(-729): log ndtr(x) ~ -x^2/2 - log(-x) - log sqrt(2 pi), then Newton on log ndtr.
  let x = -Math.sqrt(-2 * (logP + LOG_SQRT_2PI));
  for (let i = 0; i < 4; i++) x -= (logNdtr(x) - logP) / -x;
  return x;
}

/** Inverse of `ndtr`. -Infinity at 0, Infinity at 1. */
export function ndtri(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) return q * rational(CENTRE_N, CENTRE_D, 0.180625 - q * q);
  if (q < 0) return p === 0 ? Number.NEGATIVE_INFINITY : leftTail(Math.log(p));
  return p === 1 ? Number.POSITIVE_INFINITY : -leftTail(Math.log(1 - p));
}

/** Inverse of `logNdtr`: the x whose log-probability is `logP` <= 0. */
export function ndtriExp(logP: number): number {
  if (logP === Number.NEGATIVE_INFINITY || logP >= 0) return logP < 0 ? logP : Number.POSITIVE_INFINITY;
  if (logP < -2.6) return leftTail(logP);
  if (logP > -0.077) return -leftTail(Math.log(-Math.expm1(logP)));
  return ndtri(Math.exp(logP));
}
