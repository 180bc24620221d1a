import { type FrozenTrial, type StudyDirection, totalViolation } from './frozen-trial.ts';

/** What it takes to compare trials. */
export type Comparable = Pick<FrozenTrial, 'state' | 'values' | 'constraints'>;

/** May it be the best: is it COMPLETE and feasible? */
export function isCandidate(trial: Comparable): boolean {
  return trial.state === 'COMPLETE' && trial.values !== null && (totalViolation(trial) ?? 0) === 0;
}

/** The feasible COMPLETE trial with the best value; the earliest of equals; null if there is none. */
export function bestOf<T extends Comparable>(trials: readonly T[], direction: StudyDirection): T | null {
  const sign = direction === 'minimize' ? 1 : -1;
  let best: T | null = null;
  for (const trial of trials)
    if (isCandidate(trial) && (best === null || sign * trial.values![0] < sign * best.values![0]))
      best = trial;
  return best;
}

/** Feasible COMPLETE trials that no other dominates, in order of number. */
export function paretoFront<T extends Comparable>(
  trials: readonly T[],
  directions: readonly StudyDirection[],
): readonly T[] {
  const signs = directions.map((d) => (d === 'minimize' ? 1 : -1));
  const dominates = (a: T, b: T): boolean => {
    let better = false;
    for (let k = 0; k < signs.length; k++) {
      const difference = signs[k] * (a.values![k] - b.values![k]);
      if (difference > 0) return false;
      if (difference < 0) better = true;
    }
    return better;
  };
  const front: T[] = [];
  for (const trial of trials) {
    if (!isCandidate(trial) || front.some((other) => dominates(other, trial))) continue;
    for (let i = front.length - 1; i >= 0; i--) if (dominates(trial, front[i])) front.splice(i, 1);
    front.push(trial);
  }
  return front;
}
