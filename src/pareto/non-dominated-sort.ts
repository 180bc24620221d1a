/**
 * Non-dominated sorting. Rank 0 is the Pareto front, rank 1 the front of what remains, and so on; equal points share
 * a rank. Method: efficient non-dominated sort with binary search (Zhang et al., IEEE TEC 19(2), 2015); with two
 * objectives the last point of a front decides alone, O(n log n).
 */
import { partitionPoint, upperBound } from '../math/bisect.ts';
import { compareRows, lexicographicOrder } from './rows.ts';

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
  const fronts = nonDominatedFronts(losses, m, violations);
  for (let rank = 0; rank < fronts.length; rank++) for (const row of fronts[rank]) ranks[row] = rank;
  return ranks;
}

/** The rows by rank; those of one rank in lexicographic order of their losses. */
export function nonDominatedFronts(
  losses: Float64Array,
  m: number,
  violations?: ArrayLike<number>,
): number[][] {
  const order = lexicographicOrder(losses, m);
  if (violations === undefined) return frontsOf(losses, m, order);
  const fronts = frontsOf(
    losses,
    m,
    order.filter((row) => !(violations[row] > 0)),
  );
  const infeasible = order.filter((row) => violations[row] > 0).sort((a, b) => violations[a] - violations[b]);
  infeasible.forEach((row, k) => {
    if (k === 0 || violations[row] !== violations[infeasible[k - 1]]) fronts.push([]);
    fronts[fronts.length - 1].push(row);
  });
  return fronts;
}

/** Numbers of the non-dominated rows, in increasing order; all copies of a non-dominated point are included. */
export function paretoFront(losses: Float64Array, m: number): number[] {
  const front: number[] = [];
  for (const row of lexicographicOrder(losses, m)) {
    const last = front[front.length - 1];
    const isCopy = front.length > 0 && compareRows(losses, m, row, last) === 0;
    if (isCopy || !frontDominates(losses, m, front, row)) front.push(row);
  }
  return front.sort((a, b) => a - b);
}

/** @param order of the rows in question, lexicographic. */
function frontsOf(losses: Float64Array, m: number, order: Int32Array): number[][] {
  const rankOf = m === 1 ? oneByOne() : m === 2 ? amongPairs(losses, order.length) : amongFronts(losses, m);
  const fronts: number[][] = [];
  let rank = 0;
  for (let k = 0; k < order.length; k++) {
    const row = order[k];
    if (k === 0 || compareRows(losses, m, row, order[k - 1]) !== 0) rank = rankOf(row);
    if (rank === fronts.length) fronts.push([]);
    fronts[rank].push(row);
  }
  return fronts;
}

/** Ranks of different rows that come in lexicographic order: such a row can be dominated only by earlier ones. */
type RankOf = (row: number) => number;

function oneByOne(): RankOf {
  let nRanks = 0;
  return () => nRanks++;
}

/** Two objectives: a front dominates a later row if and only if its last member does, and fronts are ordered by it. */
function amongPairs(losses: Float64Array, maxFronts: number): RankOf {
  const lastOfFront = new Float64Array(maxFronts);
  let nFronts = 0;
  return (row) => {
    const y = losses[2 * row + 1];
    const rank = upperBound(lastOfFront, y, nFronts);
    lastOfFront[rank] = y;
    if (rank === nFronts) nFronts++;
    return rank;
  };
}

/** If a member of front k dominates a row, so does a member of every front before it. */
function amongFronts(losses: Float64Array, m: number): RankOf {
  const fronts: number[][] = [];
  return (row) => {
    const rank = partitionPoint(fronts.length, (k) => frontDominates(losses, m, fronts[k], row));
    if (rank === fronts.length) fronts.push([row]);
    else fronts[rank].push(row);
    return rank;
  };
}

/** Whether a member of the front dominates a row that is lexicographically later. */
function frontDominates(losses: Float64Array, m: number, front: readonly number[], row: number): boolean {
  const oldest = m === 2 ? front.length - 1 : 0;
  for (let k = front.length - 1; k >= Math.max(0, oldest); k--) {
    let j = 1;
    while (j < m && losses[front[k] * m + j] <= losses[row * m + j]) j++;
    if (j === m) return true;
  }
  return false;
}
