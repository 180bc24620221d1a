/** Rank correlations with ties. */
import { midranks } from '../../src/math/rank-tests.ts';

/** Spearman's rho: Pearson's correlation of the ranks, ties at their mean rank. NaN if either is constant. */
export function spearman(a: readonly number[], b: readonly number[]): number {
  return pearson(midranks(a).ranks, midranks(b).ranks);
}

/** Kendall's tau-b. NaN if either is constant. */
export function kendall(a: readonly number[], b: readonly number[]): number {
  let [concordance, untiedA, untiedB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++)
    for (let j = 0; j < i; j++) {
      const [x, y] = [Math.sign(a[i] - a[j]), Math.sign(b[i] - b[j])];
      concordance += x * y;
      untiedA += x * x;
      untiedB += y * y;
    }
  return concordance / Math.sqrt(untiedA * untiedB);
}

function pearson(a: Float64Array, b: Float64Array): number {
  const n = a.length;
  const [ma, mb] = [a, b].map((values) => values.reduce((sum, v) => sum + v, 0) / n);
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const [x, y] = [a[i] - ma, b[i] - mb];
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return ab / Math.sqrt(aa * bb);
}
