/** Numeric parameters as real numbers in which equal distances mean the same: log if `log`, half a step of room if stepped. */
import {
  type CategoricalDistribution,
  cardinality,
  type Distribution,
  type ParamValue,
  toExternalRepr,
  toInternalRepr,
} from './distribution.ts';

/** A distribution of numbers. */
export type NumericDistribution = Exclude<Distribution, CategoricalDistribution>;

/** A range of real numbers. */
export interface Bounds {
  /** The least number. */
  readonly low: number;
  /** The greatest number. */
  readonly high: number;
}

/** One over a shorter range, or sums of larger numbers, are near the largest double or beyond. */
const LEAST_RANGE = 1e-290;
const LARGEST = 1e290;
/** Logarithms of numbers that differ by less, relative to their size, have few digits in common with what they stand for. */
const LEAST_RATIO = 1 + 1e-6;

/**
 * A distribution to compute with: this one or, if its numbers are so small, so large or so near to each other that doubles cannot
 * be relied on, [0, 1] in its place, or the numbers of its steps.
 */
export function tractable(d: NumericDistribution): NumericDistribution {
  const { low, high, step, log } = d;
  const isExtreme = log
    ? high < low * LEAST_RATIO
    : high - low < LEAST_RANGE || Math.max(Math.abs(low), Math.abs(high)) > LARGEST;
  if (!isExtreme || low === high || d.kind === 'int') return d;
  return step === null
    ? { kind: 'float', low: 0, high: 1, log: false, step }
    : { kind: 'float', low: 0, high: cardinality(d) - 1, log: false, step: 1 };
}

/** Returns the range of real numbers that stand for the values of a distribution. */
export function realBounds(d: NumericDistribution): Bounds {
  const { low: first, high: last, step, log } = tractable(d);
  const half = (step ?? 0) / 2;
  const [low, high] = [first - half, last + half];
  return log ? { low: Math.log(low), high: Math.log(high) } : { low, high };
}

/** Returns the real number that stands for a value; inverse of `fromReal`. */
export function toReal(d: NumericDistribution, value: ParamValue): number {
  const internal = toInternalRepr(d, value);
  if (tractable(d) !== d) return (internal - d.low) / (d.step ?? d.high - d.low);
  return d.log ? Math.log(internal) : internal;
}

/** The value of the distribution nearest to a real number. */
export function fromReal(d: NumericDistribution, real: number): ParamValue {
  return toExternalRepr(d, Math.min(Math.max(nearest(d, real), d.low), d.high));
}

function nearest(d: NumericDistribution, real: number): number {
  const { low, high, step, log } = d;
  if (tractable(d) !== d) return step === null ? low + real * (high - low) : low + Math.round(real) * step;
  const x = log ? Math.exp(real) : real;
  return step === null ? x : low + Math.round((x - low) / step) * step;
}
