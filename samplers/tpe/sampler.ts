import {
  type Distribution,
  distributionsEqual,
  type ParamValue,
  type SearchSpace,
} from '../../src/core/distribution.ts';
import type { Attrs, FrozenTrial, StudyDirection } from '../../src/core/frozen-trial.ts';
import type { Rng } from '../../src/core/rng.ts';
import type { RelativeSample, Sampler, SamplerContext } from '../../src/core/sampler.ts';
import { ChangeCursor, type History, StudyCaches } from '../history-cache.ts';
import { BOOLEAN, checkOptions, integerFrom, type OptionRule, orNull, SEED } from '../options.ts';
import { RelativeSpace } from '../relative-space.ts';
import { trialRng } from '../trial-rng.ts';
import { sampleUniformFor } from '../uniform.ts';
import { ParzenEstimator } from './parzen-estimator.ts';
import { defaultGamma, TrialSplitter } from './split.ts';

export interface TpeSamplerOptions {
  /** An integer >= 0; default 0: two runs of one program draw the same. Give each run its own to make them differ. */
  readonly seed?: number;
  /** As long as fewer trials than this have finished, sample uniformly. Default 10. */
  readonly nStartupTrials?: number;
  /** Candidates drawn from the density of good trials, of which the most promising is taken. Default 24. */
  readonly nEiCandidates?: number;
  /** Model all parameters jointly. Default (null): with one objective yes, with several no. */
  readonly multivariate?: boolean | null;
  /** Count running trials as bad ones, so that parallel trials spread out. Default true. */
  readonly constantLiar?: boolean;
}

const RULES: Readonly<Record<keyof TpeSamplerOptions, OptionRule>> = {
  seed: SEED,
  nStartupTrials: integerFrom(0),
  nEiCandidates: integerFrom(1),
  multivariate: orNull(BOOLEAN),
  constantLiar: BOOLEAN,
};

/**
 * The tree-structured Parzen estimator with Optuna 5's defaults: models good and other trials by densities l and g and
 * suggests, of candidates drawn from l, the one with the largest l/g (Bergstra et al., NeurIPS 2011; several
 * objectives: Ozaki et al., JAIR 73, 2022; settings: Watanabe, arXiv:2304.11127).
 */
export class TpeSampler implements Sampler {
  readonly name = 'tpe';
  readonly seed: number;
  readonly options: Attrs;
  readonly capabilities = { multiObjective: true, constraints: true, categorical: true, defineByRun: true };
  readonly #nStartupTrials: number;
  readonly #nEiCandidates: number;
  readonly #multivariate: boolean | null;
  readonly #constantLiar: boolean;
  readonly #studies: StudyCaches<TpeStudy>;

  /** @throws InvalidArgumentError on an unknown option or a value that it cannot have. */
  constructor(options: TpeSamplerOptions = {}) {
    checkOptions('the tpe sampler', options, RULES);
    this.seed = options.seed ?? 0;
    this.#nStartupTrials = options.nStartupTrials ?? 10;
    this.#nEiCandidates = options.nEiCandidates ?? 24;
    this.#multivariate = options.multivariate ?? null;
    this.#constantLiar = options.constantLiar ?? true;
    this.options = {
      seed: this.seed,
      nStartupTrials: this.#nStartupTrials,
      nEiCandidates: this.#nEiCandidates,
      multivariate: this.#multivariate,
      constantLiar: this.#constantLiar,
    };
    this.#studies = new StudyCaches((history) => new TpeStudy(history, this.#constantLiar));
  }

  inferRelativeSearchSpace(context: SamplerContext): SearchSpace {
    if (!(this.#multivariate ?? context.directions.length === 1)) return {};
    return this.#studies.of(context).relativeSpace.get(context.declaredSpace);
  }

  sampleRelative(context: SamplerContext, space: SearchSpace): RelativeSample {
    if (Object.keys(space).length === 0) return { params: {} };
    return { params: this.#sample(context, space, trialRng(this.seed, context, 'tpe')) ?? {} };
  }

  sampleIndependent(context: SamplerContext, name: string, distribution: Distribution): ParamValue {
    const rng = trialRng(this.seed, context, 'tpe', name);
    const params = this.#sample(context, { [name]: distribution }, rng);
    return params === null ? sampleUniformFor(this.seed, context, name, distribution) : params[name];
  }

  /** Null while too few trials have finished. */
  #sample(context: SamplerContext, space: SearchSpace, rng: Rng): Record<string, ParamValue> | null {
    const study = this.#studies.of(context);
    const splitter = study.splitter(context.directions);
    const n = splitter.nFinished;
    if (n < this.#nStartupTrials) return null;
    const estimator = study.estimator(space, splitter);
    estimator.split(splitter.below(defaultGamma(n, context.directions.length)), (number) =>
      study.trial(number),
    );
    return estimator.space.paramsOf(estimator.mostPromising(rng, this.#nEiCandidates), 0);
  }
}

/** What is derived from the history of one study. */
class TpeStudy {
  readonly relativeSpace: RelativeSpace;
  readonly #history: History;
  readonly #constantLiar: boolean;
  #splitter: { readonly directions: readonly StudyDirection[]; readonly splitter: TrialSplitter } | null =
    null;
  /** By the names of the space. */
  readonly #estimators = new Map<
    string,
    { readonly space: SearchSpace; readonly estimator: ParzenEstimator; readonly changes: ChangeCursor }
  >();

  constructor(history: History, constantLiar: boolean) {
    this.#history = history;
    this.#constantLiar = constantLiar;
    this.relativeSpace = new RelativeSpace(history, ['COMPLETE', 'PRUNED']);
  }

  trial(number: number): FrozenTrial {
    return this.#history.trials[number]!;
  }

  splitter(directions: readonly StudyDirection[]): TrialSplitter {
    if (this.#splitter?.directions.join() !== directions.join())
      this.#splitter = {
        directions,
        splitter: new TrialSplitter(this.#history, directions, this.#constantLiar),
      };
    return this.#splitter.splitter;
  }

  estimator(space: SearchSpace, splitter: TrialSplitter): ParzenEstimator {
    const key = Object.keys(space).join('\n');
    let known = this.#estimators.get(key);
    if (known === undefined || !sameSpace(known.space, space)) {
      const weighting = splitter.nObjectives > 1 ? 'equal' : 'recency';
      known = {
        space,
        estimator: new ParzenEstimator(space, weighting),
        changes: new ChangeCursor(this.#history),
      };
      this.#estimators.set(key, known);
    }
    const { estimator, changes } = known;
    changes.forEachChange((trial) => {
      estimator.observe(trial, splitter.counts(trial));
    });
    return estimator;
  }
}

function sameSpace(a: SearchSpace, b: SearchSpace): boolean {
  return a === b || Object.keys(a).every((name) => distributionsEqual(a[name], b[name]));
}
