/**
 * Non-dominated sorting. Rank 0 is the Pareto front, rank 1 the front of what remains, and so on; equal points share
 * a rank. Method: efficient non-dominated sort (Zhang et al., IEEE TEC 19(2), 2015); with two objectives the last
 * point of a front decides alone, O(n log n).
 */
import { compareRows, lexicographicOrder } from './losses.ts';

/**
 * Rank of every row of `losses` (shape n x m).
 * @param violations if given, infeasible rows (> 0) rank behind all feasible ones, by increasing violation.
 */
export function nonDominationRanks(
  losses: Float64Array,
  m: number,
  violations?: ArrayLike<number>,
): Int32Array<ArrayBuffer> {
  const ranks = new Int32Array(losses.length / m);
  const feasible: number[] = [];
  const infeasible: number[] = [];
  for (const i of lexicographicOrder(losses, m))
    (violations !== undefined && violations[i] > 0 ? infeasible : feasible).push(i);

  let nRanks = rankFeasible(losses, m, feasible, ranks);
  if (violations !== undefined) {
    infeasible.sort((a, b) => violations[a] - violations[b]);
    infeasible.forEach((row, k) => {
      if (k === 0 || violations[row] !== violations[infeasible[k - 1]]) nRanks++;
      ranks[row] = nRanks - 1;
    });
  }
  return ranks;
}

/** Numbers of the non-dominated rows, in increasing order; all copies of a non-dominated point are included. */
export function paretoFront(losses: Float64Array, m: number): number[] {
  const front: number[] = [];
  nonDominationRanks(losses, m).forEach((rank, i) => {
    if (rank === 0) front.push(i);
  });
  return front;
}

/** Fills in ranks of the lexicographically ordered rows; returns the number of ranks. */
function rankFeasible(
  losses: Float64Array,
  m: number,
  ordered: readonly number[],
  ranks: Int32Array,
): number {
  const fronts: number[][] = [];
  for (let k = 0; k < ordered.length; k++) {
    const row = ordered[k];
    const before = ordered[k - 1];
    if (k > 0 && compareRows(losses, m, row, before) === 0) {
      ranks[row] = ranks[before];
      continue;
    }
    const rank = m === 1 ? fronts.length : firstFrontNotDominating(losses, m, fronts, row);
    if (rank === fronts.length) fronts.push([]);
    fronts[rank].push(row);
    ranks[row] = rank;
  }
  return fronts.length;
}

/**
 * Binary search over the fronts: if a member of front k dominates a point, so does a member of every front before it.
 * A row that comes lexicographically later can only be dominated, never dominate.
 */
function firstFrontNotDominating(
  losses: Float64Array,
  m: number,
  fronts: readonly number[][],
  row: number,
): number {
  let low = 0;
  let high = fronts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (frontDominates(losses, m, fronts[middle], row)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function frontDominates(losses: Float64Array, m: number, front: readonly number[], row: number): boolean {
  const oldest = m === 2 ? front.length - 1 : 0;
  for (let k = front.length - 1; k >= oldest; k--) {
    let j = 1;
    while (j < m && losses[front[k] * m + j] <= losses[row * m + j]) j++;
    if (j === m) return true;
  }
  return false;
}
