import type { Distribution, ParamValue, SearchSpace } from '../../src/core/distribution.ts';
import { type FrozenTrial, SYSTEM_ATTR } from '../../src/core/frozen-trial.ts';
import { integerFrom, orNull } from '../../src/core/option-rules.ts';
import { defineOptions, type OptionsOf, option, SEED, type SettingsOf } from '../../src/core/options.ts';
import type { RelativeSample, Sampler, SamplerCapabilities, SamplerContext } from '../../src/core/sampler.ts';
import { BaseSampler } from '../base-sampler.ts';
import { CmaEsSampler } from '../cmaes/sampler.ts';
import { GENERATION_ATTR } from '../cmaes/study.ts';
import { GpSampler } from '../gp/sampler.ts';
import { StudyCaches } from '../history-cache.ts';
import { NsgaIISampler } from '../nsga2/sampler.ts';
import { NsgaIIISampler } from '../nsga3/sampler.ts';
import { TpeSampler } from '../tpe/sampler.ts';
import { NO_PROBES, type ProbeResults, ProbeSampler, probeResults } from './probes.ts';
import { HistoryFacts, type StudyFacts } from './study-facts.ts';

const OPTIONS = defineOptions('the auto sampler', {
  /** An integer >= 0. Default: a new study draws one, and records it, so that it resumes exactly. */
  seed: SEED,
  /** How many trials the study is to have, if known. Default (null): one that is cheap enough to stop at any time. */
  budget: option(orNull(integerFrom(1)), null),
});

/** Options of {@link AutoSampler}. */
export interface AutoSamplerOptions extends OptionsOf<typeof OPTIONS> {}

export type AutoChoice =
  | 'tpe'
  | 'joint tpe'
  | 'gp'
  | 'middle'
  | 'corner'
  | 'cmaes'
  | 'separable cmaes'
  | 'nsga2'
  | 'nsga3';

/** Beyond these a Gaussian process costs more than it gains: so many COMPLETE trials, or twice as many in all. */
const GP_TRIALS = 250;
const GP_PARAMS = 20;
/** The Gaussian process starts then. */
const GP_STARTUP = 10;
/**
 * A Gaussian process that explains a smaller share of the variance of the losses spends its trials where nothing is known, mostly
 * at the ends of ranges. TPE, which only ranks, still learns from noise with a heavy tail, and draws at random on a plateau.
 *
 * Design note: after 24 trials it explains 0.14 to 0.95 of most functions without noise (hartmann6, rastrigin, BBOB), and less
 * than 0.1 of a sphere below noise wider than itself. Of 100 trials of a sphere with outliers upwards the median best, over 10 seeds,
 * fell from 0.13 to 0.015; random search has 0.06.
 */
const LEAST_EXPLAINED = 0.1;
/** From so many trials on a population has had the time to adapt. */
const POPULATION_TRIALS = 1000;
/**
 * Beyond this many parameters CMA-ES cannot learn the correlations in the trials of a study, and decomposing their matrix is slow. TPE
 * of several objectives finds more jointly then, in a fraction of the time.
 */
const MANY_PARAMS = 100;

/** By so many trials at the start of a study it is decided whether their ranks are enough for CMA-ES … */
const FIRST_TRIALS = 10;
/** … or by so many if it follows a Gaussian process, the later ones of which may still run then. */
const FIRST_GP_TRIALS = 200;
/** The trials of a Gaussian process have converged: with the default of 0.1 CMA-ES would find again what is known. */
const SOURCE_SPREAD = 0.01;

interface WarmStarted {
  /** Numbers of the trials that it starts from. */
  readonly source: string;
  readonly sampler: Sampler;
}

function isWithinGp(nParams: number, budget: number | null): boolean {
  return nParams <= GP_PARAMS && (budget ?? 0) < 4 * POPULATION_TRIALS;
}

/** Whether the middle and corners of the space are of use, and looked for. */
function mayProbe(nParams: number, trialNumber: number): boolean {
  return nParams > GP_PARAMS && trialNumber < POPULATION_TRIALS;
}

export interface PickFacts extends StudyFacts, ProbeResults {
  readonly nObjectives: number;
  readonly trialNumber: number;
  readonly budget: number | null;
  /** Whether its first trials can be ranked. */
  readonly firstDiffer: boolean;
}

/** Which sampler draws a trial. */
export function pickSampler(facts: PickFacts): AutoChoice {
  const { nObjectives, nParams, trialNumber, budget, isConditional } = facts;
  const nForGp = Math.max(facts.nComplete, trialNumber / 2);
  const isGpAffordable = nForGp < GP_TRIALS && isWithinGp(nParams, budget);
  // For three objectives TPE finds more in the same time (DTLZ2).
  if (nObjectives <= 2 && !isConditional && isGpAffordable)
    // TPE learns from pruned trials, too; both begin with the same uniform ones.
    return facts.nComplete < GP_STARTUP ? 'tpe' : 'gp';
  if (nObjectives > 1) {
    if (Math.max(budget ?? 0, trialNumber) < POPULATION_TRIALS)
      return nParams > MANY_PARAMS ? 'joint tpe' : 'tpe';
    return nObjectives > 3 ? 'nsga3' : 'nsga2';
  }
  const isNumeric = facts.nCategorical === 0;
  if (isConditional || nParams === 1 || !facts.firstDiffer) return 'tpe';
  if (mayProbe(nParams, trialNumber) && facts.isMiddleBest !== true) {
    if (isNumeric && facts.isMiddleBest === null) return 'middle';
    if (facts.areCornersPromising) return 'corner';
    // CMA-ES begins in the middle, with steps too short for a corner.
    if (facts.wasCornerBest) return trialNumber % 2 === 0 ? 'corner' : 'tpe';
  }
  if (!isNumeric) return 'tpe';
  return nParams > MANY_PARAMS ? 'separable cmaes' : 'cmaes';
}

/**
 * Picks a sampler by the space, the objectives and how many trials the study has or is to have; each knows constraints. The pick is a pure function of the history, and is made for every trial anew.
 */
export class AutoSampler extends BaseSampler<SettingsOf<typeof OPTIONS>> {
  readonly name = 'auto';
  readonly capabilities: SamplerCapabilities = {
    multiObjective: true,
    constraints: true,
    categorical: true,
    defineByRun: true,
  };
  readonly #gp: GpSampler;
  readonly #samplers: Readonly<Record<AutoChoice, Sampler>>;
  readonly #studies = new StudyCaches((history) => ({
    facts: new HistoryFacts(history),
    cmaes: null as WarmStarted | null,
  }));
  /** A sampler is asked for every parameter of a trial. */
  #last: { readonly context: SamplerContext; readonly sampler: Sampler } | null = null;

  /** @throws InvalidArgumentError on an unknown option or a value that it cannot have. */
  constructor(options: AutoSamplerOptions = {}) {
    super(OPTIONS, options);
    const { seed } = this;
    this.#gp = new GpSampler({ seed });
    this.#samplers = {
      tpe: new TpeSampler({ seed }),
      'joint tpe': new TpeSampler({ seed, multivariate: true }),
      gp: this.#gp,
      middle: new ProbeSampler('middle', seed),
      corner: new ProbeSampler('corner', seed),
      cmaes: new CmaEsSampler({ seed }),
      'separable cmaes': new CmaEsSampler({ seed, useSeparableCma: true }),
      nsga2: new NsgaIISampler({ seed }),
      nsga3: new NsgaIIISampler({ seed }),
    };
  }

  override inferRelativeSearchSpace(context: SamplerContext): SearchSpace {
    return this.#pick(context).inferRelativeSearchSpace(context);
  }

  override sampleRelative(context: SamplerContext, space: SearchSpace): RelativeSample {
    return this.#pick(context).sampleRelative(context, space);
  }

  override sampleIndependent(
    context: SamplerContext,
    name: string,
    distribution: Distribution,
    decided?: Readonly<Record<string, ParamValue>>,
  ): ParamValue {
    return this.#pick(context).sampleIndependent(context, name, distribution, decided);
  }

  #pick(context: SamplerContext): Sampler {
    if (this.#last?.context !== context) this.#last = { context, sampler: this.#picked(context) };
    return this.#last.sampler;
  }

  #picked(context: SamplerContext): Sampler {
    const { declaredSpace, conditions, directions, trialNumber } = context;
    const { budget } = this.settings;
    const history = this.#studies.of(context).facts;
    const facts = history.get(declaredSpace, conditions.size > 0);
    const followsGp = isWithinGp(facts.nParams, budget);
    const firstDiffer = history.firstDiffer(followsGp ? FIRST_GP_TRIALS : FIRST_TRIALS);
    const nObjectives = directions.length;
    const probes = mayProbe(facts.nParams, trialNumber)
      ? probeResults(context.trials, directions[0])
      : NO_PROBES;
    const pick = pickSampler({ ...facts, ...probes, nObjectives, trialNumber, budget, firstDiffer });
    if (pick === 'gp' && this.#gp.explained(context) < LEAST_EXPLAINED) return this.#samplers.tpe;
    return pick === 'cmaes' && followsGp ? this.#warmStarted(context) : this.#samplers[pick];
  }

  /**
   * CMA-ES from where the trials of the Gaussian process were best, and not from the center of the space. Its source is what
   * its first trial saw, so that it stays the same for all later ones.
   */
  #warmStarted(context: SamplerContext): Sampler {
    const study = this.#studies.of(context);
    const first = context.trials.find(({ systemAttrs }) => GENERATION_ATTR.full in systemAttrs);
    const running = (first?.systemAttrs[SYSTEM_ATTR.running] ?? []) as readonly number[];
    const wasSeen = ({ number }: FrozenTrial): boolean =>
      first === undefined || (number < first.number && !running.includes(number));
    const sourceTrials = context.trials.filter((trial) => trial.state === 'COMPLETE' && wasSeen(trial));
    if (sourceTrials.length < GP_STARTUP) return this.#samplers.cmaes;
    const source = sourceTrials.map(({ number }) => number).join();
    if (study.cmaes?.source !== source) {
      const sampler = new CmaEsSampler({ seed: this.seed, sourceTrials, sourceSpread: SOURCE_SPREAD });
      study.cmaes = { source, sampler };
    }
    return study.cmaes.sampler;
  }
}
