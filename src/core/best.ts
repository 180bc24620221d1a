import { paretoFront } from '../pareto/non-dominated-sort.ts';
import { type FrozenTrial, type StudyDirection, totalViolation } from './frozen-trial.ts';
import { lossOf, lossRows } from './losses.ts';

/** What it takes to compare trials. */
export type Comparable = Pick<FrozenTrial, 'state' | 'values' | 'constraints'>;

/** Whether a trial can be the best: it is COMPLETE and feasible. */
export function isCandidate(trial: Comparable): boolean {
  return trial.state === 'COMPLETE' && trial.values !== null && (totalViolation(trial) ?? 0) === 0;
}

/** Returns the feasible COMPLETE trial with the best value; the earliest of equals; null if there is none. */
export function bestOf<T extends Comparable>(trials: readonly T[], direction: StudyDirection): T | null {
  let best: T | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const trial of trials) {
    if (!isCandidate(trial)) continue;
    const loss = lossOf(trial.values![0], direction);
    if (best !== null && !(loss < least)) continue;
    best = trial;
    least = loss;
  }
  return best;
}

/** Returns the feasible COMPLETE trials that no other dominates, in the order given. */
export function nonDominatedTrials<T extends Comparable>(
  trials: readonly T[],
  directions: readonly StudyDirection[],
): readonly T[] {
  const candidates = trials.filter(isCandidate);
  return paretoFront(lossRows(candidates, directions), directions.length).map((row) => candidates[row]);
}
