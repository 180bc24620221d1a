import type { Distribution, ParamValue, SearchSpace } from '../src/core/distribution.ts';
import type { Attrs } from '../src/core/frozen-trial.ts';
import type { RelativeSample, Sampler, SamplerContext } from '../src/core/sampler.ts';
import { checkOptions, SEED } from './options.ts';
import { sampleUniformFor } from './uniform.ts';

export interface RandomSamplerOptions {
  /** An integer >= 0; default 0: two runs of one program draw the same. Give each run its own to make them differ. */
  readonly seed?: number | undefined;
}

/** Draws every parameter uniformly and on its own. */
export class RandomSampler implements Sampler {
  readonly name = 'random';
  readonly seed: number;
  readonly options: Attrs;
  readonly capabilities = { multiObjective: true, constraints: false, categorical: true, defineByRun: true };

  /** @throws InvalidArgumentError on an unknown option or a bad seed. */
  constructor(options: RandomSamplerOptions = {}) {
    checkOptions('the random sampler', options, { seed: SEED });
    this.seed = options.seed ?? 0;
    this.options = { seed: this.seed };
  }

  inferRelativeSearchSpace(): SearchSpace {
    return {};
  }

  sampleRelative(): RelativeSample {
    return { params: {} };
  }

  sampleIndependent(context: SamplerContext, name: string, distribution: Distribution): ParamValue {
    return sampleUniformFor(this.seed, context, name, distribution);
  }
}
