import { cardinality, type Distribution, type ParamValue, type SearchSpace } from '../core/distribution.ts';
import { InvalidArgumentError } from '../core/errors.ts';

/** Every value of every parameter, for the grid sampler. @throws InvalidArgumentError if a parameter is continuous. */
export function gridOfSpace(space: SearchSpace): Record<string, ParamValue[]> {
  return Object.fromEntries(Object.entries(space).map(([name, d]) => [name, valuesOf(name, d)]));
}

function valuesOf(name: string, d: Distribution): ParamValue[] {
  if (d.kind === 'categorical') return [...d.choices];
  const { low, high, step } = d;
  if (step === null)
    throw new InvalidArgumentError(
      `the grid sampler needs a finite space, but '${name}' is continuous; give it a step, or leave grid out`,
    );
  return Array.from({ length: cardinality(d) }, (_, k) => Math.min(high, low + k * step));
}
