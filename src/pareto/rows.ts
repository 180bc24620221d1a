/**
 * Points of objective space as one flat `Float64Array`, row-major: point `i` of `m` objectives is
 * `losses[i * m .. i * m + m)`. Every objective is minimized.
 */
import { sortByObjective } from './stable-order.ts';

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

/** Row numbers in lexicographic order of their losses; equal rows keep their order. */
export function lexicographicOrder(losses: Float64Array, m: number): Int32Array<ArrayBuffer> {
  const order = new Int32Array(losses.length / m);
  for (let i = 0; i < order.length; i++) order[i] = i;
  sortTied(order, losses, m, 0);
  return order;
}

/** Sorts rows by objective `j`, and those that tie by the next ones. */
function sortTied(rows: Int32Array, losses: Float64Array, m: number, j: number): void {
  sortByObjective(rows, losses, m, j);
  if (j + 1 === m) return;
  let start = 0;
  for (let end = 1; end <= rows.length; end++) {
    if (end < rows.length && losses[rows[end] * m + j] === losses[rows[start] * m + j]) continue;
    if (end - start > 1) sortTied(rows.subarray(start, end), losses, m, j + 1);
    start = end;
  }
}
