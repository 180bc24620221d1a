import { checkOption, NOT_NEGATIVE, orNull } from '../../../src/core/option-rules.ts';
import type { Crossover } from '../crossover.ts';

const N_PARENTS = 3;

/**
 * Simplex crossover: uniform in the simplex of three parents, enlarged about its center (Tsutsui, Goldberg and Sastry,
 * "Progress Toward Linkage Learning in Real-Coded GAs with Simplex Crossover", IlliGAL report 2000007, section 2).
 * @param epsilon the enlargement, at least 0; default (null) the square root of the number of parameters plus 2.
 */
export function spxCrossover(epsilon: number | null = null): Crossover {
  checkOption('epsilon', epsilon, orNull(NOT_NEGATIVE));
  return {
    options: { name: 'spx', epsilon },
    nParents: N_PARENTS,
    cross: (parents, bounds, rng) => {
      const enlargement = epsilon ?? Math.sqrt(bounds.length + 2);
      const weights = Array.from({ length: N_PARENTS - 1 }, (_, k) => rng.uniform() ** (1 / (k + 1)));
      return bounds.map((_, j) => {
        const center = parents.reduce((sum, parent) => sum + parent[j], 0) / N_PARENTS;
        const corner = (k: number): number => center + enlargement * (parents[k][j] - center);
        let offset = 0;
        weights.forEach((weight, k) => {
          offset = weight * (corner(k) - corner(k + 1) + offset);
        });
        return corner(N_PARENTS - 1) + offset;
      });
    },
  };
}
