/** Callbacks that end `optimize`. They go by the study's history, so a program that is run again stops where it would have. */
import { covers } from '../pareto/domination.ts';
import { isCandidate } from './best.ts';
import { InvalidArgumentError } from './errors.ts';
import {
  type FrozenTrial,
  isFinished,
  type StudyDirection,
  TRIAL_STATES,
  type TrialState,
} from './frozen-trial.ts';
import { lossesOf } from './losses.ts';
import type { OptimizeCallback } from './optimize.ts';
import { checkOption, checkOptions, integerFrom, type OptionRule } from './option-rules.ts';
import { shown } from './shown.ts';
import type { AnyStudy } from './study.ts';

const STATE_LIST: OptionRule = {
  what: `a list of ${TRIAL_STATES.join(', ')}, or null for all`,
  accepts: (value) =>
    value === null || (Array.isArray(value) && value.every((each) => TRIAL_STATES.includes(each))),
};

/** Options of {@link maxTrialsCallback}. */
export interface MaxTrialsOptions {
  /** Which trials count; null for all. Default: COMPLETE. */
  readonly states?: readonly TrialState[] | null | undefined;
}

/**
 * Ends the study when it holds `nTrials` trials of these states; the running batch is finished.
 * @throws InvalidArgumentError
 */
export function maxTrialsCallback(nTrials: number, options: MaxTrialsOptions = {}): OptimizeCallback {
  checkOption('nTrials', nTrials, integerFrom(0));
  checkOptions('maxTrialsCallback', options, { states: STATE_LIST });
  const { states = ['COMPLETE'] } = options;
  const counts = (trial: FrozenTrial): boolean => states === null || states.includes(trial.state);
  return stopWhen((study) => study.trials.filter(counts).length >= nTrials);
}

/** Options of {@link stagnationCallback}. */
export interface StagnationOptions {
  /** The number of trials in a row (COMPLETE or PRUNED ones) without an improvement that ends the study. */
  readonly patience: number;
  /**
   * Default 0. A trial improves on another one if it is better than it by more than this in an objective; for several
   * objectives one number for all, or one each.
   */
  readonly minDelta?: number | readonly number[] | undefined;
  /** Default 0: the first so many trials do not count. */
  readonly nWarmupTrials?: number | undefined;
}

/**
 * Ends the study when it makes no progress; the running batch is finished. A feasible COMPLETE trial is an improvement if it
 * improves on every earlier one: with one objective a new best value, with several a new point of the Pareto front that no
 * earlier point dominates even with minDelta's advantage (additive epsilon-dominance; Laumanns et al., Evolutionary
 * Computation 10(3), 2002). Before the first feasible trial nothing counts as stagnation.
 * @throws InvalidArgumentError
 */
export function stagnationCallback(options: StagnationOptions): OptimizeCallback {
  const patienceRule = integerFrom(1);
  checkOptions('stagnationCallback', options, {
    patience: patienceRule,
    minDelta: DELTAS,
    nWarmupTrials: integerFrom(0),
  });
  const { patience, minDelta = 0, nWarmupTrials = 0 } = options;
  checkOption('patience', patience, patienceRule);
  /** The progress of the trials below the first unfinished one: they can no longer change. */
  const settled = new WeakMap<AnyStudy, { readonly count: number; readonly progress: Progress }>();
  return stopWhen((study) => {
    const { trials, directions } = study;
    const deltas = typeof minDelta === 'number' ? directions.map(() => minDelta) : minDelta;
    if (deltas.length !== directions.length)
      throw new InvalidArgumentError(
        `minDelta must have one number for each of the ${directions.length} objectives, but is ${shown(minDelta)}`,
      );
    const advance = (progress: Progress, trial: FrozenTrial): Progress =>
      progress.stagnant >= patience ? progress : next(progress, trial, directions, deltas, nWarmupTrials);
    const before = settled.get(study) ?? { count: 0, progress: BEGIN };
    const unfinished = trials.findIndex((trial, i) => i >= before.count && !isFinished(trial.state));
    const count = unfinished < 0 ? trials.length : unfinished;
    const progress = trials.slice(before.count, count).reduce(advance, before.progress);
    settled.set(study, { count, progress });
    return trials.slice(count).reduce(advance, progress).stagnant >= patience;
  });
}

const DELTAS: OptionRule = {
  what: 'a number >= 0, or a list of them',
  accepts: (value) =>
    (Array.isArray(value) ? value : [value]).every((each) => Number.isFinite(each) && each >= 0),
};

interface Progress {
  readonly counted: number;
  /** Trials in a row that did not improve. */
  readonly stagnant: number;
  /** Losses of the trials that improved, without those that a later one dominates. */
  readonly front: readonly (readonly number[])[];
}

const BEGIN: Progress = { counted: 0, stagnant: 0, front: [] };

function next(
  { counted, stagnant, front }: Progress,
  trial: FrozenTrial,
  directions: readonly StudyDirection[],
  deltas: readonly number[],
  nWarmupTrials: number,
): Progress {
  if (trial.state !== 'COMPLETE' && trial.state !== 'PRUNED') return { counted, stagnant, front };
  if (isCandidate(trial)) {
    const losses = lossesOf(trial.values!, directions);
    const isMatched = front.some((point) => point.every((loss, k) => loss - deltas[k] <= losses[k]));
    if (!isMatched) {
      const rest = front.filter((point) => !covers(losses, point));
      return { counted: counted + 1, stagnant: 0, front: [...rest, losses] };
    }
  }
  const counts = counted >= nWarmupTrials && front.length > 0;
  return { counted: counted + 1, stagnant: counts ? stagnant + 1 : 0, front };
}

function stopWhen(isDone: (study: AnyStudy) => boolean): OptimizeCallback {
  const callback = (study: AnyStudy): void => {
    if (isDone(study)) study.stop();
  };
  return Object.assign(callback, { isDone });
}
