import { cardinality, type Distribution, type ParamValue } from '../core/distribution.ts';
import { InvalidArgumentError } from '../core/errors.ts';
import type { SpaceEntries } from '../core/space.ts';

const MOST_VALUES = 10_000_000;

/** Every value of every parameter, for the grid sampler. @throws InvalidArgumentError if a parameter is continuous or conditional. */
export function gridOfSpace(space: SpaceEntries): Record<string, ParamValue[]> {
  return Object.fromEntries(
    Object.entries(space).map(([name, entry]) => {
      if (entry.kind !== 'choice') return [name, valuesOf(name, entry)];
      throw new InvalidArgumentError(
        `the grid sampler needs a space without conditions, but '${name}' is a choice of sub-spaces; use brute-force`,
      );
    }),
  );
}

function valuesOf(name: string, d: Distribution): ParamValue[] {
  if (d.kind === 'categorical') return [...d.choices];
  const { low, high, step } = d;
  if (step === null)
    throw new InvalidArgumentError(
      `the grid sampler needs a finite space, but '${name}' is continuous; give it a step, or leave grid out`,
    );
  const count = cardinality(d);
  if (count > MOST_VALUES)
    throw new InvalidArgumentError(
      `the grid sampler tries every value, of at most ${MOST_VALUES}, but '${name}' has ${count}; give it a wider step, ` +
        'or leave grid out',
    );
  return Array.from({ length: count }, (_, k) => Math.min(high, low + k * step));
}
