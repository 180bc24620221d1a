/** What pruners read of a trial's intermediate values. The order in which the steps were reported never counts. */
import type { FrozenTrial, StudyDirection } from '../core/frozen-trial.ts';

/** The value at the first reported step >= `step`; undefined if the trial did not come that far. */
export function valueFrom(trial: FrozenTrial, step: number): number | undefined {
  const values = trial.intermediateValues;
  const exact = values.get(step);
  if (exact !== undefined) return exact;
  let first = Number.POSITIVE_INFINITY;
  for (const reported of values.keys()) if (reported >= step && reported < first) first = reported;
  return values.get(first);
}

/** What a value is multiplied with to make a loss, so that pruners know one direction only. */
export function lossSign(direction: StudyDirection): 1 | -1 {
  return direction === 'minimize' ? 1 : -1;
}

/** The least loss; NaN if there are no numbers. */
export function leastLoss(values: Iterable<number>, sign: 1 | -1): number {
  let least = Number.NaN;
  for (const value of values) {
    const loss = sign * value;
    if (!(loss >= least) && !Number.isNaN(loss)) least = loss;
  }
  return least;
}

/** Returns the first COMPLETE trial with intermediate values of a history in order of number. */
export function firstMeasured(trials: readonly FrozenTrial[]): FrozenTrial | undefined {
  return trials.find((trial) => trial.state === 'COMPLETE' && trial.intermediateValues.size > 0);
}
