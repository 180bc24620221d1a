import { InvalidArgumentError } from '../../src/core/errors.ts';
import type { Attrs, FrozenTrial } from '../../src/core/frozen-trial.ts';
import { isPlainObject } from '../../src/core/json.ts';
import type { Sampler } from '../../src/core/sampler.ts';
import {
  BOOLEAN,
  checkOptions,
  integerFrom,
  listOf,
  type OptionRule,
  objectWith,
  orNull,
  POSITIVE_PROBABILITY,
  SEED,
} from '../options.ts';
import type { RestartStrategy } from './restarts.ts';
import type { Variant } from './run.ts';

export interface CmaEsSamplerOptions {
  /** An integer >= 0; default 0: two runs of one program draw the same. Give each run its own to make them differ. */
  readonly seed?: number | undefined;
  /** As long as fewer trials than this have finished, sample uniformly. Default 1. */
  readonly nStartupTrials?: number | undefined;
  /** Trials per generation, at least 2; default (null) 4 + floor(3 ln d) for d parameters. */
  readonly popsize?: number | null | undefined;
  /** Keep ints and stepped floats from freezing at one value (CMA-ES with margin). Default false. */
  readonly withMargin?: boolean | undefined;
  /** Learn variances alone, no correlations: faster to adapt, and cheap in hundreds of dimensions. Default false. */
  readonly useSeparableCma?: boolean | undefined;
  /** Adapt the learning rates, for noisy or multimodal objectives and thousands of trials. Default false. */
  readonly lrAdapt?: boolean | undefined;
  /** Learn from PRUNED trials too, by their last report. Default false. */
  readonly considerPrunedTrials?: boolean | undefined;
  /** How to start anew when a run has converged: 'ipop' (default), 'bipop', or null, not to. */
  readonly restartStrategy?: RestartStrategy | null | undefined;
  /** Trials of a similar study, to start from where they were best instead of from the centre. */
  readonly sourceTrials?: readonly FrozenTrial[] | null | undefined;
  /** How far from the best source trials the optimum may lie, in parts of the ranges; default 0.1, as in the paper. */
  readonly sourceSpread?: number | undefined;
  /** Draws what CMA-ES cannot: categorical parameters, and those that not every trial has. Default: uniformly. */
  readonly independentSampler?: Sampler | null | undefined;
}

const RULES: Readonly<Record<keyof CmaEsSamplerOptions, OptionRule>> = {
  seed: SEED,
  nStartupTrials: integerFrom(0),
  popsize: orNull(integerFrom(2)),
  withMargin: BOOLEAN,
  useSeparableCma: BOOLEAN,
  lrAdapt: BOOLEAN,
  considerPrunedTrials: BOOLEAN,
  restartStrategy: {
    what: "'ipop', 'bipop' or null",
    accepts: (value) => value === null || value === 'ipop' || value === 'bipop',
  },
  sourceTrials: orNull(listOf('trials', isTrial)),
  sourceSpread: POSITIVE_PROBABILITY,
  independentSampler: orNull(objectWith('a Sampler, as new TpeSampler({ seed: 1 })', 'sampleIndependent')),
};

function isTrial(value: unknown): boolean {
  const { params, distributions, state } = (value ?? {}) as Partial<FrozenTrial>;
  return isPlainObject(params) && isPlainObject(distributions) && typeof state === 'string';
}

/** The options with their defaults filled in. */
export interface Settings {
  readonly seed: number;
  readonly nStartupTrials: number;
  readonly variant: Variant;
  readonly popsize: number | null;
  readonly considerPrunedTrials: boolean;
  readonly restartStrategy: RestartStrategy | null;
  readonly sourceTrials: readonly FrozenTrial[] | null;
  readonly sourceSpread: number;
}

/** @throws InvalidArgumentError on an unknown option, a value that it cannot have, or options that exclude each other. */
export function settingsOf(options: CmaEsSamplerOptions): Settings {
  checkOptions('the cmaes sampler', options, RULES);
  return {
    seed: options.seed ?? 0,
    nStartupTrials: options.nStartupTrials ?? 1,
    variant: variantOf(options),
    popsize: options.popsize ?? null,
    considerPrunedTrials: options.considerPrunedTrials ?? false,
    restartStrategy: options.restartStrategy === undefined ? 'ipop' : options.restartStrategy,
    sourceTrials: options.sourceTrials ?? null,
    sourceSpread: options.sourceSpread ?? 0.1,
  };
}

/** As JSON; of the source trials only how many. */
export function plainOptions(settings: Settings, independent: Sampler | null): Attrs {
  return {
    seed: settings.seed,
    nStartupTrials: settings.nStartupTrials,
    popsize: settings.popsize,
    withMargin: settings.variant === 'margin',
    useSeparableCma: settings.variant === 'separable',
    lrAdapt: settings.variant === 'adaptive rates',
    considerPrunedTrials: settings.considerPrunedTrials,
    restartStrategy: settings.restartStrategy,
    sourceTrials: settings.sourceTrials?.length ?? null,
    sourceSpread: settings.sourceSpread,
    independentSampler:
      independent === null ? null : { name: independent.name, options: independent.options },
  };
}

function variantOf({ withMargin, useSeparableCma, lrAdapt, sourceTrials }: CmaEsSamplerOptions): Variant {
  const chosen = Object.entries({ withMargin, useSeparableCma, lrAdapt }).filter(([, isOn]) => isOn === true);
  if (chosen.length > 1)
    throw new InvalidArgumentError(
      `withMargin, useSeparableCma and lrAdapt exclude each other, but ${chosen.map(([name]) => name).join(' and ')} are true; choose one`,
    );
  if (useSeparableCma === true && (sourceTrials ?? null) !== null)
    throw new InvalidArgumentError(
      'sourceTrials and useSeparableCma exclude each other, but both are given; leave one out',
    );
  if (withMargin === true) return 'margin';
  if (useSeparableCma === true) return 'separable';
  return lrAdapt === true ? 'adaptive rates' : 'full';
}
