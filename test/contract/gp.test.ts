/** The sampler contract over the Gaussian process sampler, in a small search. */
import { describe, it } from 'vitest';
import { GpSampler } from '../../samplers/index.ts';
import { type MakeSampler, samplerConformance } from '../../src/testing/sampler-kit.ts';

// The kit runs 50 trials; where it runs 30 to look at caches, test/unit/gp-sampler.test.ts looks instead.
const make: MakeSampler = (seed) =>
  new GpSampler({ seed, nStartupTrials: 41, nPreliminarySamples: 16, nLocalSearch: 1 });

samplerConformance({ describe, it }, make);
