import { InvalidArgumentError } from '../../src/core/errors.ts';
import { integerFrom, orNull } from '../../src/core/option-rules.ts';
import { defineOptions, type OptionsOf, option, type SettingsOf } from '../../src/core/options.ts';
import { Rng } from '../../src/core/rng.ts';
import type { StudyTraits } from '../../src/core/sampler.ts';
import {
  GENETIC_OPTIONS,
  GeneticSampler,
  type GeneticSamplerOptions,
  settleOperators,
} from '../genetic/genetic-sampler.ts';
import { REFERENCE_POINTS } from './reference-points.ts';
import { nicheSelection } from './selection.ts';

const NSGA3_OPTIONS = {
  /**
   * Points in the space of the normalized losses, one coordinate per objective: the search spreads over the directions
   * to them. Default (null): Das and Dennis's even points.
   */
  referencePoints: option(orNull(REFERENCE_POINTS), null),
  /** Divisions of each axis of the even points, at least 1; they should be about as many as the population. Default 3. */
  dividingParameter: option(integerFrom(1), 3),
};
const OPTIONS = defineOptions('the nsga3 sampler', { ...GENETIC_OPTIONS, ...NSGA3_OPTIONS }, settleOperators);

/** Options of {@link NsgaIIISampler}. */
export interface NsgaIIISamplerOptions extends GeneticSamplerOptions, OptionsOf<typeof NSGA3_OPTIONS> {}

/**
 * NSGA-III for many objectives (Deb and Jain, IEEE TEC 18(4), 2014, parts I and II) with Optuna's defaults and bookkeeping:
 * as NSGA-II, but the front that does not fit whole into the next generation is thinned out by niches around reference
 * points. A trial's generation stands in its system attribute `NSGAIIISampler:generation`.
 */
export class NsgaIIISampler extends GeneticSampler<SettingsOf<typeof OPTIONS>> {
  /** Registry name. */
  readonly name = 'nsga3';
  protected readonly generationAttr = 'NSGAIIISampler:generation';
  /** Whole fronts, then members of the next one by niches around the reference points. */
  protected readonly select = nicheSelection({
    ...this.settings,
    rngOf: (generation) => Rng.keyed(this.seed, 'nsga3', 'niches', generation),
  });

  /** @throws InvalidArgumentError on an unknown option or a value that it cannot have. */
  constructor(options: NsgaIIISamplerOptions = {}) {
    super(OPTIONS, options);
  }

  /** @throws InvalidArgumentError if the reference points have not one coordinate per objective. */
  validate({ directions }: StudyTraits): void {
    const [given, needed] = [this.settings.referencePoints?.[0].length, directions.length];
    if (given !== undefined && given !== needed)
      throw new InvalidArgumentError(
        `referencePoints must have one coordinate per objective, but have ${given} in a study of ${needed} objectives`,
      );
  }
}
