import { defineOptions } from '../../src/core/options.ts';
import {
  GENETIC_OPTIONS,
  GeneticSampler,
  type GeneticSamplerOptions,
  type GeneticSettings,
  settleOperators,
} from '../genetic/genetic-sampler.ts';
import { selectElite } from './population.ts';

const OPTIONS = defineOptions('the nsga2 sampler', GENETIC_OPTIONS, settleOperators);

/** Options of {@link NsgaIISampler}. */
export type NsgaIISamplerOptions = GeneticSamplerOptions;

/**
 * NSGA-II (Deb, Pratap, Agarwal and Meyarivan, IEEE TEC 6(2), 2002) with Optuna's defaults and bookkeeping: elitism over
 * parents and offspring, constrained domination, binary tournament by rank and crowding distance. A trial's
 * generation stands in its system attribute `NSGAIISampler:generation`; parents follow from the history alone.
 * Unlike Optuna's, it breeds from new members after every fifth of a generation, and repeats no parent.
 */
export class NsgaIISampler extends GeneticSampler<GeneticSettings> {
  /** Registry name. */
  readonly name = 'nsga2';
  protected readonly generationAttr = 'NSGAIISampler:generation';
  /** Whole fronts, then the members of the next one that are least crowded. */
  protected readonly select = selectElite;

  /** @throws InvalidArgumentError on an unknown option or a value that it cannot have. */
  constructor(options: NsgaIISamplerOptions = {}) {
    super(OPTIONS, options);
  }
}
