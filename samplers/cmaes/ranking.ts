import { type FrozenTrial, type StudyDirection, totalViolation } from '../../src/core/frozen-trial.ts';
import { lossOf } from '../../src/core/losses.ts';
import { ascending } from '../../src/math/bisect.ts';

/** What a trial is judged by: its value, or for a pruned one that counts its last report; null if it does not count. */
export function scoreOf(trial: FrozenTrial, considerPrunedTrials: boolean): number | null {
  if (trial.state === 'COMPLETE') return trial.value;
  if (trial.state !== 'PRUNED' || !considerPrunedTrials) return null;
  const last = [...trial.intermediateValues.values()].pop();
  return last === undefined || Number.isNaN(last) ? null : last;
}

export interface Ranked {
  readonly trial: FrozenTrial;
  /** To be minimized; Infinity if the trial has failed. */
  readonly loss: number;
}

/**
 * Best first: feasible trials by value, then infeasible ones by total violation (Deb's rule), then failed ones, of equals the
 * older one. A trial without constraints is feasible.
 * @param trials that count.
 */
export function rank(
  trials: readonly FrozenTrial[],
  direction: StudyDirection,
  considerPrunedTrials: boolean,
): readonly Ranked[] {
  return trials
    .map((trial) => {
      const score = scoreOf(trial, considerPrunedTrials);
      return score === null
        ? { trial, loss: Number.POSITIVE_INFINITY, violation: Number.POSITIVE_INFINITY }
        : { trial, loss: lossOf(score, direction), violation: totalViolation(trial) ?? 0 };
    })
    .sort(
      (a, b) =>
        ascending(a.violation, b.violation) || ascending(a.loss, b.loss) || a.trial.number - b.trial.number,
    );
}
