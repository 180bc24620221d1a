import { describe, it } from 'vitest';
import { AutoSampler } from '../../samplers/index.ts';
import { samplerConformance } from '../../src/testing/sampler-kit.ts';

// It acts as CMA-ES, TPE and NSGA-II here; the Gaussian process passes the kit on its own.
samplerConformance({ describe, it }, (seed) => new AutoSampler({ seed, budget: 20_000 }));
