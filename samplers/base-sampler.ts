import type { Distribution, ParamValue, SearchSpace } from '../src/core/distribution.ts';
import type { Attrs } from '../src/core/frozen-trial.ts';
import type { RelativeSample, Sampler, SamplerCapabilities, SamplerContext } from '../src/core/sampler.ts';
import { sampleUniformFor } from './uniform.ts';

/** Settings with a seed. */
export interface Seeded {
  /** An integer >= 0. */
  readonly seed: number;
}

/**
 * What nearly all samplers have in common: options with a seed, and every parameter drawn uniformly and on its own unless a
 * subclass draws it otherwise.
 *
 * @typeParam S the options with their defaults, as `SettingsOf<typeof OPTIONS>`.
 */
export abstract class BaseSampler<S extends Seeded> implements Sampler {
  abstract readonly name: string;
  abstract readonly capabilities: SamplerCapabilities;
  readonly seed: number;
  readonly withSeed: Sampler['withSeed'];
  readonly options: Attrs;
  /** The options with their defaults. */
  protected readonly settings: S;

  /**
   * A subclass that can be made is made of its options alone: `new MySampler(options)`.
   * @param definition made by `defineOptions`.
   * @throws InvalidArgumentError on an unknown option or a value that it cannot have.
   */
  protected constructor(
    definition: { read(given: unknown): S; plain(settings: S): Attrs },
    options: unknown,
  ) {
    this.settings = definition.read(options);
    this.seed = this.settings.seed;
    this.options = definition.plain(this.settings);
    const { seed, ...others } = options as { readonly seed?: number | undefined };
    const make = new.target as unknown as new (given: object) => Sampler;
    this.withSeed = seed === undefined ? (drawn) => new make({ ...others, seed: drawn }) : undefined;
  }

  inferRelativeSearchSpace(_context: SamplerContext): SearchSpace {
    return {};
  }

  sampleRelative(_context: SamplerContext, _space: SearchSpace): RelativeSample {
    return { params: {} };
  }

  sampleIndependent(
    context: SamplerContext,
    name: string,
    distribution: Distribution,
    _decided?: Readonly<Record<string, ParamValue>>,
  ): ParamValue {
    return sampleUniformFor(this.seed, context, name, distribution);
  }
}
