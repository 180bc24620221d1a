import { checkOption, PROBABILITY } from '../../../src/core/option-rules.ts';
import type { Crossover } from '../crossover.ts';

/**
 * Takes each parameter from the second parent with `swappingProb`, else from the first (Syswerda, "Uniform Crossover in
 * Genetic Algorithms", ICGA 1989).
 * @param swappingProb in [0, 1].
 */
export function uniformCrossover(swappingProb = 0.5): Crossover {
  checkOption('swappingProb', swappingProb, PROBABILITY);
  return {
    options: { name: 'uniform', swappingProb },
    nParents: 2,
    cross: ([first, second], _bounds, rng) => {
      const child: number[] = [];
      for (let j = 0; j < first.length; j++)
        child.push(rng.uniform() >= 1 - swappingProb ? second[j] : first[j]);
      return child;
    },
  };
}
