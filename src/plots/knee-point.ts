/**
 * The knee of a Pareto front: the point farthest below the plane through the extremes, once every objective is scaled to
 * [0, 1] over the front (Das, Structural Optimization 18, 1999). A front without a point below that plane has no knee.
 *
 * Design note: an extreme is the best point in one objective, and one point can be the best in several (the smallest
 * architecture is also the fastest). The extremes then leave the plane open; of those through them, that is taken whose normal
 * is nearest to (1, …, 1), which weighs the scaled objectives alike.
 */

import { dot, norm } from '../math/vector.ts';

/** Distances that rounding can make. */
const NEGLIGIBLE = 1e-9;

/** @param losses shape (n, m), row-major, of the front's points, all minimized. @returns the row, or null if there is no knee. */
export function kneePoint(losses: Float64Array, m: number): number | null {
  const n = losses.length / m;
  if (n < 3) return null;
  const points = scaled(losses, m);
  const [first, ...others] = extremes(points, m);
  const normal = normalOf(
    others.map((extreme) => minus(extreme, first)),
    m,
  );
  const length = Math.sqrt(dot(normal, normal));
  let knee: number | null = null;
  let farthest = NEGLIGIBLE;
  for (const [i, point] of points.entries()) {
    const below = length < NEGLIGIBLE ? 0 : dot(normal, minus(first, point)) / length;
    if (below <= farthest) continue;
    farthest = below;
    knee = i;
  }
  return knee;
}

/** Each objective from 0, the best on the front, to 1, the worst. */
function scaled(losses: Float64Array, m: number): Float64Array[] {
  const rows = Array.from({ length: losses.length / m }, (_, i) => losses.slice(i * m, (i + 1) * m));
  const low = rows.reduce((a, b) => a.map((value, j) => Math.min(value, b[j])));
  const high = rows.reduce((a, b) => a.map((value, j) => Math.max(value, b[j])));
  return rows.map((row) =>
    row.map((value, j) => (high[j] > low[j] ? (value - low[j]) / (high[j] - low[j]) : 0)),
  );
}

/** The best point in each objective; of equally good ones that of least sum. */
function extremes(points: readonly Float64Array[], m: number): Float64Array[] {
  const sum = (point: Float64Array): number => point.reduce((a, b) => a + b, 0);
  return Array.from({ length: m }, (_, j) =>
    points.reduce((a, b) => (b[j] < a[j] || (b[j] === a[j] && sum(b) < sum(a)) ? b : a)),
  );
}

/** (1, …, 1) without its share in the directions that the plane contains (Gram-Schmidt). */
function normalOf(directions: readonly Float64Array[], m: number): Float64Array {
  const basis: Float64Array[] = [];
  const withoutBasis = (vector: Float64Array): Float64Array =>
    basis.reduce((rest, unit) => {
      const share = dot(rest, unit);
      return rest.map((value, j) => value - share * unit[j]);
    }, vector);
  for (const direction of directions) {
    const rest = withoutBasis(direction);
    const length = norm(rest);
    if (length > NEGLIGIBLE) basis.push(rest.map((value) => value / length));
  }
  return withoutBasis(new Float64Array(m).fill(1));
}

function minus(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, j) => value - b[j]);
}
