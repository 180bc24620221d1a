/**
 * Crowding distance of each row among all rows (Deb et al. 2002, section III-B): over the objectives, the gap between
 * the two neighbours divided by the finite width. Ends count as Infinity; an objective in which all rows agree counts
 * nothing; Infinity - Infinity is 0 and a zero width is 1, as in Optuna.
 */
export function crowdingDistances(losses: Float64Array, m: number): Float64Array<ArrayBuffer> {
  const n = losses.length / m;
  const distances = new Float64Array(n);
  const order = Int32Array.from({ length: n }, (_, i) => i);
  for (let j = 0; j < m; j++) {
    const value = (k: number): number => {
      if (k < 0) return Number.NEGATIVE_INFINITY;
      return k >= n ? Number.POSITIVE_INFINITY : losses[order[k] * m + j];
    };
    // Sorting is stable on purpose: rows that tie here keep the order of the objective before.
    order.sort((a, b) => ascending(losses[a * m + j], losses[b * m + j]));
    if (n === 0 || value(0) === value(n - 1)) continue;

    let first = 0;
    while (value(first) === Number.NEGATIVE_INFINITY) first++;
    let last = n - 1;
    while (value(last) === Number.POSITIVE_INFINITY) last--;
    const width = value(last) - value(first);
    const scale = width > 0 ? width : 1;
    for (let k = 0; k < n; k++) {
      const below = value(k - 1);
      const above = value(k + 1);
      if (below !== above) distances[order[k]] += (above - below) / scale;
    }
  }
  return distances;
}

function ascending(x: number, y: number): number {
  return x < y ? -1 : x > y ? 1 : 0;
}
