import { nonDominationRanks } from './non-dominated-sort.ts';
import { pickRows } from './rows.ts';
import { selectByHypervolume } from './subset-selection.ts';

/**
 * The best `size` rows of `losses` (shape n x m): whole fronts as long as they fit, and of the front that does not, the subset
 * with the largest hypervolume (Ozaki et al., "Multiobjective Tree-Structured Parzen Estimator", JAIR 73, 2022).
 */
export function bestRows(losses: Float64Array, m: number, size: number): number[] {
  const fronts: number[][] = [];
  nonDominationRanks(losses, m).forEach((rank, row) => {
    fronts[rank] ??= [];
    fronts[rank].push(row);
  });
  return fillFromFronts(fronts, size, (front, missing) =>
    largestVolume(pickRows(losses, m, front), m, missing).map((k) => front[k]),
  );
}

/** Returns whole fronts as long as they fit, and of the one that does not, what `choose` takes; it is told which rows are whole. */
export function fillFromFronts(
  fronts: readonly (readonly number[])[],
  size: number,
  choose: (front: readonly number[], missing: number, whole: readonly number[]) => readonly number[],
): number[] {
  const best: number[] = [];
  for (const front of fronts) {
    const missing = size - best.length;
    if (missing <= 0) break;
    best.push(...(front.length <= missing ? front : choose(front, missing, best)));
  }
  return best;
}

/** Returns the numbers of `size` rows with the largest joint hypervolume, measured from a tenth beyond the worst of all. */
export function largestVolume(losses: Float64Array, m: number, size: number): number[] {
  return selectByHypervolume(losses, referenceBehind(losses, m), size);
}

/** A tenth beyond the worst loss of each objective (0 becomes 1e-12), as in Optuna. */
function referenceBehind(losses: Float64Array, m: number): Float64Array {
  const worst = new Float64Array(m).fill(Number.NEGATIVE_INFINITY);
  for (let k = 0; k < losses.length; k++) worst[k % m] = Math.max(worst[k % m], losses[k]);
  return worst.map((w) => Math.max(1.1 * w, 0.9 * w) || 1e-12);
}
