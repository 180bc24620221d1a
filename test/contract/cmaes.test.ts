/** The sampler contract over CMA-ES in all its variants. */
import { describe, it } from 'vitest';
import { CmaEsSampler, type CmaEsSamplerOptions } from '../../samplers/cmaes/sampler.ts';
import { samplerConformance } from '../../src/testing/sampler-kit.ts';

const variants: Readonly<Record<string, CmaEsSamplerOptions>> = {
  cmaes: {},
  'cmaes from the first trial, generations of two': { nStartupTrials: 0, popsize: 2 },
  'cmaes with margin': { withMargin: true, popsize: 5 },
  'cmaes separable': { useSeparableCma: true, popsize: 5 },
  'cmaes with adaptive rates': { lrAdapt: true, popsize: 5 },
  'cmaes with pruned trials, bipop': {
    considerPrunedTrials: true,
    restartStrategy: 'bipop',
    popsize: 4,
  },
};

for (const [name, options] of Object.entries(variants))
  describe(name, () => {
    samplerConformance({ describe, it }, (seed) => new CmaEsSampler({ seed, ...options }));
  });
