/** Uniform draws from a distribution: what every sampler starts with and falls back on. */
import type { Distribution, ParamValue } from '../src/core/distribution.ts';
import { UniformsOf } from '../src/core/rng.ts';
import type { SamplerContext } from '../src/core/sampler.ts';
import { uniformAt } from '../src/core/uniform.ts';

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
  const { trialNumber, attempt } = context;
  if (last.seed !== seed || last.trialNumber !== trialNumber)
    last = { seed, trialNumber, uniforms: new UniformsOf(`${seed}/${trialNumber}/random`) };
  const u = last.uniforms.at(attempt === 0 ? name : `${name}/attempt/${attempt}`);
  return uniformAt(u, distribution);
}

/** A trial's parameters are drawn one after another. */
let last = { seed: 0, trialNumber: 0, uniforms: new UniformsOf(0, 0, 'random') };
