import { Rng } from '../src/core/rng.ts';
import type { SamplerContext } from '../src/core/sampler.ts';

type Asked = Pick<SamplerContext, 'trialNumber' | 'attempt'>;

/** The generator of one sampler for one trial (and attempt); `purpose` keeps its uses apart: `trialRng(seed, context, 'tpe')`. */
export function trialRng(seed: number, context: Asked, ...purpose: readonly (string | number)[]): Rng {
  if (context.attempt === 0) return Rng.keyed(seed, context.trialNumber, ...purpose);
  return Rng.keyed(seed, context.trialNumber, ...purpose, 'attempt', context.attempt);
}
