import { seedsToShow } from '../math/rank-tests.ts';
import type { Comparison } from './comparison.ts';

/** Chance of even one false verdict among a comparison's pairs. */
const LEVEL = 0.05;

/**
 * What a comparison shows, one sentence per pair whose difference is more than luck; or that there is none; or that so few
 * seeds cannot show one.
 */
export function verdicts({ pairwise, seeds }: Comparison): string[] {
  if (pairwise.length === 0) return [];
  const needed = seedsToShow(LEVEL, pairwise.length);
  const given = seeds.length === 1 ? '1 seed' : `${seeds.length} seeds`;
  // Whatever p the normal approximation gives to a few runs with equal scores.
  if (seeds.length < needed)
    return [
      `${given} cannot show a difference at the level ${LEVEL}, however large it is; give at least ${needed}`,
    ];
  const found = pairwise
    .filter((test) => test.adjustedPValue <= LEVEL)
    .map(({ a, b, probabilityABetter, adjustedPValue }) => {
      const [better, worse] = probabilityABetter >= 0.5 ? [a, b] : [b, a];
      const share = Math.round(100 * Math.max(probabilityABetter, 1 - probabilityABetter));
      return `${better} is better than ${worse}: in ${share} % of pairs of runs, p = ${adjustedPValue.toPrecision(2)}`;
    });
  if (found.length > 0) return found;
  return [`${given} show no difference at the level ${LEVEL}; more seeds might`];
}
