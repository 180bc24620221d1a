import { NO_CONDITIONS } from '../../src/core/conditions.ts';
import { isSingle, type SearchSpace } from '../../src/core/distribution.ts';
import { InvalidConfigError } from '../../src/core/errors.ts';
import type { StudyDirection } from '../../src/core/frozen-trial.ts';
import type { Sampler } from '../../src/core/sampler.ts';
import { assertSupported } from '../../src/core/supported.ts';

/** How samplers are made from names and options: injected, for objectives know no sampler. */
export type SamplerMaker = (name: string, options: Readonly<Record<string, unknown>>) => Sampler;

/**
 * Returns a new sampler; another of its kind was held against the study and asked for one point, so that one that cannot search this
 * space is refused before any work is done.
 * @param key the setting that names it, for the error.
 * @throws InvalidConfigError with the sampler's own reason.
 */
export function usableSampler(
  make: () => Sampler,
  key: string,
  directions: readonly StudyDirection[],
  space: SearchSpace,
): Sampler {
  try {
    const sampler = make();
    const study = { directions, declaredSpace: space, conditions: NO_CONDITIONS };
    assertSupported(sampler, study);
    const context = { ...study, trialNumber: 0, trials: [], attempt: 0 };
    const open = Object.entries(space).filter(([, distribution]) => !isSingle(distribution));
    const { params } = sampler.sampleRelative(context, sampler.inferRelativeSearchSpace(context));
    for (const [name, distribution] of open)
      if (!Object.hasOwn(params, name)) sampler.sampleIndependent(context, name, distribution, params);
    return make();
  } catch (cause) {
    throw new InvalidConfigError(key, `this sampler cannot be used here: ${(cause as Error).message}`, {
      cause,
    });
  }
}
