import { defineOptions, type OptionsOf, SEED, type SettingsOf } from '../src/core/options.ts';
import type { SamplerCapabilities } from '../src/core/sampler.ts';
import { BaseSampler } from './base-sampler.ts';

const OPTIONS = defineOptions('the random sampler', {
  /** An integer >= 0. Default: a new study draws one, and records it, so that it resumes exactly. */
  seed: SEED,
});

/** Options of {@link RandomSampler}. */
export interface RandomSamplerOptions extends OptionsOf<typeof OPTIONS> {}

/** Draws every parameter uniformly and on its own. */
export class RandomSampler extends BaseSampler<SettingsOf<typeof OPTIONS>> {
  readonly name = 'random';
  readonly capabilities: SamplerCapabilities = {
    multiObjective: true,
    constraints: false,
    categorical: true,
    defineByRun: true,
  };

  /** @throws InvalidArgumentError on an unknown option or a bad seed. */
  constructor(options: RandomSamplerOptions = {}) {
    super(OPTIONS, options);
  }
}
