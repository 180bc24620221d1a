import { checkOption, NOT_NEGATIVE } from '../../../src/core/option-rules.ts';
import type { Crossover } from '../crossover.ts';

/**
 * Uniform in the parents' box, widened by `alpha` of its size to each side (Eshelman and Schaffer, "Real-Coded Genetic
 * Algorithms and Interval-Schemata", FOGA 1993).
 * @param alpha at least 0.
 */
export function blxAlphaCrossover(alpha = 0.5): Crossover {
  checkOption('alpha', alpha, NOT_NEGATIVE);
  return {
    options: { name: 'blx-alpha', alpha },
    nParents: 2,
    cross: ([first, second], _bounds, rng) => {
      const child: number[] = [];
      for (let j = 0; j < first.length; j++) {
        const low = Math.min(first[j], second[j]);
        const high = Math.max(first[j], second[j]);
        const margin = alpha * (high - low);
        child.push(rng.uniformIn(low - margin, high + margin));
      }
      return child;
    },
  };
}
