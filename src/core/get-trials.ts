import { type FrozenTrial, TRIAL_STATES, type TrialState } from './frozen-trial.ts';
import { checkOptions, listOf } from './option-rules.ts';

/** Options of `study.getTrials`. */
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
