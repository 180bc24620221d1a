/** How good predictions are: errors, and rank correlations with ties. */

/** Root mean squared error, in the unit of the values. */
export function rmse(predicted: readonly number[], actual: readonly number[]): number {
  return Math.sqrt(predicted.reduce((sum, p, i) => sum + (p - actual[i]) ** 2, 0) / actual.length);
}

/** Mean absolute percentage error, per cent. */
export function mape(predicted: readonly number[], actual: readonly number[]): number {
  return (100 * predicted.reduce((sum, p, i) => sum + Math.abs(p / actual[i] - 1), 0)) / actual.length;
}

/** Spearman's rho: Pearson's correlation of the ranks, ties at their mean rank. NaN if either is constant. */
export function spearman(a: readonly number[], b: readonly number[]): number {
  return pearson(ranks(a), ranks(b));
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

function ranks(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((i, j) => values[i] - values[j]);
  const result = new Array<number>(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start;
    while (end < order.length && values[order[end]] === values[order[start]]) end++;
    for (let k = start; k < end; k++) result[order[k]] = (start + end - 1) / 2;
    start = end;
  }
  return result;
}

function pearson(a: readonly number[], b: readonly number[]): number {
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
