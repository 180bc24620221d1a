import type { Distribution, ParamValue, SearchSpace } from '../../src/core/distribution.ts';
import type { Attrs } from '../../src/core/frozen-trial.ts';
import type { RelativeSample, Sampler, SamplerContext } from '../../src/core/sampler.ts';
import { CmaEsSampler } from '../cmaes/sampler.ts';
import { GpSampler } from '../gp/sampler.ts';
import { StudyCaches } from '../history-cache.ts';
import { NsgaIISampler } from '../nsga2/sampler.ts';
import { NsgaIIISampler } from '../nsga3/sampler.ts';
import { checkOptions, integerFrom, type OptionRule, orNull, SEED } from '../options.ts';
import { TpeSampler } from '../tpe/sampler.ts';
import { HistoryFacts, type StudyFacts } from './study-facts.ts';

export interface AutoSamplerOptions {
  /** An integer >= 0; default 0: two runs of one program draw the same. Give each run its own to make them differ. */
  readonly seed?: number;
  /** How many trials the study is to have, if known; default (null): one that is cheap enough to stop at any time. */
  readonly budget?: number | null;
}

const RULES: Readonly<Record<keyof AutoSamplerOptions, OptionRule>> = {
  seed: SEED,
  budget: orNull(integerFrom(1)),
};

export type Pick = 'tpe' | 'gp' | 'cmaes' | 'nsga2' | 'nsga3';

/** Beyond these a Gaussian process costs more than it gains. */
const GP_TRIALS = 250;
const GP_PARAMS = 20;
/** From so many trials on a population has had the time to adapt. */
const POPULATION_TRIALS = 1000;

/** Those that CMA-ES starts from: the later ones may still run when it does. */
const SOURCE_TRIALS = 200;
/** They have converged already: with the default of 0.1 CMA-ES would find again what is known. */
const SOURCE_SPREAD = 0.01;

interface WarmStarted {
  readonly nSource: number;
  readonly sampler: Sampler;
}

function isWithinGp(budget: number | null): boolean {
  return (budget ?? 0) < 4 * POPULATION_TRIALS;
}

export interface PickFacts extends StudyFacts {
  readonly nObjectives: number;
  readonly trialNumber: number;
  readonly budget: number | null;
}

/** Which sampler draws a trial. */
export function pickSampler(facts: PickFacts): Pick {
  const { nObjectives, nParams, trialNumber, budget } = facts;
  const isGpAffordable = trialNumber < GP_TRIALS && nParams <= GP_PARAMS && isWithinGp(budget);
  // Of three objectives TPE finds more in the same time (DTLZ2).
  if (nObjectives <= 2 && !facts.isConditional && isGpAffordable) return 'gp';
  if (nObjectives > 1) {
    if (Math.max(budget ?? 0, trialNumber) < POPULATION_TRIALS) return 'tpe';
    return nObjectives > 3 ? 'nsga3' : 'nsga2';
  }
  return !facts.isConditional && facts.nCategorical === 0 && nParams > 1 ? 'cmaes' : 'tpe';
}

/**
 * Picks a sampler by the space, the objectives and how many trials the study has or is to have; each knows constraints. The pick is a pure function of the history, and is made for every trial anew.
 */
export class AutoSampler implements Sampler {
  readonly name = 'auto';
  readonly seed: number;
  readonly options: Attrs;
  readonly capabilities = { multiObjective: true, constraints: true, categorical: true, defineByRun: true };
  readonly #budget: number | null;
  readonly #samplers: Readonly<Record<Pick, Sampler>>;
  readonly #studies = new StudyCaches((history) => ({
    facts: new HistoryFacts(history),
    cmaes: null as WarmStarted | null,
  }));

  /** @throws InvalidArgumentError on an unknown option or a value that it cannot have. */
  constructor(options: AutoSamplerOptions = {}) {
    checkOptions('the auto sampler', options, RULES);
    const seed = options.seed ?? 0;
    this.seed = seed;
    this.#budget = options.budget ?? null;
    this.options = { seed, budget: this.#budget };
    this.#samplers = {
      tpe: new TpeSampler({ seed }),
      gp: new GpSampler({ seed }),
      cmaes: new CmaEsSampler({ seed }),
      nsga2: new NsgaIISampler({ seed }),
      nsga3: new NsgaIIISampler({ seed }),
    };
  }

  inferRelativeSearchSpace(context: SamplerContext): SearchSpace {
    return this.#pick(context).inferRelativeSearchSpace(context);
  }

  sampleRelative(context: SamplerContext, space: SearchSpace): RelativeSample {
    return this.#pick(context).sampleRelative(context, space);
  }

  sampleIndependent(
    context: SamplerContext,
    name: string,
    distribution: Distribution,
    decided?: Readonly<Record<string, ParamValue>>,
  ): ParamValue {
    return this.#pick(context).sampleIndependent(context, name, distribution, decided);
  }

  #pick(context: SamplerContext): Sampler {
    const { declaredSpace, conditions, directions, trialNumber } = context;
    const facts = this.#studies.of(context).facts.get(declaredSpace, conditions.size > 0);
    const nObjectives = directions.length;
    const pick = pickSampler({ ...facts, nObjectives, trialNumber, budget: this.#budget });
    const followsGp = pick === 'cmaes' && isWithinGp(this.#budget);
    return followsGp ? this.#warmStarted(context) : this.#samplers[pick];
  }

  /** CMA-ES from where the trials of the Gaussian process were best, and not from the centre of the space. */
  #warmStarted(context: SamplerContext): Sampler {
    const study = this.#studies.of(context);
    const source = context.trials.filter(
      ({ number, state }) => number < SOURCE_TRIALS && state === 'COMPLETE',
    );
    if (study.cmaes?.nSource !== source.length) {
      const sampler = new CmaEsSampler({
        seed: this.seed,
        sourceTrials: source,
        sourceSpread: SOURCE_SPREAD,
      });
      study.cmaes = { nSource: source.length, sampler };
    }
    return study.cmaes.sampler;
  }
}
