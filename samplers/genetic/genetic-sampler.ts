import {
  type Distribution,
  isSingle,
  type ParamValue,
  type SearchSpace,
} from '../../src/core/distribution.ts';
import { InvalidArgumentError } from '../../src/core/errors.ts';
import type { Attrs } from '../../src/core/frozen-trial.ts';
import type { RelativeSample, Sampler, SamplerContext } from '../../src/core/sampler.ts';
import { StudyCaches } from '../history-cache.ts';
import { ANYTHING, integerFrom, type OptionRule, orNull, PROBABILITY, SEED } from '../options.ts';
import { RelativeSpace } from '../relative-space.ts';
import { trialRng } from '../trial-rng.ts';
import { sampleUniformFor } from '../uniform.ts';
import type { Crossover } from './crossover.ts';
import { uniformCrossover } from './crossovers/uniform.ts';
import { GenePool } from './gene-pool.ts';
import { Generations } from './generations.ts';
import { Genome } from './genome.ts';
import { type Mutation, uniformMutation } from './mutation.ts';
import { makeChild, type Variation } from './offspring.ts';
import { crossoverFrom, mutationFrom, type OperatorOptions } from './operators.ts';
import type { Population, Selection } from './population.ts';

export interface GeneticSamplerOptions {
  /** An integer >= 0; default 0: two runs of one program draw the same. Give each run its own to make them differ. */
  readonly seed?: number | undefined;
  /** Trials per generation, at least 2 and at least the number of parents of the crossover; default 50. */
  readonly populationSize?: number | undefined;
  /**
   * An object, or its plain form such as `'spx'` or `{ name: 'sbx', eta: 20 }`; known are uniform, blx-alpha, sbx, vsbx,
   * spx and undx. Default uniform with `swappingProb`.
   */
  readonly crossover?: Crossover | OperatorOptions | undefined;
  /** Probability of crossing parents rather than copying one; default 0.9. */
  readonly crossoverProb?: number | undefined;
  /** Probability of taking a (categorical) parameter from the last parent; default 0.5. */
  readonly swappingProb?: number | undefined;
  /** An object, or its plain form such as `{ name: 'polynomial', eta: 20 }`; default uniform: the parameter is drawn anew. */
  readonly mutation?: Mutation | OperatorOptions | undefined;
  /** Probability that a parameter of the child mutates; default (null) one over the number of parameters. */
  readonly mutationProb?: number | null | undefined;
}

export const GENETIC_RULES: Readonly<Record<keyof GeneticSamplerOptions, OptionRule>> = {
  seed: SEED,
  populationSize: integerFrom(2),
  crossover: ANYTHING,
  crossoverProb: PROBABILITY,
  swappingProb: PROBABILITY,
  mutation: ANYTHING,
  mutationProb: orNull(PROBABILITY),
};

/** What one genetic algorithm has of its own. */
export interface GeneticAlgorithm {
  /** System attribute of a trial that keeps its generation. Optuna's name, so that either tool continues the other's study. */
  readonly generationAttr: string;
  readonly select: Selection;
}

/** What is kept of one study. */
interface StudyData {
  readonly relativeSpace: RelativeSpace;
  readonly generations: Generations;
  /** Of the parents that were asked for last. */
  genes: { readonly of: Population; readonly pool: GenePool } | null;
}

/**
 * What NSGA-II and NSGA-III share: generations, crossover and mutation, with Optuna's defaults and bookkeeping. Of a
 * declared space every parameter is inherited, those of conditional branches from the parents that have them; of a space
 * that is discovered, those that every COMPLETE trial has.
 */
export abstract class GeneticSampler implements Sampler {
  abstract readonly name: string;
  readonly seed: number;
  readonly options: Attrs;
  readonly capabilities = { multiObjective: true, constraints: true, categorical: true, defineByRun: true };
  readonly #generationAttr: string;
  readonly #variation: Variation;
  readonly #studies: StudyCaches<StudyData>;
  readonly #withoutSingles = new WeakMap<SearchSpace, SearchSpace>();

  /** @throws InvalidArgumentError on an operator that does not exist or has too many parents. The other options are checked before. */
  protected constructor(
    { generationAttr, select }: GeneticAlgorithm,
    options: GeneticSamplerOptions,
    own: Attrs = {},
  ) {
    const {
      seed = 0,
      populationSize = 50,
      crossoverProb = 0.9,
      swappingProb = 0.5,
      mutationProb = null,
    } = options;
    const crossover =
      options.crossover === undefined ? uniformCrossover(swappingProb) : crossoverFrom(options.crossover);
    const mutation = options.mutation === undefined ? uniformMutation() : mutationFrom(options.mutation);
    if (!(crossover.nParents <= populationSize))
      throw new InvalidArgumentError(
        `populationSize must be at least the ${crossover.nParents} parents of the crossover, but is ${populationSize}; ` +
          'enlarge it, or choose another crossover',
      );
    this.seed = seed;
    this.#generationAttr = generationAttr;
    this.#variation = { crossover, crossoverProb, swappingProb, mutation, mutationProb };
    this.options = {
      seed,
      populationSize,
      crossover: crossover.options,
      crossoverProb,
      swappingProb,
      mutation: mutation.options,
      mutationProb,
      ...own,
    };
    this.#studies = new StudyCaches((history) => ({
      relativeSpace: new RelativeSpace(history, ['COMPLETE']),
      generations: new Generations(history, generationAttr, populationSize, select),
      genes: null,
    }));
  }

  inferRelativeSearchSpace(context: SamplerContext): SearchSpace {
    const { declaredSpace } = context;
    if (declaredSpace === null) return this.#studies.of(context).relativeSpace.get(null);
    const known = this.#withoutSingles.get(declaredSpace);
    if (known !== undefined) return known;
    const space = Object.fromEntries(Object.entries(declaredSpace).filter(([, d]) => !isSingle(d)));
    this.#withoutSingles.set(declaredSpace, space);
    return space;
  }

  sampleRelative(context: SamplerContext, space: SearchSpace): RelativeSample {
    const study = this.#studies.of(context);
    const generation = study.generations.current();
    const parents = study.generations.breedersOf(generation, context.directions);
    const systemAttrs = { [this.#generationAttr]: generation };
    if (parents === null || parents.trials.length === 0) return { params: {}, systemAttrs };
    const pool = genesOf(study, parents, space);
    if (pool.genome.size === 0) return { params: {}, systemAttrs };
    const rng = trialRng(this.seed, context, this.name);
    const child = makeChild(pool, parents, this.#variation, context.directions.length, rng);
    return { params: pool.genome.paramsOf(child), systemAttrs };
  }

  sampleIndependent(context: SamplerContext, name: string, distribution: Distribution): ParamValue {
    return sampleUniformFor(this.seed, context, name, distribution);
  }
}

function genesOf(study: StudyData, of: Population, space: SearchSpace): GenePool {
  const known = study.genes;
  if (known?.of === of && known.pool.genome.space === space) return known.pool;
  const genome = known?.pool.genome.space === space ? known.pool.genome : new Genome(space);
  study.genes = { of, pool: new GenePool(genome, of.trials) };
  return study.genes.pool;
}
