import { pickRows } from './losses.ts';
import { nonDominationRanks } from './non-dominated-sort.ts';
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
  const best: number[] = [];
  for (const front of fronts) {
    const missing = size - best.length;
    if (front.length <= missing) {
      best.push(...front);
      continue;
    }
    const tied = pickRows(losses, m, front);
    if (missing > 0)
      best.push(...selectByHypervolume(tied, referenceBehind(tied, m), missing).map((k) => front[k]));
    break;
  }
  return best;
}

/** A tenth beyond the worst loss of each objective (0 becomes 1e-12), as in Optuna. */
export function referenceBehind(losses: Float64Array, m: number): Float64Array {
  const worst = new Float64Array(m).fill(Number.NEGATIVE_INFINITY);
  for (let k = 0; k < losses.length; k++) worst[k % m] = Math.max(worst[k % m], losses[k]);
  return worst.map((w) => Math.max(1.1 * w, 0.9 * w) || 1e-12);
}
