/** The sampler contract over the Gaussian process sampler, in a small search. */
import { describe, it } from 'vitest';
import { GpSampler } from '../../samplers/index.ts';
import { type MakeSampler, samplerConformance } from '../../src/testing/sampler-kit.ts';

const samplers: Readonly<Record<string, MakeSampler>> = {
  gp: (seed) => new GpSampler({ seed, nStartupTrials: 12, nPreliminarySamples: 16, nLocalSearch: 1 }),
  'gp of deterministic objectives': (seed) =>
    new GpSampler({
      seed,
      nStartupTrials: 20,
      deterministicObjective: true,
      nPreliminarySamples: 8,
      nLocalSearch: 2,
    }),
};

for (const [name, make] of Object.entries(samplers))
  describe(name, () => {
    samplerConformance({ describe, it }, make);
  });
