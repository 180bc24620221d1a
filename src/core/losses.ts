/** Values as what is minimized: those that are to be maximized are negated. */
import type { FrozenTrial, StudyDirection } from './frozen-trial.ts';

/** Returns the loss of a value; of a loss, the value. */
export function lossOf(value: number, direction: StudyDirection): number {
  return direction === 'maximize' ? -value : value;
}

/** Returns the losses of one point; of losses, the values. */
export function lossesOf(values: readonly number[], directions: readonly StudyDirection[]): number[] {
  return values.map((value, k) => lossOf(value, directions[k]));
}

/** Returns the losses of trials, shape (trials, directions), row-major. Every trial must have values. */
export function lossRows(
  trials: readonly Pick<FrozenTrial, 'values'>[],
  directions: readonly StudyDirection[],
): Float64Array<ArrayBuffer> {
  const m = directions.length;
  const losses = new Float64Array(trials.length * m);
  for (let i = 0; i < trials.length; i++) {
    const values = trials[i].values!;
    for (let j = 0; j < m; j++) losses[i * m + j] = lossOf(values[j], directions[j]);
  }
  return losses;
}
