/** Mutations of numeric parameters. (A categorical parameter that mutates is drawn anew.) */
import type { Attrs } from '../../src/core/frozen-trial.ts';
import type { Bounds } from '../../src/core/numeric-transform.ts';
import { checkOption, NOT_NEGATIVE } from '../../src/core/option-rules.ts';
import type { Rng } from '../../src/core/rng.ts';

/** How a genetic sampler changes a numeric parameter of a child. */
export interface Mutation {
  /** Name and settings as plain data; `mutationFrom` makes the mutation of it again. */
  readonly options: Attrs;
  /** The mutated parameter, in the real space of numeric-transform.ts; it is cut to the bounds. */
  mutate(x: number, bounds: Bounds, rng: Rng): number;
}

/** Draws the parameter anew, uniformly. */
export function uniformMutation(): Mutation {
  return { options: { name: 'uniform' }, mutate: (_, { low, high }, rng) => rng.uniformIn(low, high) };
}

/**
 * Polynomial mutation: a step whose density falls off as a power, cut to the bounds (Deb et al., NSGA-II, IEEE TEC 6(2),
 * 2002, and its C code, revision 1.1.6).
 * @param eta distribution index, at least 0: the larger, the smaller the steps.
 */
export function polynomialMutation(eta = 20): Mutation {
  checkOption('eta', eta, NOT_NEGATIVE);
  return {
    options: { name: 'polynomial', eta },
    mutate: (x, { low, high }, rng) => {
      const u = rng.uniform();
      const width = high - low;
      const power = 1 / (eta + 1);
      /** What the largest step to a side leaves of the range. */
      const rest = (1 - (u <= 0.5 ? x - low : high - x) / width) ** (eta + 1);
      const step =
        u <= 0.5
          ? (2 * u + (1 - 2 * u) * rest) ** power - 1
          : 1 - (2 * (1 - u) + (2 * u - 1) * rest) ** power;
      return x + step * width;
    },
  };
}
