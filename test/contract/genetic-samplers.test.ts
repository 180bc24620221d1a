/** The sampler contract over NSGA-III and the operators that NSGA-II and it share. */
import { describe, it } from 'vitest';
import { NsgaIIISampler, NsgaIISampler } from '../../samplers/index.ts';
import { type MakeSampler, samplerConformance } from '../../src/testing/sampler-kit.ts';

const samplers: Readonly<Record<string, MakeSampler>> = {
  nsga3: (seed) => new NsgaIIISampler({ seed, populationSize: 8 }),
  'nsga3 spx': (seed) =>
    new NsgaIIISampler({ seed, populationSize: 6, crossover: 'spx', dividingParameter: 5 }),
  'nsga2 undx, polynomial': (seed) =>
    new NsgaIISampler({
      seed,
      populationSize: 6,
      crossover: 'undx',
      mutation: 'polynomial',
      mutationProb: 0.5,
    }),
  'nsga2 vsbx': (seed) => new NsgaIISampler({ seed, populationSize: 6, crossover: { name: 'vsbx', eta: 1 } }),
};

for (const [name, make] of Object.entries(samplers))
  describe(name, () => {
    samplerConformance({ describe, it }, make);
  });
