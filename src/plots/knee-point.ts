/**
 * The knee of a Pareto front: the point farthest from the plane through the extremes, once every objective is scaled to
 * [0, 1] over the front (Das, Structural Optimization 18, 1999). With all objectives scaled so, it is the point of
 * least sum.
 */

/** @param losses shape (n, m), row-major, of the front's points, all minimised. @returns the row, or null if n < 3. */
export function kneePoint(losses: Float64Array, m: number): number | null {
  const n = losses.length / m;
  if (n < 3) return null;
  const sums = new Float64Array(n);
  for (let j = 0; j < m; j++) {
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < n; i++) {
      low = Math.min(low, losses[i * m + j]);
      high = Math.max(high, losses[i * m + j]);
    }
    if (high > low) for (let i = 0; i < n; i++) sums[i] += (losses[i * m + j] - low) / (high - low);
  }
  let knee = 0;
  for (let i = 1; i < n; i++) if (sums[i] < sums[knee]) knee = i;
  return knee;
}
