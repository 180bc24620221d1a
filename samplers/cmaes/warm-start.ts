import { meanAxis } from './full-covariance.ts';
import type { RunStart } from './run.ts';

/** The best part of the source's points is what its promising region is estimated from. */
const GAMMA = 0.1;

/**
 * The normal distribution nearest to the best tenth of the points of a similar study (M. Nomura, S. Watanabe, Y. Akimoto,
 * Y. Ozaki, M. Onishi, Warm Starting CMA-ES for Hyperparameter Optimization, AAAI 2021, eq. 8 and 9).
 * @param points in the unit cube, best first, at least one.
 * @param spread standard deviation of the prior around each point, the paper's alpha.
 */
export function warmStart(
  points: readonly Float64Array[],
  spread: number,
): Pick<RunStart, 'mean' | 'sigma' | 'covariance'> {
  const best = points.slice(0, Math.max(1, Math.floor(GAMMA * points.length)));
  const d = best[0].length;
  const mean = best[0].map((_, j) => best.reduce((sum, x) => sum + x[j], 0) / best.length);
  const covariance = new Float64Array(d * d);
  for (let j = 0; j < d; j++) {
    for (let k = 0; k < d; k++)
      for (const x of best) covariance[j * d + k] += ((x[j] - mean[j]) * (x[k] - mean[k])) / best.length;
    covariance[j * (d + 1)] += spread ** 2;
  }
  const sigma = meanAxis(covariance, d);
  return { mean, sigma, covariance: covariance.map((x) => x / sigma ** 2) };
}
