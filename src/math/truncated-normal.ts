/** The normal distribution cut to an interval. `a` and `b` are the bounds in standard deviations from the mean. */
import { LOG_SQRT_2PI, logNdtr, ndtr, ndtri, ndtriExp } from './normal.ts';

/** log(exp(x) - exp(y)) for x >= y. */
function logDiffExp(x: number, y: number): number {
  return x + Math.log1p(-Math.exp(y - x));
}

function logAddExp(x: number, y: number): number {
  const high = Math.max(x, y);
  return high === Number.NEGATIVE_INFINITY ? high : high + Math.log1p(Math.exp(-Math.abs(x - y)));
}

/** Below this width (times the distance from 0) an interval's mass is its density times its width, to 1e-13. */
const NARROW = 1e-6;

/** log P(a < Z < b) of a standard normal Z, without cancellation in the tails; -Infinity if a = b. */
export function logGaussMass(a: number, b: number): number {
  const middle = 0.5 * (a + b);
  if ((b - a) * Math.max(1, Math.abs(middle)) < NARROW)
    return Math.log(b - a) - 0.5 * middle * middle - LOG_SQRT_2PI;
  if (b <= 0) return logDiffExp(logNdtr(b), logNdtr(a));
  if (a > 0) return logDiffExp(logNdtr(-a), logNdtr(-b));
  return Math.log1p(-ndtr(a) - ndtr(-b));
}

/** Quantile q of a standard normal of which the masses `below` and `above` are cut off. */
export function quantileBetween(q: number, below: number, above: number): number {
  const mass = 1 - below - above;
  const p = below + q * mass;
  // Work from the nearer tail, where a probability keeps its precision.
  return p <= 0.5 ? ndtri(p) : -ndtri(above + (1 - q) * mass);
}

/** Quantile q in [0, 1] of a standard normal cut to [a, b]. */
export function truncatedNormalPpf(q: number, a: number, b: number): number {
  if (q <= 0) return a;
  if (q >= 1) return b;
  let x: number;
  if (a > 0) x = -leftPpf(1 - q, -b, -a);
  else if (b < 0) x = leftPpf(q, a, b);
  else x = quantileBetween(q, ndtr(a), ndtr(-b));
  return Math.min(Math.max(x, a), b);
}

function leftPpf(q: number, a: number, b: number): number {
  return ndtriExp(logAddExp(logNdtr(a), Math.log(q) + logGaussMass(a, b)));
}
