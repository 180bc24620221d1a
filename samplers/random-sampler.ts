import { defineOptions, type OptionsOf, SEED, type SettingsOf } from '../src/core/options.ts';
import { BaseSampler } from './base-sampler.ts';

const OPTIONS = defineOptions('the random sampler', {
  /** An integer >= 0; default 0: two runs of one program draw the same. Give each run its own to make them differ. */
  seed: SEED,
});

export interface RandomSamplerOptions extends OptionsOf<typeof OPTIONS> {}

/** Draws every parameter uniformly and on its own. */
export class RandomSampler extends BaseSampler<SettingsOf<typeof OPTIONS>> {
  readonly name = 'random';
  readonly capabilities = { multiObjective: true, constraints: false, categorical: true, defineByRun: true };

  /** @throws InvalidArgumentError on an unknown option or a bad seed. */
  constructor(options: RandomSamplerOptions = {}) {
    super(OPTIONS, options);
  }
}
