/** The sampler contract over the samplers that enumerate, fill or wrap, and over those of few points. */
import { describe, it } from 'vitest';
import { BruteForceSampler } from '../../samplers/brute-force/sampler.ts';
import { QmcSampler } from '../../samplers/qmc/sampler.ts';
import { samplerConformance } from '../../src/testing/sampler-kit.ts';

describe('qmc sobol', () =>
  samplerConformance({ describe, it }, (seed) => new QmcSampler({ seed, scramble: true })));

describe('qmc halton', () =>
  samplerConformance(
    { describe, it },
    (seed) => new QmcSampler({ seed, qmcType: 'halton', scramble: true }),
  ));

describe('qmc plain', () => {
  // Its points are the same for every seed.
  const withoutSeed: typeof it = ((title: string, body: () => Promise<void>) =>
    title === 'C1 the seed matters' ? undefined : it(title, body)) as typeof it;
  samplerConformance({ describe, it: withoutSeed }, (seed) => new QmcSampler({ seed }));
});

describe('brute-force', () =>
  samplerConformance({ describe, it }, (seed) => new BruteForceSampler({ seed })));

describe('brute-force, without premature stop', () =>
  samplerConformance({ describe, it }, (seed) => new BruteForceSampler({ seed, avoidPrematureStop: true })));
