/** What a study has achieved after each of its trials, as one number. */
import { type FrozenTrial, isFinished, type StudyDirection, totalViolation } from '../core/frozen-trial.ts';
import { lossesOf } from '../core/losses.ts';
import { covers } from '../pareto/domination.ts';
import { hypervolumeGain } from '../pareto/hypervolume.ts';

type Point = readonly number[];

/** One entry per finished trial, in order of number: its values, all to be minimized; null if infeasible or without values. */
export function lossHistory(
  trials: readonly FrozenTrial[],
  directions: readonly StudyDirection[],
): readonly (Point | null)[] {
  return trials
    .filter((trial) => isFinished(trial.state))
    .map((trial) =>
      trial.state === 'COMPLETE' && (totalViolation(trial) ?? 0) === 0
        ? lossesOf(trial.values!, directions)
        : null,
    );
}

/** The worst finite loss seen in each objective, over all histories; null if there is no feasible trial. */
export function worstSeen(histories: readonly (readonly (Point | null)[])[]): Point | null {
  let worst: number[] | null = null;
  for (const history of histories)
    for (const point of history) {
      if (point === null || !point.every(Number.isFinite)) continue;
      worst = worst === null ? [...point] : worst.map((w, k) => Math.max(w, point[k]));
    }
  return worst;
}

/** The least loss after each trial; Infinity before the first feasible one. */
export function bestLossCurve(history: readonly (Point | null)[]): number[] {
  let best = Number.POSITIVE_INFINITY;
  return history.map((point) => {
    if (point !== null && point[0] < best) best = point[0];
    return best;
  });
}

/** The hypervolume after each trial. Points that do not dominate the reference add nothing. */
export function hypervolumeCurve(history: readonly (Point | null)[], reference: Point): number[] {
  let front: Point[] = [];
  let volume = 0;
  return history.map((point) => {
    if (point?.every((loss, k) => loss < reference[k]) && !front.some((other) => covers(other, point))) {
      volume += hypervolumeGain(Float64Array.from(point), Float64Array.from(front.flat()), reference);
      // Infinite losses can give Infinity - Infinity.
      if (Number.isNaN(volume)) volume = Number.POSITIVE_INFINITY;
      front = [...front.filter((other) => !covers(point, other)), point];
    }
    return volume;
  });
}
