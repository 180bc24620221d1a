import { contains, type Distribution, type ParamValue, sameChoice } from '../src/core/distribution.ts';

/** Whether an external value is one of the distribution's. */
export function holds(d: Distribution, value: ParamValue): boolean {
  if (d.kind === 'categorical') return d.choices.some((choice) => sameChoice(choice, value));
  return typeof value === 'number' && contains(d, value);
}
