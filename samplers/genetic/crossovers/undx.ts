import type { Bounds } from '../../../src/core/numeric-transform.ts';
import { NOT_NEGATIVE, orNull } from '../../../src/core/option-rules.ts';
import { defineOptions, type OptionsOf, option } from '../../../src/core/options.ts';
import { addScaled, dot, norm } from '../../../src/math/vector.ts';
import type { Crossover } from '../crossover.ts';

const OPTIONS = defineOptions('the undx crossover', {
  /** Spread along the line of the first two parents. Default 0.5. */
  sigmaXi: option(NOT_NEGATIVE, 0.5),
  /** Spread across it. Default (null): 0.35 over the square root of the number of parameters. */
  sigmaEta: option(orNull(NOT_NEGATIVE), null),
});

export interface UndxOptions extends OptionsOf<typeof OPTIONS> {}

/**
 * Unimodal normal distribution crossover: normal about the middle of two parents, along their line by its length, across
 * it by the third parent's distance (Kita, Ono and Kobayashi, CEC 1999, section 2, equations (2) to (5)).
 * Design notes: the standard deviations are the squares of the two sigmas, as in Optuna. Noise across the line is
 * isotropic noise less its part along the line, which needs no basis of the other directions. Lengths are measured in
 * ranges of the parameters, as a distance over unlike units would mean nothing; where all ranges are equal, that changes
 * nothing.
 */
export function undxCrossover(options: UndxOptions = {}): Crossover {
  const settings = OPTIONS.read(options);
  const { sigmaXi, sigmaEta } = settings;
  return {
    options: { name: 'undx', ...settings },
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
