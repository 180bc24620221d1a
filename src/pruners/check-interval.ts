import { integerFrom, type OptionRule } from '../core/option-rules.ts';

/** At which of its steps a trial is judged. */
export interface CheckInterval {
  /** Default 0: no trial is judged before this step. */
  readonly nWarmupSteps?: number;
  /** Default 1: from there on it is judged once in so many steps, at the first value that comes. */
  readonly intervalSteps?: number;
}

export const CHECK_INTERVAL_RULES: Readonly<Record<keyof CheckInterval, OptionRule>> = {
  nWarmupSteps: integerFrom(0),
  intervalSteps: integerFrom(1),
};

/** Is the trial to be judged at `last`, the highest of its `steps`? */
export function isCheckDue(
  steps: Iterable<number>,
  last: number,
  { nWarmupSteps, intervalSteps }: Required<CheckInterval>,
): boolean {
  if (last < nWarmupSteps) return false;
  const begin = nWarmupSteps + Math.floor((last - nWarmupSteps) / intervalSteps) * intervalSteps;
  for (const step of steps) if (step >= begin && step !== last) return false;
  return true;
}
