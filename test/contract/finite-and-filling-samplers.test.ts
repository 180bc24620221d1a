/** The sampler contract over the samplers that enumerate, fill or wrap, and over those of few points. */
import { describe, it } from 'vitest';
import { BruteForceSampler } from '../../samplers/brute-force/sampler.ts';
import { AgingEvolutionSampler } from '../../samplers/evolutionary/aging-evolution-sampler.ts';
import { PartialFixedSampler } from '../../samplers/partial-fixed-sampler.ts';
import { QmcSampler } from '../../samplers/qmc/sampler.ts';
import { TpeSampler } from '../../samplers/tpe/sampler.ts';
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

describe('partial-fixed', () =>
  samplerConformance({ describe, it }, (seed, space) => {
    const fixedParams: Record<string, number> = 'whole' in space ? { whole: 3 } : {};
    return new PartialFixedSampler({ fixedParams, sampler: new TpeSampler({ seed, nStartupTrials: 5 }) });
  }));

describe('aging-evolution', () =>
  samplerConformance(
    { describe, it },
    (seed) => new AgingEvolutionSampler({ seed, populationSize: 10, sampleSize: 4 }),
  ));
