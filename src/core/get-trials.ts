import type { FrozenTrial, TrialState } from './frozen-trial.ts';
import { checkOptions, listOf } from './option-rules.ts';

export const TRIAL_STATES: readonly TrialState[] = ['COMPLETE', 'PRUNED', 'FAIL', 'RUNNING', 'WAITING'];

export interface GetTrialsOptions {
  /** Only trials that are in one of these states. Default: all. */
  readonly states?: readonly TrialState[] | undefined;
}

const STATES = listOf(`some of ${TRIAL_STATES.join(', ')}`, (state) =>
  TRIAL_STATES.includes(state as TrialState),
);

/** @throws InvalidArgumentError */
export function trialsIn(trials: readonly FrozenTrial[], options: GetTrialsOptions): readonly FrozenTrial[] {
  checkOptions('getTrials', options, { states: STATES });
  const { states } = options;
  return states === undefined ? [...trials] : trials.filter(({ state }) => states.includes(state));
}
