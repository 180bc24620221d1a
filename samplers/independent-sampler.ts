/** The option `independentSampler`: another sampler draws what this one does not draw jointly. */
import type { Distribution, ParamValue } from '../src/core/distribution.ts';
import { type OptionRule, objectWith, orNull } from '../src/core/option-rules.ts';
import { type Option, optional } from '../src/core/options.ts';
import type { Sampler, SamplerContext } from '../src/core/sampler.ts';
import { assertDraws } from '../src/core/supported.ts';

const SAMPLER: OptionRule<Sampler> = {
  ...objectWith<Sampler>('a Sampler, as new TpeSampler({ seed: 1 })', 'sampleIndependent'),
  plain: (sampler) => {
    const { name, options } = sampler as Sampler;
    return { name, options };
  },
};

/** Null, or left out, for uniform draws. */
export const INDEPENDENT_SAMPLER: Option<Sampler | null, undefined> = optional(orNull(SAMPLER));

interface HasIndependent {
  readonly seed: number;
  readonly independentSampler?: Sampler | null | undefined;
}

/** For `settle` of options: an independent sampler without a seed goes by that of the sampler that it helps. */
export function withIndependentSeed<S extends HasIndependent>(settings: S): S {
  const seeded = settings.independentSampler?.withSeed?.(settings.seed);
  return seeded === undefined ? settings : { ...settings, independentSampler: seeded };
}

/** Draws a parameter with the independent sampler. @throws ThanosError UNSUPPORTED if it cannot draw this one. */
export function drawIndependently(
  sampler: Sampler,
  context: SamplerContext,
  name: string,
  distribution: Distribution,
  decided?: Readonly<Record<string, ParamValue>>,
): ParamValue {
  assertDraws(sampler, name, distribution);
  return sampler.sampleIndependent(context, name, distribution, decided);
}
