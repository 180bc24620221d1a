/** The standard normal distribution: cumulative probability and its inverse, also in logarithms, stable in both tails. */
import { erfc, erfcx } from './erf.ts';

export const LOG_SQRT_2PI = 0.9189385332046728;
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
const CENTER_N = [
  3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987,
  67265.7709270087, 33430.57558358813, 2509.0809287301227,
];
const CENTER_D = [
  1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271,
  28729.085735721943, 5226.495278852854,
];
const TAIL_N = [
  1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684,
  0.2417807251774506, 0.022723844989269184, 0.0007745450142783414,
];
const TAIL_D = [
  1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457,
  0.0005475938084995345, 1.0507500716444169e-9,
];
const FAR_N = [
  6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487, 0.026532189526576124,
  0.0012426609473880784, 2.7115555687434876e-5, 2.0103343992922881e-7,
];
const FAR_D = [
  1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133,
  1.8463183175100548e-5, 1.421511758316446e-7, 2.0442631033899397e-15,
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
  if (Math.abs(q) <= 0.425) return q * rational(CENTER_N, CENTER_D, 0.180625 - q * q);
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
