/** The values of a finite distribution by index. */

import {
  contains,
  type Distribution,
  type ParamValue,
  sameChoice,
  toExternalRepr,
} from '../../src/core/distribution.ts';

export function valueAt(d: Distribution, index: number): ParamValue {
  if (d.kind === 'categorical') return d.choices[index];
  return toExternalRepr(d, Math.min(d.low + index * (d.step ?? 0), d.high));
}

/** -1 if the distribution has no such value, or no steps. */
export function indexOf(d: Distribution, value: ParamValue | undefined): number {
  if (d.kind === 'categorical') return d.choices.findIndex((choice) => sameChoice(choice, value));
  if (typeof value !== 'number' || !contains(d, value)) return -1;
  if (d.low === d.high) return 0;
  return d.step === null ? -1 : Math.round((value - d.low) / d.step);
}
