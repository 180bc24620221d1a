/**
 * The evolutionary search of HAT (Wang et al., "HAT: Hardware-Aware Transformers", ACL 2020, arXiv 2005.14187, section 3.2):
 * a random population, then generation after generation of mutations and crossovers of the best candidates so far.
 * Made exact: canonical genes, no candidate evaluated twice, infeasible ones turned away before evaluation, and every
 * search for a candidate bounded.
 */

import type { SearchSpace } from '../../src/core/distribution.ts';
import {
  InfeasibleSpaceError,
  InvalidArgumentError,
  SearchSpaceExhaustedError,
} from '../../src/core/errors.ts';
import type { FrozenTrial } from '../../src/core/frozen-trial.ts';
import { integerFrom, POSITIVE_PROBABILITY, SYNC_FUNCTION } from '../../src/core/option-rules.ts';
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
import { shown } from '../../src/core/shown.ts';
import { BaseSampler } from '../base-sampler.ts';
import { StudyCaches } from '../history-cache.ts';
import { trialRng } from '../trial-rng.ts';
import {
  type Candidate,
  candidateKey,
  crossover,
  mutate,
  randomCandidate,
  repair,
  type Violation,
} from './candidate.ts';
import { SearchHistory } from './search-history.ts';

const OPTIONS = defineOptions(
  'the evolutionary sampler',
  {
    /** An integer >= 0. Default: a new study draws one, and records it, so that it resumes exactly. */
    seed: SEED,
    /** Random candidates of the first generation, at least 2. Default 125. */
    populationSize: option(integerFrom(2), 125),
    /** Best candidates so far that the next generation descends from, from 2 to populationSize. Default 25. */
    parentSize: option(integerFrom(2), 25),
    /** Mutations per generation. Default 50. */
    mutationSize: option(integerFrom(0), 50),
    /** Crossovers per generation. Default 50. */
    crossoverSize: option(integerFrom(0), 50),
    /** Probability, > 0, that a mutation draws a gene anew. Default 0.3. */
    mutationProb: option(POSITIVE_PROBABILITY, 0.3),
    /** Feasibility before evaluation: <= 0 feasible, else by how much a candidate exceeds its limits; all are feasible if left out. */
    violation: optional<Violation>(SYNC_FUNCTION),
    /** Maps candidates that mean the same (dead genes) to one; none do if left out. */
    canonical: optional<(candidate: Candidate) => Candidate>(SYNC_FUNCTION),
    /** Draws for one candidate before infeasible ones are repaired, and again before the search gives up. Default 100. */
    maxAttempts: option(integerFrom(1), 100),
  },
  (settings) => {
    const { populationSize, parentSize, mutationSize, crossoverSize } = settings;
    if (mutationSize + crossoverSize < 1)
      throw new InvalidArgumentError('mutationSize + crossoverSize must be at least 1, but is 0');
    if (parentSize > populationSize)
      throw new InvalidArgumentError(
        `parentSize must be <= populationSize, but is ${parentSize} > ${populationSize}`,
      );
    return settings;
  },
);

/** Options of {@link EvolutionarySampler}; the defaults are HAT's. */
export interface EvolutionarySamplerOptions extends OptionsOf<typeof OPTIONS> {}

/** What is no number would be neither feasible nor infeasible. */
function checkedViolation(violation: Violation): Violation {
  return (candidate) => {
    const value: unknown = violation(candidate);
    if (typeof value === 'number' && !Number.isNaN(value)) return value;
    throw new InvalidArgumentError(
      `violation must return a number (<= 0 if feasible), but of ${shown(candidate)} it returned ${shown(value)}`,
    );
  };
}

/**
 * HAT's evolutionary search, for any space and number of objectives. Trial numbers fix the generations: `populationSize` random
 * candidates, then generations of `mutationSize` mutations and `crossoverSize` crossovers of the `parentSize` best before.
 * Throws InfeasibleSpaceError if no candidate has a violation <= 0, SearchSpaceExhaustedError if all that do were tried.
 */
export class EvolutionarySampler extends BaseSampler<SettingsOf<typeof OPTIONS>> {
  readonly name = 'evolutionary';
  readonly capabilities: SamplerCapabilities = {
    multiObjective: true,
    constraints: true,
    categorical: true,
    defineByRun: true,
  };
  readonly #violation: Violation | null;
  readonly #canonical: (candidate: Candidate) => Candidate;
  readonly #studies = new StudyCaches((history) => new SearchHistory(history, this.#canonical));

  /** @throws InvalidArgumentError on an unknown option or a value that it cannot have. */
  constructor(options: EvolutionarySamplerOptions = {}) {
    super(OPTIONS, options);
    const { violation, canonical } = this.settings;
    this.#violation = violation === undefined ? null : checkedViolation(violation);
    this.#canonical = canonical ?? ((candidate) => candidate);
  }

  /** Trials of a search of so many iterations (HAT: 30): the population, then the offspring of all iterations but the first. */
  trialsFor(iterations = 30): number {
    const { populationSize, mutationSize, crossoverSize } = this.settings;
    return populationSize + (iterations - 1) * (mutationSize + crossoverSize);
  }

  /** Generation of a trial number: 0 is the random population. */
  generationOf(trialNumber: number): number {
    return generationOf(trialNumber, this.settings);
  }

  override inferRelativeSearchSpace(context: SamplerContext): SearchSpace {
    return context.declaredSpace ?? this.#studies.of(context).relativeSpace.get(null);
  }

  override sampleRelative(context: SamplerContext, space: SearchSpace): RelativeSample {
    if (Object.keys(space).length === 0) return { params: {} };
    const rng = trialRng(this.seed, context, 'evolutionary');
    const breed = this.#breeder(context, space);
    const tried = this.#studies.of(context).tried(space);
    const { maxAttempts } = this.settings;
    const search = new CandidateSearch(rng, space, tried, this.#violation, this.#canonical);
    // Descend from the parents; then repair what they yield; then look anywhere; then repair that.
    const params =
      search.draw(maxAttempts, () => breed(rng)) ??
      search.drawRepaired(REPAIRS, () => breed(rng)) ??
      search.draw(maxAttempts, () => randomCandidate(rng, space)) ??
      search.drawRepaired(REPAIRS, () => randomCandidate(rng, space));
    if (params !== null) return { params };
    throw search.failure(context.trials);
  }

  /** How a candidate of this trial's place in its generation is made. */
  #breeder(context: SamplerContext, space: SearchSpace): (rng: Rng) => Candidate {
    const { populationSize, mutationSize, crossoverSize, parentSize, mutationProb } = this.settings;
    const generation = this.generationOf(context.trialNumber);
    const size = mutationSize + crossoverSize;
    const start = generation === 0 ? 0 : populationSize + (generation - 1) * size;
    const parents =
      generation === 0 ? [] : this.#studies.of(context).parents(space, start, parentSize, context.directions);
    if (parents.length === 0) return (rng) => randomCandidate(rng, space);
    const isMutation = context.trialNumber - start < mutationSize || parents.length < 2;
    if (isMutation) return (rng) => mutate(rng, space, rng.pick(parents).params, mutationProb);
    return (rng) => {
      const [a, b] = rng.shuffled(parents);
      return crossover(rng, space, a.params, b.params);
    };
  }
}

/** Returns the generation that a trial number falls into in a search of these sizes: 0 is the random population. */
export function generationOf(
  trialNumber: number,
  sizes: Readonly<Record<'populationSize' | 'mutationSize' | 'crossoverSize', number>>,
): number {
  const { populationSize, mutationSize, crossoverSize } = sizes;
  if (trialNumber < populationSize) return 0;
  return 1 + Math.floor((trialNumber - populationSize) / (mutationSize + crossoverSize));
}

/** Candidates that are repaired before the search gives up. */
const REPAIRS = 10;

/** The bounded search for one untried feasible candidate. */
class CandidateSearch {
  #leastViolation = Number.POSITIVE_INFINITY;
  #leastViolating: Candidate | null = null;
  #sawFeasible = false;
  #draws = 0;

  constructor(
    readonly rng: Rng,
    readonly space: SearchSpace,
    readonly tried: { has(key: string): boolean },
    readonly violation: Violation | null,
    readonly canonical: (candidate: Candidate) => Candidate,
  ) {}

  draw(attempts: number, make: () => Candidate): Candidate | null {
    for (let i = 0; i < attempts; i++) {
      const accepted = this.#accept(this.canonical(make()));
      if (accepted !== null) return accepted;
    }
    return null;
  }

  drawRepaired(attempts: number, make: () => Candidate): Candidate | null {
    const { violation } = this;
    if (violation === null) return null;
    for (let i = 0; i < attempts; i++) {
      const repaired = repair(this.rng, this.space, this.canonical(make()), violation);
      const accepted = this.#accept(this.canonical(repaired.candidate));
      if (accepted !== null) return accepted;
    }
    return null;
  }

  #accept(candidate: Candidate): Candidate | null {
    this.#draws++;
    const isNew = !this.tried.has(candidateKey(this.space, candidate));
    const violation = this.violation === null ? 0 : this.violation(candidate);
    if (violation <= 0) this.#sawFeasible = true;
    if (violation < this.#leastViolation) {
      this.#leastViolation = violation;
      this.#leastViolating = candidate;
    }
    return isNew && violation <= 0 ? candidate : null;
  }

  failure(history: readonly FrozenTrial[]): InfeasibleSpaceError | SearchSpaceExhaustedError {
    const { violation } = this;
    if (this.#sawFeasible || violation === null || history.some((trial) => violation(trial.params) <= 0))
      return new SearchSpaceExhaustedError(
        `${this.#draws} draws found no candidate that is feasible and was not tried before`,
      );
    return new InfeasibleSpaceError(
      `a candidate must have a violation <= 0, but the least of ${this.#draws} draws (repaired ones included) is ` +
        `${this.#leastViolation}; raise the limit by that much, or give smaller choices`,
      this.#leastViolation,
      this.#leastViolating,
    );
  }
}
