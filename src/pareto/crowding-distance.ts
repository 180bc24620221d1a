import { sortByObjective } from './stable-order.ts';

/**
 * Crowding distance of each row among all rows (Deb et al. 2002, section III-B): over the objectives, the gap between
 * the two neighbors divided by the finite width. Ends count as Infinity; an objective in which all rows agree counts
 * nothing; Infinity - Infinity is 0 and a zero width is 1, as in Optuna.
 */
export function crowdingDistances(losses: Float64Array, m: number): Float64Array<ArrayBuffer> {
  const n = losses.length / m;
  const distances = new Float64Array(n);
  const order = new Int32Array(n);
  for (let i = 0; i < n; i++) order[i] = i;
  for (let j = 0; j < m; j++) {
    // Sorting is stable on purpose: rows that tie here keep the order of the objective before.
    sortByObjective(order, losses, m, j);
    if (n > 0 && losses[order[0] * m + j] !== losses[order[n - 1] * m + j])
      addGaps(distances, order, losses, m, j);
  }
  return distances;
}

function addGaps(
  distances: Float64Array,
  order: Int32Array,
  losses: Float64Array,
  m: number,
  j: number,
): void {
  const n = order.length;
  let first = 0;
  while (losses[order[first] * m + j] === Number.NEGATIVE_INFINITY) first++;
  let last = n - 1;
  while (losses[order[last] * m + j] === Number.POSITIVE_INFINITY) last--;
  const width = losses[order[last] * m + j] - losses[order[first] * m + j];
  const scale = width > 0 ? width : 1;
  for (let k = 0; k < n; k++) {
    const below = k > 0 ? losses[order[k - 1] * m + j] : Number.NEGATIVE_INFINITY;
    const above = k < n - 1 ? losses[order[k + 1] * m + j] : Number.POSITIVE_INFINITY;
    if (below !== above) distances[order[k]] += (above - below) / scale;
  }
}
