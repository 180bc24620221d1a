import { isSingle, type SearchSpace } from '../../src/core/distribution.ts';
import { InvalidArgumentError } from '../../src/core/errors.ts';
import { ANYTHING, integerFrom, type OptionRule, orNull, PROBABILITY } from '../../src/core/option-rules.ts';
import { type OptionsOf, option, optional, SEED, type SettingsOf } from '../../src/core/options.ts';
import type { RelativeSample, SamplerCapabilities, SamplerContext } from '../../src/core/sampler.ts';
import { BaseSampler } from '../base-sampler.ts';
import { StudyCaches } from '../history-cache.ts';
import { RelativeSpace } from '../relative-space.ts';
import { trialRng } from '../trial-rng.ts';
import type { Crossover } from './crossover.ts';
import { uniformCrossover } from './crossovers/uniform.ts';
import { GenePool } from './gene-pool.ts';
import { Generations } from './generations.ts';
import { Genome } from './genome.ts';
import { type Mutation, uniformMutation } from './mutation.ts';
import { makeChild, type Variation } from './offspring.ts';
import { crossoverFrom, mutationFrom, type OperatorOptions } from './operators.ts';
import type { Population, Selection } from './population.ts';

/** What an operator can be made of is known to operators.ts. */
const OPERATOR: OptionRule<never> = {
  ...ANYTHING,
  plain: (made) => (made as Crossover | Mutation).options,
};

/** The options that every genetic sampler has. */
export const GENETIC_OPTIONS = {
  /** An integer >= 0. Default: a new study draws one, and records it, so that it resumes exactly. */
  seed: SEED,
  /** Trials per generation, at least 2 and at least the number of parents of the crossover. Default 50. */
  populationSize: option(integerFrom(2), 50),
  /**
   * An object, or its plain form such as `'spx'` or `{ name: 'sbx', eta: 20 }`; known are uniform, blx-alpha, sbx, vsbx,
   * spx and undx. Uniform with `swappingProb` if left out.
   */
  crossover: optional<Crossover | OperatorOptions>(OPERATOR),
  /** Probability of crossing parents rather than copying one. Default 0.9. */
  crossoverProb: option(PROBABILITY, 0.9),
  /** Probability of taking a (categorical) parameter from the last parent. Default 0.5. */
  swappingProb: option(PROBABILITY, 0.5),
  /** An object, or its plain form such as `{ name: 'polynomial', eta: 20 }`; uniform, which draws the parameter anew, if left out. */
  mutation: optional<Mutation | OperatorOptions>(OPERATOR),
  /** Probability that a parameter of the child mutates. Default (null): one over the number of parameters. */
  mutationProb: option(orNull(PROBABILITY), null),
};

export interface GeneticSamplerOptions extends OptionsOf<typeof GENETIC_OPTIONS> {}
/** The options with their defaults, and operators made of them. */
export type GeneticSettings = SettingsOf<typeof GENETIC_OPTIONS> & Pick<Variation, 'crossover' | 'mutation'>;

/** @throws InvalidArgumentError on an operator that does not exist or has too many parents. */
export function settleOperators<S extends SettingsOf<typeof GENETIC_OPTIONS>>(
  settings: S,
): S & Pick<Variation, 'crossover' | 'mutation'> {
  const { populationSize, swappingProb } = settings;
  const crossover =
    settings.crossover === undefined ? uniformCrossover(swappingProb) : crossoverFrom(settings.crossover);
  const mutation = settings.mutation === undefined ? uniformMutation() : mutationFrom(settings.mutation);
  if (!(crossover.nParents <= populationSize))
    throw new InvalidArgumentError(
      `populationSize must be at least the ${crossover.nParents} parents of the crossover, but is ${populationSize}; ` +
        'enlarge it, or choose another crossover',
    );
  return { ...settings, crossover, mutation };
}

/** What is kept of one study. */
interface StudyData {
  readonly relativeSpace: RelativeSpace;
  readonly generations: Generations;
  /** The genes of the parents that were asked for last. */
  genes: { readonly of: Population; readonly pool: GenePool } | null;
}

/**
 * What NSGA-II and NSGA-III share: generations, crossover and mutation, with Optuna's defaults and bookkeeping. Of a
 * declared space every parameter is inherited, those of conditional branches from the parents that have them; of a space
 * that is discovered, those that every COMPLETE trial has.
 */
export abstract class GeneticSampler<S extends GeneticSettings> extends BaseSampler<S> {
  /** One or several objectives, constraints, and all kinds of parameters and spaces. */
  readonly capabilities: SamplerCapabilities = {
    multiObjective: true,
    constraints: true,
    categorical: true,
    defineByRun: true,
  };
  /** System attribute of a trial that keeps its generation. Optuna's name, so that either tool continues the other's study. */
  protected abstract readonly generationAttr: string;
  /** Chooses the next generation's parents among parents and offspring. */
  protected abstract readonly select: Selection;
  readonly #studies = new StudyCaches<StudyData>((history) => ({
    relativeSpace: new RelativeSpace(history, ['COMPLETE']),
    generations: new Generations(history, this.generationAttr, this.settings.populationSize, this.select),
    genes: null,
  }));
  readonly #withoutSingles = new WeakMap<SearchSpace, SearchSpace>();

  /** The parameters that children inherit. */
  override inferRelativeSearchSpace(context: SamplerContext): SearchSpace {
    const { declaredSpace } = context;
    if (declaredSpace === null) return this.#studies.of(context).relativeSpace.get(null);
    const known = this.#withoutSingles.get(declaredSpace);
    if (known !== undefined) return known;
    const space = Object.fromEntries(Object.entries(declaredSpace).filter(([, d]) => !isSingle(d)));
    this.#withoutSingles.set(declaredSpace, space);
    return space;
  }

  /** Returns a child of two or more parents; `{}` in the first generation, whose members are random. */
  override sampleRelative(context: SamplerContext, space: SearchSpace): RelativeSample {
    const study = this.#studies.of(context);
    const generation = study.generations.current();
    const parents = study.generations.breedersOf(generation, context.directions);
    const systemAttrs = { [this.generationAttr]: generation };
    if (parents === null || parents.trials.length === 0) return { params: {}, systemAttrs };
    const pool = genesOf(study, parents, space);
    if (pool.genome.size === 0) return { params: {}, systemAttrs };
    const rng = trialRng(this.seed, context, this.name);
    const child = makeChild(pool, parents, this.settings, context.directions.length, rng);
    return { params: pool.genome.paramsOf(child), systemAttrs };
  }
}

function genesOf(study: StudyData, of: Population, space: SearchSpace): GenePool {
  const known = study.genes;
  if (known?.of === of && known.pool.genome.space === space) return known.pool;
  const genome = known?.pool.genome.space === space ? known.pool.genome : new Genome(space);
  study.genes = { of, pool: new GenePool(genome, of.trials) };
  return study.genes.pool;
}
