/**
 * Points of objective space as one flat `Float64Array`, row-major: point `i` of `m` objectives is
 * `losses[i * m .. i * m + m)`. Every objective is minimised; maximised ones are negated on the way in.
 */
import type { FrozenTrial, StudyDirection } from '../core/frozen-trial.ts';
import { sortByKeys } from './stable-order.ts';

/** The values of trials as losses, shape (trials, directions). Every trial must have values. */
export function lossesOf(
  trials: readonly FrozenTrial[],
  directions: readonly StudyDirection[],
): Float64Array<ArrayBuffer> {
  const m = directions.length;
  const losses = new Float64Array(trials.length * m);
  for (let i = 0; i < trials.length; i++) {
    const values = trials[i].values!;
    for (let j = 0; j < m; j++) losses[i * m + j] = directions[j] === 'maximize' ? -values[j] : values[j];
  }
  return losses;
}

/** The rows of `losses` named by `indices`, in that order. */
export function pickRows(
  losses: Float64Array,
  m: number,
  indices: ArrayLike<number>,
): Float64Array<ArrayBuffer> {
  const picked = new Float64Array(indices.length * m);
  for (let i = 0; i < indices.length; i++)
    for (let j = 0; j < m; j++) picked[i * m + j] = losses[indices[i] * m + j];
  return picked;
}

/** Order of two rows by the first objective, then the second, and so on. */
export function compareRows(losses: Float64Array, m: number, a: number, b: number): number {
  for (let j = 0; j < m; j++) {
    const x = losses[a * m + j];
    const y = losses[b * m + j];
    if (x !== y) return x < y ? -1 : 1;
  }
  return 0;
}

/** Objective `j` of every row. */
export function columnOf(losses: Float64Array, m: number, j: number): Float64Array<ArrayBuffer> {
  const column = new Float64Array(losses.length / m);
  for (let i = 0; i < column.length; i++) column[i] = losses[i * m + j];
  return column;
}

/** Row numbers in lexicographic order of their losses; equal rows keep their order. */
export function lexicographicOrder(losses: Float64Array, m: number): Int32Array<ArrayBuffer> {
  const order = new Int32Array(losses.length / m);
  for (let i = 0; i < order.length; i++) order[i] = i;
  // Sorting is stable: the first objective comes last, so that it decides.
  for (let j = m - 1; j >= 0; j--) sortByKeys(order, columnOf(losses, m, j));
  return order;
}
