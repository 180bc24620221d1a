/** Numeric parameters as real numbers in which equal distances mean the same: log if `log`, half a step of room if stepped. */
import {
  type CategoricalDistribution,
  type Distribution,
  type ParamValue,
  toExternalRepr,
  toInternalRepr,
} from './distribution.ts';

export type NumericDistribution = Exclude<Distribution, CategoricalDistribution>;

export interface Bounds {
  readonly low: number;
  readonly high: number;
}

export function realBounds(d: NumericDistribution): Bounds {
  const half = (d.step ?? 0) / 2;
  const [low, high] = [d.low - half, d.high + half];
  return d.log ? { low: Math.log(low), high: Math.log(high) } : { low, high };
}

export function toReal(d: NumericDistribution, value: ParamValue): number {
  const internal = toInternalRepr(d, value);
  return d.log ? Math.log(internal) : internal;
}

/** The value of the distribution nearest to a real number. */
export function fromReal(d: NumericDistribution, real: number): ParamValue {
  const x = d.log ? Math.exp(real) : real;
  const value = d.step === null ? x : d.low + Math.round((x - d.low) / d.step) * d.step;
  return toExternalRepr(d, Math.min(Math.max(value, d.low), d.high));
}
