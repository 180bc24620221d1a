/** Order statistics and errors of samples. */
import { InvalidArgumentError } from '../core/errors.ts';

/**
 * Returns a quantile by linear interpolation between order statistics (Hyndman and Fan's type 7, NumPy's default).
 * Infinite values are allowed; an interpolation that touches one is infinite.
 * @throws InvalidArgumentError if there is no value, a NaN, or `probability` is outside [0, 1].
 */
export function quantile(values: ArrayLike<number>, probability: number): number {
  if (values.length === 0) throw new InvalidArgumentError('a quantile needs at least one value, but got []');
  if (!(probability >= 0 && probability <= 1))
    throw new InvalidArgumentError(`a quantile needs a probability in [0, 1], but got ${probability}`);
  const sorted = Float64Array.from(values).sort();
  if (Number.isNaN(sorted[sorted.length - 1]))
    throw new InvalidArgumentError('a quantile of NaN is undefined');
  const position = probability * (sorted.length - 1);
  const below = Math.floor(position);
  const fraction = position - below;
  const low = sorted[below];
  if (fraction === 0 || low === sorted[below + 1] || low === Number.NEGATIVE_INFINITY) return low;
  return low + fraction * (sorted[below + 1] - low);
}

/** Returns the mean of the two middle values if their number is even. @param values at least one; not changed. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Returns a median that is one of the values: the larger middle one if their number is even. @param values at least one; not changed. */
export function upperMedian(values: ArrayLike<number>): number {
  return Float64Array.from(values).sort()[values.length >> 1];
}

/** Returns the median absolute deviation from the median, not scaled to a standard deviation. */
export function medianAbsoluteDeviation(values: readonly number[]): number {
  const center = median(values);
  return median(values.map((value) => Math.abs(value - center)));
}

/** Returns the median of each value and up to `reach` neighbors on either side. */
export function runningMedian(values: readonly number[], reach: number): number[] {
  return values.map((_, i) => median(values.slice(Math.max(0, i - reach), i + reach + 1)));
}

/** Returns the root mean squared error, in the unit of the values. */
export function rmse(predicted: readonly number[], actual: readonly number[]): number {
  return Math.sqrt(predicted.reduce((sum, p, i) => sum + (p - actual[i]) ** 2, 0) / actual.length);
}

/** Returns the mean absolute percentage error, per cent. */
export function mape(predicted: readonly number[], actual: readonly number[]): number {
  return (100 * predicted.reduce((sum, p, i) => sum + Math.abs(p / actual[i] - 1), 0)) / actual.length;
}
