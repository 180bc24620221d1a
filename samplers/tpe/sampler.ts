import type { Distribution, ParamValue, SearchSpace } from '../../src/core/distribution.ts';
import { InvalidArgumentError } from '../../src/core/errors.ts';
import { BOOLEAN, integerFrom, orNull } from '../../src/core/option-rules.ts';
import { defineOptions, type OptionsOf, option, SEED, type SettingsOf } from '../../src/core/options.ts';
import type { Rng } from '../../src/core/rng.ts';
import type { RelativeSample, SamplerCapabilities, SamplerContext } from '../../src/core/sampler.ts';
import { BaseSampler } from '../base-sampler.ts';
import { StudyCaches } from '../history-cache.ts';
import { trialRng } from '../trial-rng.ts';
import { sampleUniformFor } from '../uniform.ts';
import { TpeStudyModel } from './study-model.ts';

const OPTIONS = defineOptions(
  'the tpe sampler',
  {
    /** An integer >= 0. Default: a new study draws one, and records it, so that it resumes exactly. */
    seed: SEED,
    /** Samples uniformly as long as fewer trials than this have finished. Default 10. */
    nStartupTrials: option(integerFrom(0), 10),
    /** Candidates drawn from the density of good trials, of which the most promising is taken. Default 24. */
    nEiCandidates: option(integerFrom(1), 24),
    /** Model all parameters jointly. Default (null): with one objective yes, with several no, unless `group`. */
    multivariate: option(orNull(BOOLEAN), null),
    /**
     * Where parameters are modeled jointly: not only those that every trial has, but group by group those that occur together, as
     * in the branches of a conditional space. It makes no difference if every trial has every parameter. Default (null): yes; true
     * also makes several objectives multivariate.
     */
    group: option(orNull(BOOLEAN), null),
    /** Count running trials as bad ones, so that parallel trials spread out. Default true. */
    constantLiar: option(BOOLEAN, true),
  },
  (settings) => {
    if (settings.group === true && settings.multivariate === false)
      throw new InvalidArgumentError(
        'the groups of the tpe sampler are drawn jointly, so group: true needs multivariate to be true or null, but it is ' +
          'false; leave one of them out',
      );
    return settings;
  },
);

/** Options of {@link TpeSampler}; as in Optuna, but camelCased. */
export interface TpeSamplerOptions extends OptionsOf<typeof OPTIONS> {}

/** A group with fewer good trials is drawn parameter by parameter: they say nothing yet of how its parameters go together. */
const MIN_GOOD_TRIALS = 2;

/**
 * The tree-structured Parzen estimator with Optuna 5's defaults: models good and other trials by densities l and g and
 * suggests, of candidates drawn from l, the one with the largest l/g (Bergstra et al., NeurIPS 2011; several
 * objectives: Ozaki et al., JAIR 73, 2022; settings: Watanabe, arXiv:2304.11127).
 *
 * ```ts
 * const study = await createStudy({ sampler: new TpeSampler({ seed: 1, nStartupTrials: 20 }) });
 * ```
 */
export class TpeSampler extends BaseSampler<SettingsOf<typeof OPTIONS>> {
  readonly name = 'tpe';
  readonly capabilities: SamplerCapabilities = {
    multiObjective: true,
    constraints: true,
    categorical: true,
    defineByRun: true,
  };
  readonly #studies = new StudyCaches((history) => ({ history, models: new Map<string, TpeStudyModel>() }));

  /** @throws InvalidArgumentError on an unknown option or a value that it cannot have. */
  constructor(options: TpeSamplerOptions = {}) {
    super(OPTIONS, options);
  }

  override inferRelativeSearchSpace(context: SamplerContext): SearchSpace {
    const { multivariate, group } = this.settings;
    const isJoint = multivariate ?? (group === true || context.directions.length === 1);
    if (!isJoint) return {};
    const model = this.#model(context);
    return model.merged(model.jointSpaces(context, group ?? true));
  }

  override sampleRelative(context: SamplerContext, space: SearchSpace): RelativeSample {
    const model = this.#model(context);
    if (Object.keys(space).length === 0 || model.nFinished < this.settings.nStartupTrials)
      return { params: {} };
    const spaces = model.jointSpaces(context, this.settings.group ?? true);
    if (spaces.length === 1)
      return { params: this.#sample(model, within(spaces[0], space), trialRng(this.seed, context, 'tpe')) };
    const samples = spaces.map((group, k) => this.#sampleGroup(model, context, within(group, space), k));
    return { params: Object.fromEntries(samples.flatMap(Object.entries)) };
  }

  /** Every group has a generator of its own. */
  #sampleGroup(
    model: TpeStudyModel,
    context: SamplerContext,
    group: SearchSpace,
    k: number,
  ): Record<string, ParamValue> {
    const entries = Object.entries(group);
    if (entries.length > 1 && model.estimator(group).below.size < MIN_GOOD_TRIALS)
      return Object.fromEntries(entries.map(([name, d]) => [name, this.sampleIndependent(context, name, d)]));
    return this.#sample(model, group, trialRng(this.seed, context, 'tpe', 'group', k));
  }

  override sampleIndependent(context: SamplerContext, name: string, distribution: Distribution): ParamValue {
    const model = this.#model(context);
    if (model.nFinished < this.settings.nStartupTrials)
      return sampleUniformFor(this.seed, context, name, distribution);
    const rng = trialRng(this.seed, context, 'tpe', name);
    return this.#sample(model, { [name]: distribution }, rng)[name];
  }

  #sample(model: TpeStudyModel, space: SearchSpace, rng: Rng): Record<string, ParamValue> {
    if (Object.keys(space).length === 0) return {};
    const estimator = model.estimator(space);
    return estimator.space.paramsOf(estimator.mostPromising(rng, this.settings.nEiCandidates), 0);
  }

  #model(context: SamplerContext): TpeStudyModel {
    const { history, models } = this.#studies.of(context);
    const key = context.directions.join();
    let model = models.get(key);
    if (model === undefined) {
      model = new TpeStudyModel(history, context.directions, this.settings.constantLiar);
      models.set(key, model);
    }
    return model;
  }
}

/** The parameters of a joint space that are asked for. */
function within(joint: SearchSpace, asked: SearchSpace): SearchSpace {
  if (joint === asked) return joint;
  return Object.fromEntries(Object.entries(joint).filter(([name]) => Object.hasOwn(asked, name)));
}
