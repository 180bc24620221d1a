import type { Bounds } from '../../../src/core/numeric-transform.ts';
import { checkOptions, NOT_NEGATIVE, orNull } from '../../../src/core/option-rules.ts';
import { addScaled, dot, norm } from '../../../src/math/vector.ts';
import type { Crossover } from '../crossover.ts';

export interface UndxOptions {
  /** Spread along the line of the first two parents; default 0.5. */
  readonly sigmaXi?: number | undefined;
  /** Spread across it; default (null) 0.35 over the square root of the number of parameters. */
  readonly sigmaEta?: number | null | undefined;
}

/**
 * Unimodal normal distribution crossover: normal about the middle of two parents, along their line by its length, across
 * it by the third parent's distance (Kita, Ono and Kobayashi, CEC 1999, section 2, equations (2) to (5)).
 * Design notes: the standard deviations are the squares of the two sigmas, as in Optuna. Noise across the line is
 * isotropic noise less its part along the line, which needs no basis of the other directions. Lengths are measured in
 * ranges of the parameters, as a distance over unlike units would mean nothing; where all ranges are equal, that changes
 * nothing.
 */
export function undxCrossover(options: UndxOptions = {}): Crossover {
  checkOptions('the undx crossover', options, { sigmaXi: NOT_NEGATIVE, sigmaEta: orNull(NOT_NEGATIVE) });
  const { sigmaXi = 0.5, sigmaEta = null } = options;
  return {
    options: { name: 'undx', sigmaXi, sigmaEta },
    nParents: 3,
    cross: ([first, second, third], bounds, rng) => {
      const eta = sigmaEta ?? 0.35 / Math.sqrt(bounds.length);
      const line = difference(second, first, bounds);
      const length = norm(line);
      const across = bounds.map(() => rng.normal());
      const along = rng.normal() * sigmaXi ** 2;
      const aside = difference(third, first, bounds);
      if (length > 0) for (const vector of [across, aside]) removeDirection(vector, line, length);
      const noise = eta ** 2 * norm(aside);
      return bounds.map(({ low, high }, j) => {
        const offset = noise * across[j] - along * line[j];
        return (first[j] + second[j]) / 2 + offset * (high - low);
      });
    },
  };
}

/** a - b in units of each parameter's range. */
function difference(a: Float64Array, b: Float64Array, bounds: readonly Bounds[]): number[] {
  return bounds.map(({ low, high }, j) => (a[j] - b[j]) / (high - low));
}

/** Takes from the vector its part along a direction of the given length. */
function removeDirection(vector: number[], direction: readonly number[], length: number): void {
  addScaled(vector, direction, -dot(vector, direction) / length ** 2);
}
