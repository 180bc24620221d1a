/** Losses as the numbers that a Gaussian process is fitted to: of mean 0 and variance 1, on one of two scales. */
import { upperMedian } from '../../src/math/statistics.ts';

/**
 * `half-log` leaves the better half of the losses as they are and takes logarithms of the others' distances from it:
 *   y <= median: y;   y > median: median + s log(1 + (y - median) / s),   s = median - minimum.
 *
 * Design note: Optuna has only the linear scale. There, a few huge losses make all good ones look equal. Which scale
 * fits is decided by the data (output-model.ts). On Rosenbrock's function in 5-d the median best of 100 trials fell
 * from 81 to 4.
 */
export type OutputScale = 'linear' | 'half-log';

export interface ScaledOutput {
  /** Standardized. */
  readonly y: Float64Array;
  /** log |dy / dloss|, summed over the losses: what makes densities on two scales comparable. */
  readonly logJacobian: number;
  /** The y of a loss of 0, on the linear scale. */
  readonly zero: number;
}

/** @returns null if the losses have no such scale: the better half are all equal. */
export function scaleOutput(losses: Float64Array, scale: OutputScale): ScaledOutput | null {
  // Numbers near 1e308 must not overflow.
  const unit = losses.reduce((a, b) => Math.max(a, Math.abs(b)), 0) || 1;
  const values = losses.map((loss) => loss / unit);
  let logJacobian = 0;
  if (scale === 'half-log') {
    const median = upperMedian(values);
    const s = median - values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
    if (!(s > 0)) return null;
    for (let i = 0; i < values.length; i++) {
      if (values[i] <= median) continue;
      const log = Math.log1p((values[i] - median) / s);
      values[i] = median + s * log;
      logJacobian -= log;
    }
  }
  const n = values.length || 1;
  const mean = values.reduce((a, b) => a + b, 0) / n;
  const deviation = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / n);
  const width = deviation > 1e-15 ? deviation : 1;
  return {
    y: values.map((value) => (value - mean) / width),
    logJacobian: logJacobian - n * (Math.log(width) + Math.log(unit)),
    zero: -mean / width,
  };
}

/** A copy with infinite losses at the largest and smallest finite one (all 0 if none is finite), as in Optuna. */
export function clipInfinite(losses: Float64Array): Float64Array<ArrayBuffer> {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const loss of losses) {
    if (!Number.isFinite(loss)) continue;
    low = Math.min(low, loss);
    high = Math.max(high, loss);
  }
  if (low > high) return new Float64Array(losses.length);
  return Float64Array.from(losses, (loss) => Math.min(Math.max(loss, low), high));
}
