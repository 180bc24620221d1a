import { integerFrom } from '../core/option-rules.ts';
import { type OptionsOf, option, type SettingsOf } from '../core/options.ts';
import type { Reported } from './reported.ts';

/** At which of its steps a trial is judged. */
export const CHECK_INTERVAL = {
  /** No trial is judged before this step. Default 0. */
  nWarmupSteps: option(integerFrom(0), 0),
  /** From there on it is judged once in so many steps, at the first value that comes. Default 1. */
  intervalSteps: option(integerFrom(1), 1),
};

/** Options of every pruner that judges a trial at some of its steps only. */
export interface CheckInterval extends OptionsOf<typeof CHECK_INTERVAL> {}

/** Whether the trial is to be judged at the last step that it has reported. */
export function isCheckDue(
  reported: Reported,
  { nWarmupSteps, intervalSteps }: SettingsOf<typeof CHECK_INTERVAL>,
): boolean {
  const last = reported.lastStep;
  if (last === null || last < nWarmupSteps) return false;
  const begin = nWarmupSteps + Math.floor((last - nWarmupSteps) / intervalSteps) * intervalSteps;
  return !reported.hasBeforeLast(begin);
}
