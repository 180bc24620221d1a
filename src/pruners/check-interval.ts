import { integerFrom, type OptionRule } from '../core/option-rules.ts';
import type { Reported } from './reported.ts';

/** At which of its steps a trial is judged. */
export interface CheckInterval {
  /** Default 0: no trial is judged before this step. */
  readonly nWarmupSteps?: number | undefined;
  /** Default 1: from there on it is judged once in so many steps, at the first value that comes. */
  readonly intervalSteps?: number | undefined;
}

export const CHECK_INTERVAL_RULES: Readonly<Record<keyof CheckInterval, OptionRule>> = {
  nWarmupSteps: integerFrom(0),
  intervalSteps: integerFrom(1),
};

/** Whether the trial is to be judged at the last step that it has reported. */
export function isCheckDue(
  reported: Reported,
  { nWarmupSteps, intervalSteps }: Required<CheckInterval>,
): boolean {
  const last = reported.lastStep;
  if (last === null || last < nWarmupSteps) return false;
  const begin = nWarmupSteps + Math.floor((last - nWarmupSteps) / intervalSteps) * intervalSteps;
  return !reported.hasBeforeLast(begin);
}
