import {
  contains,
  type Distribution,
  type ParamValue,
  type SearchSpace,
  toInternalRepr,
} from '../../src/core/distribution.ts';
import type { Attrs } from '../../src/core/frozen-trial.ts';
import type { Rng } from '../../src/core/rng.ts';
import type { RelativeSample, Sampler, SamplerContext } from '../../src/core/sampler.ts';
import { StudyCaches } from '../history-cache.ts';
import { fromReal, type NumericDistribution, realBounds, toReal } from '../numeric-transform.ts';
import {
  ANYTHING,
  checkOptions,
  integerFrom,
  type OptionRule,
  orNull,
  PROBABILITY,
  SEED,
} from '../options.ts';
import { trialRng } from '../trial-rng.ts';
import { sampleUniformFor } from '../uniform.ts';
import { type Crossover, crossoverFrom, uniformCrossover } from './crossover.ts';
import { GENERATION_ATTR, Generations } from './generations.ts';
import { type Population, tournament } from './population.ts';

export interface NsgaIISamplerOptions {
  /** An integer >= 0; default 0: two runs of one program draw the same. Give each run its own to make them differ. */
  readonly seed?: number;
  /** Trials per generation, at least 2; default 50. */
  readonly populationSize?: number;
  /** An object, or its plain form such as `{ name: 'sbx', eta: 20 }`; default uniform with `swappingProb`. */
  readonly crossover?: Crossover | string | Readonly<Record<string, unknown>>;
  /** Probability of crossing two parents rather than copying one; default 0.9. */
  readonly crossoverProb?: number;
  /** Probability of taking a (categorical) parameter from the second parent; default 0.5. */
  readonly swappingProb?: number;
  /** Probability that a parameter of the child is drawn anew; default (null) one over the number of parameters. */
  readonly mutationProb?: number | null;
}

const RULES: Readonly<Record<keyof NsgaIISamplerOptions, OptionRule>> = {
  seed: SEED,
  populationSize: integerFrom(2),
  crossover: ANYTHING,
  crossoverProb: PROBABILITY,
  swappingProb: PROBABILITY,
  mutationProb: orNull(PROBABILITY),
};

/** A child that keeps falling outside the space is pulled to its edge after this many draws. */
const MAX_DRAWS = 100;

/**
 * NSGA-II (Deb, Pratap, Agarwal and Meyarivan, IEEE TEC 6(2), 2002) with Optuna's defaults and bookkeeping: elitism over
 * parents and offspring, constrained domination, binary tournament by rank and crowding distance. A trial's
 * generation stands in its system attribute `NSGAIISampler:generation`; parents follow from the history alone.
 */
export class NsgaIISampler implements Sampler {
  readonly name = 'nsga2';
  readonly seed: number;
  readonly options: Attrs;
  readonly capabilities = { multiObjective: true, constraints: true, categorical: true, defineByRun: true };
  readonly #populationSize: number;
  readonly #crossover: Crossover;
  readonly #crossoverProb: number;
  readonly #swappingProb: number;
  readonly #mutationProb: number | null;
  readonly #studies = new StudyCaches((history) => new Generations(history));

  /** @throws InvalidArgumentError on an unknown option or a value that it cannot have. */
  constructor(options: NsgaIISamplerOptions = {}) {
    checkOptions('the nsga2 sampler', options, RULES);
    this.seed = options.seed ?? 0;
    this.#populationSize = options.populationSize ?? 50;
    this.#crossoverProb = options.crossoverProb ?? 0.9;
    this.#swappingProb = options.swappingProb ?? 0.5;
    this.#mutationProb = options.mutationProb ?? null;
    this.#crossover =
      options.crossover === undefined ? uniformCrossover(this.#swappingProb) : asCrossover(options.crossover);
    this.options = {
      seed: this.seed,
      populationSize: this.#populationSize,
      crossover: this.#crossover.options,
      crossoverProb: this.#crossoverProb,
      swappingProb: this.#swappingProb,
      mutationProb: this.#mutationProb,
    };
  }

  inferRelativeSearchSpace(context: SamplerContext): SearchSpace {
    return this.#studies.of(context).relativeSpace.get(context.declaredSpace);
  }

  sampleRelative(context: SamplerContext, space: SearchSpace): RelativeSample {
    const generations = this.#studies.of(context);
    const generation = generations.current(this.#populationSize);
    const parents = generations.parentsOf(generation, context.directions, this.#populationSize);
    const systemAttrs = { [GENERATION_ATTR]: generation };
    // A parameter that a parent lacks cannot be inherited: it is left to be drawn on its own.
    const names = Object.keys(space).filter((name) => parents?.names.has(name));
    if (parents === null || names.length === 0) return { params: {}, systemAttrs };
    const inherited = Object.fromEntries(names.map((name) => [name, space[name]]));
    return { params: this.#child(context, inherited, parents), systemAttrs };
  }

  sampleIndependent(context: SamplerContext, name: string, distribution: Distribution): ParamValue {
    return sampleUniformFor(this.seed, context, name, distribution);
  }

  /** Parameters to mutate are left out: like every other absent one, they are then drawn uniformly. */
  #child(context: SamplerContext, space: SearchSpace, parents: Population): Record<string, ParamValue> {
    const rng = trialRng(this.seed, context, 'nsga2');
    const child =
      rng.uniform() < this.#crossoverProb
        ? this.#cross(space, parents, context.directions.length, rng)
        : parents.trials[rng.int(parents.trials.length)].params;
    const names = Object.keys(space);
    const mutationProb = this.#mutationProb ?? 1 / Math.max(1, names.length);
    const kept = names.filter((name) => rng.uniform() >= mutationProb && isWithin(space[name], child[name]));
    return Object.fromEntries(kept.map((name) => [name, child[name]]));
  }

  #cross(
    space: SearchSpace,
    parents: Population,
    nObjectives: number,
    rng: Rng,
  ): Readonly<Record<string, ParamValue>> {
    const names = Object.keys(space);
    const numeric = names.filter((name) => space[name].kind !== 'categorical');
    const distributions = numeric.map((name) => space[name] as NumericDistribution);
    const bounds = distributions.map(realBounds);
    const isInside = (x: number, j: number): boolean => x >= bounds[j].low && x <= bounds[j].high;
    for (let draw = 1; ; draw++) {
      const first = tournament(parents, rng, null);
      const second = tournament(parents, rng, first);
      const [a, b] = [parents.trials[first].params, parents.trials[second].params];
      const child: Record<string, ParamValue> = {};
      for (const name of names)
        if (space[name].kind === 'categorical')
          child[name] = (rng.uniform() < this.#swappingProb ? b : a)[name];
      const reals = this.#crossover.cross(
        [toReals(distributions, numeric, a), toReals(distributions, numeric, b)],
        bounds,
        rng,
        nObjectives,
      );
      if (draw < MAX_DRAWS && !reals.every(isInside)) continue;
      numeric.forEach((name, j) => {
        child[name] = fromReal(distributions[j], reals[j]);
      });
      return child;
    }
  }
}

function toReals(
  distributions: readonly NumericDistribution[],
  names: readonly string[],
  params: Readonly<Record<string, ParamValue>>,
): Float64Array {
  const reals = new Float64Array(names.length);
  for (let j = 0; j < names.length; j++) reals[j] = toReal(distributions[j], params[names[j]]);
  return reals;
}

function isWithin(distribution: Distribution, value: ParamValue): boolean {
  return contains(distribution, toInternalRepr(distribution, value));
}

function asCrossover(crossover: Crossover | string | Readonly<Record<string, unknown>>): Crossover {
  if (isCrossover(crossover)) return crossover;
  return crossoverFrom(crossover);
}

function isCrossover(crossover: unknown): crossover is Crossover {
  return typeof crossover === 'object' && crossover !== null && 'cross' in crossover;
}
