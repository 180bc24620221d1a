import {
  choleskyInPlace,
  ndtri,
  packedLength,
  solveLowerInPlace,
  solveUpperInPlace,
} from '../../src/math/index.ts';
import type { NormalizedSpace } from '../gp/normalized-space.ts';

/** The penalty on slopes, which keeps what a few trials say of many parameters small. */
const RIDGE = 0.1;

/**
 * Returns the best corner of the space by ridge regression of what the points are worth: of each numeric parameter the end toward which
 * they get better, of each categorical one its best choice. In the dual form, as there are fewer points than parameters.
 * @param points best first, at least one.
 * @param places of the points: 0, 1 …, and the mean of those that are equally good.
 */
export function bestCorner(
  { columns, d }: NormalizedSpace,
  points: readonly Float64Array[],
  places: readonly number[],
): Float64Array {
  const weights = dualWeights(points, scoresOf(places), (a, b) => {
    let sum = 0;
    for (let j = 0; j < d; j++)
      if (columns[j].kind !== 'categorical') sum += (2 * a[j] - 1) * (2 * b[j] - 1);
      else if (a[j] === b[j]) sum++;
    return sum / d;
  });
  return Float64Array.from(columns, ({ kind, size }, j) => {
    if (kind !== 'categorical') return points.reduce((sum, x, i) => sum + weights[i] * x[j], 0) < 0 ? 1 : 0;
    const slopes = new Float64Array(size);
    points.forEach((x, i) => {
      slopes[x[j]] += weights[i];
    });
    return slopes.indexOf(slopes.reduce((a, b) => Math.min(a, b)));
  });
}

/** Returns normal scores, so that neither penalties nor scales matter. */
function scoresOf(places: readonly number[]): Float64Array {
  return Float64Array.from(places, (place) => ndtri((place + 0.5) / places.length));
}

/** Returns the weights of the points in the slopes of the regression with an intercept; they sum to 0. */
function dualWeights(
  points: readonly Float64Array[],
  scores: Float64Array,
  product: (a: Float64Array, b: Float64Array) => number,
): Float64Array {
  const n = points.length;
  const at = (i: number, k: number): number => packedLength(Math.max(i, k)) + Math.min(i, k);
  const gram = new Float64Array(packedLength(n));
  for (let i = 0; i < n; i++) for (let k = 0; k <= i; k++) gram[at(i, k)] = product(points[i], points[k]);
  const means = points.map((_, i) => points.reduce((sum, _x, k) => sum + gram[at(i, k)], 0) / n);
  const mean = means.reduce((a, b) => a + b) / n;
  for (let i = 0; i < n; i++)
    for (let k = 0; k <= i; k++) gram[at(i, k)] += mean - means[i] - means[k] + (i === k ? RIDGE : 0);
  choleskyInPlace(gram, n);
  solveLowerInPlace(gram, n, scores);
  solveUpperInPlace(gram, n, scores);
  return scores;
}
