/** Ranks with ties, tests that rest on them, and the correction for several tests. */
import { InvalidArgumentError } from '../core/errors.ts';
import { ascending } from './bisect.ts';
import { ndtr } from './normal.ts';

export interface MannWhitney {
  /** Pairs (a, b) with a > b, ties counting one half. */
  readonly u: number;
  /** Two-sided. */
  readonly pValue: number;
  readonly method: 'exact' | 'normal';
}

/** Beyond this many pairs the normal approximation is as good as exact and much faster. */
const MAX_EXACT_PAIRS = 2500;

/**
 * Two-sided Mann-Whitney U test of two independent samples (Mann and Whitney, 1947): exact without ties and with at
 * most 2500 pairs, otherwise the tie-corrected normal approximation with continuity correction.
 * @throws InvalidArgumentError if a sample is empty or holds NaN.
 */
export function mannWhitneyU(a: ArrayLike<number>, b: ArrayLike<number>): MannWhitney {
  if (a.length === 0 || b.length === 0)
    throw new InvalidArgumentError(
      `a rank test needs two samples, but got ${a.length} and ${b.length} values`,
    );
  const { ranks, tieTerm } = midranks([...Array.from(a), ...Array.from(b)]);
  let rankSum = 0;
  for (let i = 0; i < a.length; i++) rankSum += ranks[i];
  const u = rankSum - (a.length * (a.length + 1)) / 2;
  const pairs = a.length * b.length;
  const smaller = Math.min(u, pairs - u);
  if (tieTerm === 0 && pairs <= MAX_EXACT_PAIRS)
    return {
      u,
      pValue: Math.min(
        1,
        2 * exactLowerTail(Math.min(a.length, b.length), Math.max(a.length, b.length), smaller),
      ),
      method: 'exact',
    };
  const n = a.length + b.length;
  const variance = (pairs / 12) * (n + 1 - tieTerm / (n * (n - 1)));
  // All values equal: the samples cannot be told apart.
  if (variance === 0) return { u, pValue: 1, method: 'normal' };
  const z = (smaller - pairs / 2 + 0.5) / Math.sqrt(variance);
  return { u, pValue: Math.min(1, 2 * ndtr(z)), method: 'normal' };
}

/** The groups of equal numbers in a sorted list, as [start, end). */
export function* tieGroups(
  n: number,
  valueAt: (index: number) => number,
): Generator<[start: number, end: number]> {
  for (let start = 0, end = 1; start < n; start = end++) {
    while (end < n && valueAt(end) === valueAt(start)) end++;
    yield [start, end];
  }
}

/** Returns ranks from 1, equal values sharing their mean rank, and the sum of t^3 - t over groups of t equal values. */
export function midranks(values: readonly number[]): {
  readonly ranks: Float64Array;
  readonly tieTerm: number;
} {
  if (values.some(Number.isNaN)) throw new InvalidArgumentError('a rank test cannot order NaN');
  const order = Array.from(values.keys()).sort((i, j) => ascending(values[i], values[j]));
  const ranks = new Float64Array(values.length);
  let tieTerm = 0;
  for (const [start, end] of tieGroups(order.length, (k) => values[order[k]])) {
    for (let k = start; k < end; k++) ranks[order[k]] = (start + 1 + end) / 2;
    tieTerm += (end - start) ** 3 - (end - start);
  }
  return { ranks, tieTerm };
}

/** P(U <= u) under the null hypothesis, without ties, from the number of arrangements with each U; m <= n. */
function exactLowerTail(m: number, n: number, u: number): number {
  // Coefficients of the Gaussian binomial prod (1 - x^(n+i)) / (1 - x^i), i = 1..m, up to x^u: each depends on lower
  // ones only, so that the small tail is not drowned by rounding in the large middle.
  const counts = new Float64Array(u + 1);
  counts[0] = 1;
  let arrangements = 1;
  for (let i = 1; i <= m; i++) {
    for (let k = u; k >= n + i; k--) counts[k] -= counts[k - n - i];
    for (let k = i; k <= u; k++) counts[k] += counts[k - i];
    arrangements *= (n + i) / i;
  }
  return counts.reduce((sum, count) => sum + count, 0) / arrangements;
}

/**
 * Seeds per sampler from which on a difference can reach `level` at all: the least n whose least exact two-sided
 * p, 2 / C(2n, n) when every run of one sampler is better than every run of the other, passes Holm's first step.
 * @param pairs how many pairs of samplers are tested together.
 */
export function seedsToShow(level: number, pairs: number): number {
  let arrangements = 2;
  let n = 1;
  while ((pairs * 2) / arrangements > level) {
    n++;
    arrangements *= (2 * (2 * n - 1)) / n;
  }
  return n;
}

/**
 * Adjusts p-values of several tests so that the chance of one false finding among them stays below the level
 * (S. Holm, "A Simple Sequentially Rejective Multiple Test Procedure", 1979). In the order given.
 */
export function holm(pValues: readonly number[]): number[] {
  const order = Array.from(pValues.keys()).sort((i, j) => pValues[i] - pValues[j]);
  const adjusted = new Array<number>(pValues.length);
  let least = 0;
  order.forEach((index, rank) => {
    least = Math.max(least, Math.min(1, (pValues.length - rank) * pValues[index]));
    adjusted[index] = least;
  });
  return adjusted;
}
