import { cardinality, type Distribution, type ParamValue, toExternalRepr } from './distribution.ts';
import { tractable } from './numeric-transform.ts';

/**
 * The value of a distribution at `u`, uniform in [0, 1): over log x if `log`, over the steps if stepped, over the choices
 * if categorical.
 */
export function uniformAt(u: number, d: Distribution): ParamValue {
  if (d.kind === 'categorical') return d.choices[Math.floor(u * d.choices.length)];
  if (d.kind === 'int' && d.log) {
    // Integers are cells of half a unit to either side, so that the ends are as likely as their neighbors.
    const x = Math.exp(between(u, Math.log(d.low - 0.5), Math.log(d.high + 0.5)));
    return Math.min(Math.max(Math.round(x), d.low), d.high);
  }
  if (d.step !== null) {
    const value = d.low + Math.floor(u * cardinality(d)) * d.step;
    return toExternalRepr(d, Math.min(value, d.high));
  }
  if (!d.log || tractable(d) !== d) return Math.min(between(u, d.low, d.high), d.high);
  return Math.min(Math.max(Math.exp(between(u, Math.log(d.low), Math.log(d.high))), d.low), d.high);
}

function between(u: number, low: number, high: number): number {
  return low + (high - low) * u;
}
