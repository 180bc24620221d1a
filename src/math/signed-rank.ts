import { ndtr } from './normal.ts';
import { tieGroups } from './rank-tests.ts';

/** Up to so many differences, all distinct, the exact distribution is used, … */
const MAX_EXACT = 50;
/** … and up to so many where some are equal or 0; beyond it is normal. */
const MAX_EXACT_TIES = 13;

/**
 * p-value of Wilcoxon's signed-rank test that the differences are symmetric about 0, against that they tend to be positive. A
 * difference of 0 counts half on either side. As scipy.stats.wilcoxon(differences, zero_method='zsplit',
 * alternative='greater'), its choice of method included.
 * @param differences finite numbers, at least one.
 */
export function signedRankPValue(differences: readonly number[]): number {
  return signedRankPValueOfSorted([...differences].sort((a, b) => Math.abs(a) - Math.abs(b)));
}

/** Returns what `signedRankPValue` does, for differences in ascending order of their magnitude. */
export function signedRankPValueOfSorted(differences: readonly number[]): number {
  const n = differences.length;
  const ranked = rank(differences);
  const isExact = n <= (ranked.hasTies ? MAX_EXACT_TIES : MAX_EXACT);
  return isExact ? exactPValue(ranked) : normalPValue(ranked, n);
}

/** Ranks of the absolute differences, doubled: of equal ones each has the mean, which may be a half. */
interface Ranked {
  /** Doubled ranks of the differences that are not 0, where these are few enough for the exact distribution. */
  readonly ranks: readonly number[];
  /** Sum of the doubled ranks of positive differences. */
  readonly positive: number;
  /** Half the sum of the doubled ranks of zeros. */
  readonly halfZeros: number;
  /** Sum of t^3 - t over groups of t equal ones. */
  readonly tieCorrection: number;
  /** Whether some differences are 0, or equal but for their sign. */
  readonly hasTies: boolean;
}

function rank(sorted: readonly number[]): Ranked {
  const ranks: number[] = [];
  let positive = 0;
  let halfZeros = 0;
  let tieCorrection = 0;
  for (const [first, next] of tieGroups(sorted.length, (i) => Math.abs(sorted[i]))) {
    const doubled = first + 1 + next;
    const count = next - first;
    tieCorrection += count ** 3 - count;
    if (sorted[first] === 0) {
      halfZeros = (doubled * count) / 2;
      continue;
    }
    for (let i = first; i < next; i++) {
      if (ranks.length < MAX_EXACT) ranks.push(doubled);
      if (sorted[i] > 0) positive += doubled;
    }
  }
  return { ranks, positive, halfZeros, tieCorrection, hasTies: tieCorrection > 0 || halfZeros > 0 };
}

/** The zeros' share is the same under every choice of signs, so only the others count. */
function exactPValue({ ranks, positive }: Ranked): number {
  const total = ranks.reduce((sum, each) => sum + each, 0);
  // In how many ways the signs give each sum; 2^50 at most, so exact.
  const ways = new Float64Array(total + 1);
  ways[0] = 1;
  for (const each of ranks) for (let sum = total; sum >= each; sum--) ways[sum] += ways[sum - each];
  let atLeast = 0;
  for (let sum = positive; sum <= total; sum++) atLeast += ways[sum];
  return atLeast / 2 ** ranks.length;
}

function normalPValue({ positive, halfZeros, tieCorrection }: Ranked, n: number): number {
  const mean = (n * (n + 1)) / 4;
  const variance = (n * (n + 1) * (2 * n + 1) - tieCorrection / 2) / 24;
  return ndtr(-((positive + halfZeros) / 2 - mean) / Math.sqrt(variance));
}
