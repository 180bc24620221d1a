import { isSingle, type SearchSpace } from '../../src/core/distribution.ts';
import { InvalidArgumentError } from '../../src/core/errors.ts';
import { type FrozenTrial, failedAtParams, totalViolation } from '../../src/core/frozen-trial.ts';
import { lossRows } from '../../src/core/losses.ts';
import { integerFrom } from '../../src/core/option-rules.ts';
import {
  defineOptions,
  type OptionsOf,
  option,
  optional,
  SEED,
  type SettingsOf,
} from '../../src/core/options.ts';
import type { Rng } from '../../src/core/rng.ts';
import type { RelativeSample, SamplerCapabilities, SamplerContext } from '../../src/core/sampler.ts';
import { nonDominationRanks } from '../../src/pareto/index.ts';
import { BaseSampler } from '../base-sampler.ts';
import { holds } from '../holds.ts';
import { trialRng } from '../trial-rng.ts';
import type { Candidate } from './candidate.ts';
import { neighbor } from './neighbor.ts';

const OPTIONS = defineOptions(
  'the aging-evolution sampler',
  {
    /** An integer >= 0. Default: a new study draws one, and records it, so that it resumes exactly. */
    seed: SEED,
    /** Trials that live: the latest ones that are COMPLETE or failed. As many are drawn at random first. At least 2. Default 100. */
    populationSize: option(integerFrom(2), 100),
    /** Members of the population that a parent is chosen from, from 1 to populationSize; 25 or the population if left out. */
    sampleSize: optional(integerFrom(1)),
  },
  (settings) => {
    const { populationSize, sampleSize = Math.min(25, populationSize) } = settings;
    if (sampleSize > populationSize)
      throw new InvalidArgumentError(
        `sampleSize must be <= populationSize, but is ${sampleSize} > ${populationSize}`,
      );
    return {
      ...settings,
      /** The members that a parent is chosen from; at most the population. */
      sampleSize,
    };
  },
);

/** Options of {@link AgingEvolutionSampler}. */
export interface AgingEvolutionSamplerOptions extends OptionsOf<typeof OPTIONS> {}

interface Child {
  readonly space: SearchSpace;
  readonly params: Candidate;
}

const NO_CHILD: Child = { space: {}, params: {} };

/**
 * Regularized evolution (E. Real, A. Aggarwal, Y. Huang and Q. V. Le, "Regularized Evolution for Image Classifier
 * Architecture Search", AAAI 2019, arXiv 1802.01548, algorithm 1): the best of a few members of the population, drawn with
 * replacement, is copied with one parameter mutated; the oldest member dies, however good it is. Nothing waits for a
 * generation to end, so it suits trials that run side by side.
 *
 * A trial that failed takes its place in the population, and loses to every other one. A mutation is a step to a neighboring value (neighbor.ts). The best is a feasible one, else the one that violates its
 * constraints least; of several objectives, one on the first Pareto front of those drawn. A parameter that the parent
 * lacks, as in another branch of a conditional space, is drawn uniformly.
 */
export class AgingEvolutionSampler extends BaseSampler<SettingsOf<typeof OPTIONS>> {
  readonly name = 'aging-evolution';
  readonly capabilities: SamplerCapabilities = {
    multiObjective: true,
    constraints: true,
    categorical: true,
    defineByRun: true,
  };
  /** A space is asked for before its values. */
  #last: { readonly context: SamplerContext; readonly child: Child } | null = null;

  /** @throws InvalidArgumentError on an unknown option or a value that it cannot have. */
  constructor(options: AgingEvolutionSamplerOptions = {}) {
    super(OPTIONS, options);
  }

  /** The parameters of the trial's parent; `{}` while the population grows. */
  override inferRelativeSearchSpace(context: SamplerContext): SearchSpace {
    return this.#child(context).space;
  }

  override sampleRelative(context: SamplerContext, space: SearchSpace): RelativeSample {
    const { params } = this.#child(context);
    const names = Object.keys(params).filter((name) => Object.hasOwn(space, name));
    return { params: Object.fromEntries(names.map((name) => [name, params[name]])) };
  }

  #child(context: SamplerContext): Child {
    if (this.#last?.context !== context) this.#last = { context, child: this.#breed(context) };
    return this.#last.child;
  }

  #breed(context: SamplerContext): Child {
    const { populationSize } = this.settings;
    const population = latestOf(context.trials, populationSize);
    if (population.length < populationSize) return NO_CHILD;
    const rng = trialRng(this.seed, context, 'aging-evolution');
    const parent = this.#tournament(population, context, rng);
    if (parent === null) return NO_CHILD;
    const space = heritable(parent, context.declaredSpace);
    const names = Object.keys(space);
    if (names.length === 0) return NO_CHILD;
    const mutated = rng.pick(names);
    const value = neighbor(rng, space[mutated], parent.params[mutated]);
    return { space, params: { ...parent.params, [mutated]: value } };
  }

  /** Null if only failed trials were drawn: there is nothing to descend from. */
  #tournament(
    population: readonly FrozenTrial[],
    { directions }: SamplerContext,
    rng: Rng,
  ): FrozenTrial | null {
    const all = Array.from({ length: this.settings.sampleSize }, () => rng.pick(population));
    const drawn = all.filter(({ state }) => state === 'COMPLETE');
    if (drawn.length === 0) return null;
    const violations = drawn.map((trial) => totalViolation(trial) ?? 0);
    const ranks = nonDominationRanks(lossRows(drawn, directions), directions.length, violations);
    return drawn[ranks.indexOf(0)];
  }
}

/** The last `count` trials by number that are COMPLETE or failed, or all if they are fewer. */
function latestOf(trials: readonly FrozenTrial[], count: number): readonly FrozenTrial[] {
  const latest: FrozenTrial[] = [];
  for (let i = trials.length - 1; i >= 0 && latest.length < count; i--)
    if (trials[i].state === 'COMPLETE' || failedAtParams(trials[i])) latest.push(trials[i]);
  return latest;
}

/** What a child may have of its parent: parameters with several values, the parent's among them, sorted by name. */
function heritable(parent: FrozenTrial, declared: SearchSpace | null): SearchSpace {
  const space = declared ?? parent.distributions;
  const names = Object.keys(parent.params).filter(
    (name) => Object.hasOwn(space, name) && !isSingle(space[name]) && holds(space[name], parent.params[name]),
  );
  return Object.fromEntries(names.sort().map((name) => [name, space[name]]));
}
