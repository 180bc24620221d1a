import { samplerRegistry } from '../../samplers/index.ts';
import type { ComparedSampler } from '../compare/index.ts';
import { InvalidArgumentError, ThanosError } from '../core/errors.ts';

/**
 * Returns samplers by name. Each is made once now, so that one that cannot be is refused before any work.
 * @param optionsOf the options of the sampler of this name, besides the seed.
 * @throws InvalidArgumentError for a sampler that needs options of its own.
 */
export function comparedSamplers(
  names: readonly string[],
  optionsOf: (name: string) => object,
): readonly ComparedSampler[] {
  return names.map((name) => {
    const options = optionsOf(name);
    const make: ComparedSampler['make'] = (seed) => samplerRegistry.get(name)({ seed, ...options });
    try {
      make(0);
    } catch (error) {
      if (!(error instanceof ThanosError)) throw error;
      throw new InvalidArgumentError(
        `samplers are compared by their names alone, but '${name}' cannot be made of it: ${error.message}; leave it out`,
        { cause: error },
      );
    }
    return { name, make };
  });
}
