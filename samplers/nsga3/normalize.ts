/**
 * Losses in units of the front's intercepts (Deb and Jain, "An Evolutionary Many-Objective Optimization Algorithm Using
 * Reference-Point-Based Nondominated Sorting Approach, Part I", IEEE TEC 18(4), 2014, section IV-C).
 */

/** Infinite losses are put this many ranges of the finite ones beyond them, as in Optuna. */
const INFINITE_MARGIN = 3;
/** Weight of the axes that an extreme point should not reach out to; the paper's 1e-6, inverted. */
const OFF_AXIS_WEIGHT = 1e6;

/**
 * Losses less the ideal point, divided by the intercepts of the plane through the extreme points; where there is no such
 * plane, by the largest value of each objective.
 * @param losses shape (n, m), minimized, n >= 1.
 */
export function normalizedLosses(losses: Float64Array, m: number): Float64Array {
  const shifted = losses.slice();
  for (let j = 0; j < m; j++) shiftToIdeal(shifted, m, j);
  const scales = inverseIntercepts(shifted, m);
  for (let k = 0; k < shifted.length; k++) {
    const scale = scales[k % m];
    if (Number.isFinite(scale)) shifted[k] *= scale;
  }
  return shifted;
}

/** Makes objective `j` finite and its least value 0. */
function shiftToIdeal(losses: Float64Array, m: number, j: number): void {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (let k = j; k < losses.length; k += m) {
    if (!Number.isFinite(losses[k])) continue;
    least = Math.min(least, losses[k]);
    most = Math.max(most, losses[k]);
  }
  if (least > most) least = most = 0;
  const margin = INFINITE_MARGIN * (most - least);
  let ideal = Number.POSITIVE_INFINITY;
  for (let k = j; k < losses.length; k += m) {
    losses[k] = Math.min(Math.max(losses[k], least - margin), most + margin);
    ideal = Math.min(ideal, losses[k]);
  }
  for (let k = j; k < losses.length; k += m) losses[k] -= ideal;
}

function inverseIntercepts(shifted: Float64Array, m: number): readonly number[] {
  const extremes = Array.from({ length: m }, (_, axis) => extremePoint(shifted, m, axis));
  const solution = solveForOnes(extremes);
  if (solution !== null) return solution;
  return Array.from({ length: m }, (_, j) => {
    let most = 0;
    for (let k = j; k < shifted.length; k += m) most = Math.max(most, shifted[k]);
    return 1 / (most === 0 ? 1 : most);
  });
}

/** The row with the least achievement scalarizing function of an axis: the one that is nearest to it, far from the others. */
function extremePoint(shifted: Float64Array, m: number, axis: number): number[] {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let row = 0; row < shifted.length / m; row++) {
    let value = 0;
    for (let j = 0; j < m; j++)
      value = Math.max(value, shifted[row * m + j] * (j === axis ? 1 : OFF_AXIS_WEIGHT));
    if (value >= least) continue;
    least = value;
    best = row;
  }
  return Array.from(shifted.subarray(best * m, (best + 1) * m));
}

/** x with `matrix` x = (1, …, 1), by elimination with pivots; null if the matrix is singular or not finite. */
function solveForOnes(matrix: readonly (readonly number[])[]): number[] | null {
  const m = matrix.length;
  const rows = matrix.map((row) => [...row, 1]);
  const size = Math.max(...matrix.flat().map(Math.abs));
  const tolerance = size * m * Number.EPSILON;
  for (let column = 0; column < m; column++) {
    let pivot = column;
    for (let i = column + 1; i < m; i++)
      if (Math.abs(rows[i][column]) > Math.abs(rows[pivot][column])) pivot = i;
    if (!(Math.abs(rows[pivot][column]) > tolerance) || !Number.isFinite(size)) return null;
    [rows[column], rows[pivot]] = [rows[pivot], rows[column]];
    for (let i = 0; i < m; i++) {
      if (i === column) continue;
      const factor = rows[i][column] / rows[column][column];
      for (let j = column; j <= m; j++) rows[i][j] -= factor * rows[column][j];
    }
  }
  return rows.map((row, i) => row[m] / row[i]);
}
