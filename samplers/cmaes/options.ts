import { InvalidArgumentError } from '../../src/core/errors.ts';
import type { FrozenTrial } from '../../src/core/frozen-trial.ts';
import { isPlainObject } from '../../src/core/json.ts';
import {
  BOOLEAN,
  integerFrom,
  listOf,
  type OptionRule,
  oneOf,
  orNull,
  POSITIVE_PROBABILITY,
} from '../../src/core/option-rules.ts';
import { defineOptions, type OptionsOf, option, SEED, type SettingsOf } from '../../src/core/options.ts';
import { INDEPENDENT_SAMPLER, withIndependentSeed } from '../independent-sampler.ts';
import type { RestartStrategy } from './restarts.ts';
import type { Variant } from './run.ts';

function isTrial(value: unknown): boolean {
  const { params, distributions, state } = (value ?? {}) as Partial<FrozenTrial>;
  return isPlainObject(params) && isPlainObject(distributions) && typeof state === 'string';
}

/** The source trials, of which the plain form keeps only the number. */
const TRIALS: OptionRule<readonly FrozenTrial[]> = {
  ...listOf<FrozenTrial>('trials', isTrial),
  plain: (trials) => (trials as readonly FrozenTrial[]).length,
};

export const CMAES_OPTIONS = defineOptions(
  'the cmaes sampler',
  {
    /** An integer >= 0. Default: a new study draws one, and records it, so that it resumes exactly. */
    seed: SEED,
    /** Samples uniformly as long as fewer trials than this have finished. Default 1. */
    nStartupTrials: option(integerFrom(0), 1),
    /** Trials per generation, at least 2. Default (null): 4 + floor(3 ln d) for d parameters. */
    popsize: option(orNull(integerFrom(2)), null),
    /** Keep ints and stepped floats from freezing at one value (CMA-ES with margin). Default false. */
    withMargin: option(BOOLEAN, false),
    /** Learn variances alone, no correlations: faster to adapt, and cheap in hundreds of dimensions. Default false. */
    useSeparableCma: option(BOOLEAN, false),
    /** Adapt the learning rates, for noisy or multimodal objectives and thousands of trials. Default false. */
    lrAdapt: option(BOOLEAN, false),
    /** Learn from PRUNED trials too, by their last report. Default false. */
    considerPrunedTrials: option(BOOLEAN, false),
    /** How to start anew when a run has converged: 'ipop', 'bipop', or null, not to. Default 'ipop'. */
    restartStrategy: option(orNull(oneOf<RestartStrategy>('ipop', 'bipop')), 'ipop'),
    /** Trials of a similar study, to start from where they were best instead of from the center. Default null. */
    sourceTrials: option(orNull(TRIALS), null),
    /** How far from the best source trials the optimum may lie, in parts of the ranges. Default 0.1, as in the paper. */
    sourceSpread: option(POSITIVE_PROBABILITY, 0.1),
    /** Draws what CMA-ES cannot: categorical parameters, and those that not every trial has. Default (null): uniformly. */
    independentSampler: option(INDEPENDENT_SAMPLER.rule, null),
  },
  (settings) => {
    const { withMargin, useSeparableCma, lrAdapt, sourceTrials } = settings;
    const chosen = Object.entries({ withMargin, useSeparableCma, lrAdapt }).filter(([, isOn]) => isOn);
    if (chosen.length > 1)
      throw new InvalidArgumentError(
        `withMargin, useSeparableCma and lrAdapt exclude each other, but ${chosen.map(([name]) => name).join(' and ')} are true; choose one`,
      );
    if (useSeparableCma && sourceTrials !== null)
      throw new InvalidArgumentError(
        'sourceTrials and useSeparableCma exclude each other, but both are given; leave one out',
      );
    const variant: Variant = withMargin
      ? 'margin'
      : useSeparableCma
        ? 'separable'
        : lrAdapt
          ? 'adaptive rates'
          : 'full';
    return {
      ...withIndependentSeed(settings),
      /** The form of CMA-ES that `withMargin`, `useSeparableCma` and `lrAdapt` choose. */
      variant,
    };
  },
);

/** Options of `CmaEsSampler`; as in Optuna, but camelCased. */
export interface CmaEsSamplerOptions extends OptionsOf<typeof CMAES_OPTIONS> {}
/** The options with their defaults, and the variant that follows from them. */
export type Settings = SettingsOf<typeof CMAES_OPTIONS>;
