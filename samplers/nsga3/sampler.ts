import type { SearchSpace } from '../../src/core/distribution.ts';
import { InvalidArgumentError } from '../../src/core/errors.ts';
import { Rng } from '../../src/core/rng.ts';
import type { RelativeSample, SamplerContext } from '../../src/core/sampler.ts';
import { GENETIC_RULES, GeneticSampler, type GeneticSamplerOptions } from '../genetic/genetic-sampler.ts';
import { ANYTHING, checkOptions, integerFrom } from '../options.ts';
import { checkReferencePoints } from './reference-points.ts';
import { type NichingOptions, nicheSelection } from './selection.ts';

export interface NsgaIIISamplerOptions extends GeneticSamplerOptions {
  /**
   * Points in the space of the normalised losses, one coordinate per objective: the search spreads over the directions
   * to them. Default (null): Das and Dennis's even points.
   */
  readonly referencePoints?: readonly (readonly number[])[] | null | undefined;
  /** Divisions of each axis of the even points, at least 1; default 3. They should be about as many as the population. */
  readonly dividingParameter?: number | undefined;
}

/**
 * NSGA-III for many objectives (Deb and Jain, IEEE TEC 18(4), 2014, parts I and II) with Optuna's defaults and bookkeeping:
 * as NSGA-II, but the front that does not fit whole into the next generation is thinned out by niches around reference
 * points. A trial's generation stands in its system attribute `NSGAIIISampler:generation`.
 */
export class NsgaIIISampler extends GeneticSampler {
  readonly name = 'nsga3';
  readonly #referencePoints: NichingOptions['referencePoints'];

  /** @throws InvalidArgumentError on an unknown option or a value that it cannot have. */
  constructor(options: NsgaIIISamplerOptions = {}) {
    checkOptions('the nsga3 sampler', options, {
      ...GENETIC_RULES,
      referencePoints: ANYTHING,
      dividingParameter: integerFrom(1),
    });
    const { seed = 0, dividingParameter = 3 } = options;
    const given = options.referencePoints ?? null;
    const referencePoints = given === null ? null : checkReferencePoints(given);
    const rngOf = (generation: number): Rng => Rng.keyed(seed, 'nsga3', 'niches', generation);
    super(
      {
        generationAttr: 'NSGAIIISampler:generation',
        select: nicheSelection({ referencePoints, dividingParameter, rngOf }),
      },
      options,
      { referencePoints, dividingParameter },
    );
    this.#referencePoints = referencePoints;
  }

  /** @throws InvalidArgumentError if the reference points have not one coordinate per objective. */
  override sampleRelative(context: SamplerContext, space: SearchSpace): RelativeSample {
    const [given, needed] = [this.#referencePoints?.[0].length, context.directions.length];
    if (given !== undefined && given !== needed)
      throw new InvalidArgumentError(
        `referencePoints must have one coordinate per objective, but have ${given} in a study of ${needed} objectives`,
      );
    return super.sampleRelative(context, space);
  }
}
