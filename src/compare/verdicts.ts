import type { Comparison } from './comparison.ts';

/** Chance of even one false verdict among a comparison's pairs. */
const LEVEL = 0.05;

/** What a comparison shows, one sentence per pair whose difference is more than luck; or that there is none. */
export function verdicts({ pairwise, seeds }: Comparison): string[] {
  if (pairwise.length === 0) return [];
  const found = pairwise
    .filter((test) => test.adjustedPValue <= LEVEL)
    .map(({ a, b, probabilityABetter, adjustedPValue }) => {
      const [better, worse] = probabilityABetter >= 0.5 ? [a, b] : [b, a];
      const share = Math.round(100 * Math.max(probabilityABetter, 1 - probabilityABetter));
      return `${better} is better than ${worse}: in ${share} % of pairs of runs, p = ${adjustedPValue.toPrecision(2)}`;
    });
  if (found.length > 0) return found;
  return [`${seeds.length} seeds show no difference at the level ${LEVEL}; more seeds might`];
}
