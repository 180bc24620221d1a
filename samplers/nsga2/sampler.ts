import { GENETIC_RULES, GeneticSampler, type GeneticSamplerOptions } from '../genetic/genetic-sampler.ts';
import { checkOptions } from '../options.ts';
import { selectElite } from './population.ts';

export type NsgaIISamplerOptions = GeneticSamplerOptions;

/**
 * NSGA-II (Deb, Pratap, Agarwal and Meyarivan, IEEE TEC 6(2), 2002) with Optuna's defaults and bookkeeping: elitism over
 * parents and offspring, constrained domination, binary tournament by rank and crowding distance. A trial's
 * generation stands in its system attribute `NSGAIISampler:generation`; parents follow from the history alone.
 * Unlike Optuna's, it breeds from new members after every fifth of a generation, and repeats no parent.
 */
export class NsgaIISampler extends GeneticSampler {
  readonly name = 'nsga2';

  /** @throws InvalidArgumentError on an unknown option or a value that it cannot have. */
  constructor(options: NsgaIISamplerOptions = {}) {
    checkOptions('the nsga2 sampler', options, GENETIC_RULES);
    super({ generationAttr: 'NSGAIISampler:generation', select: selectElite }, options);
  }
}
