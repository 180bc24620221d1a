/** Uniform draws from a distribution: what every sampler starts with and falls back on. */
import type { Distribution, ParamValue } from '../src/core/distribution.ts';
import { Rng } from '../src/core/rng.ts';
import type { SamplerContext } from '../src/core/sampler.ts';
import { uniformAt } from '../src/core/uniform.ts';

export { uniformAt };

/**
 * The random value of one parameter of one trial. Keyed by seed, trial and name alone, so the start-up trials of every
 * sampler are those of `RandomSampler` with the same seed.
 */
export function sampleUniformFor(
  seed: number,
  context: SamplerContext,
  name: string,
  distribution: Distribution,
): ParamValue {
  const u =
    context.attempt === 0
      ? Rng.uniformOf(seed, context.trialNumber, 'random', name)
      : Rng.uniformOf(seed, context.trialNumber, 'random', name, 'attempt', context.attempt);
  return uniformAt(u, distribution);
}
