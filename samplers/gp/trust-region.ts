/**
 * A box around a good point, from which every other trial is drawn (the trust region of Eriksson et al., "Scalable
 * Global Optimization via Local Bayesian Optimization", NeurIPS 2019): it grows after successes and shrinks after
 * failures, and starts anew when it has become too small.
 */

/** Bounds of normalized columns. */
export interface Region {
  readonly low: Float64Array;
  readonly high: Float64Array;
}

const FIRST_LENGTH = 0.8;
const MAX_LENGTH = 1.6;
const MIN_LENGTH = 2 ** -7;
const SUCCESSES = 3;

/**
 * The length of the region's edges after these trials, for each of which is told whether it was better than all before.
 */
export function trustLength(improved: readonly boolean[], d: number): number {
  let length = FIRST_LENGTH;
  let [successes, failures] = [0, 0];
  for (const success of improved) {
    successes = success ? successes + 1 : 0;
    failures = success ? 0 : failures + 1;
    if (successes === SUCCESSES) {
      length = Math.min(2 * length, MAX_LENGTH);
      successes = 0;
    }
    if (failures === Math.max(d, 2)) {
      length /= 2;
      failures = 0;
    }
    if (length < MIN_LENGTH) length = FIRST_LENGTH;
  }
  return length;
}

/** Around a center, within [0, 1]: longer where the length scale is longer. */
export function trustRegion(center: Float64Array, length: number, lengthscales: Float64Array): Region {
  const d = center.length;
  const typical = Math.exp(lengthscales.reduce((sum, l) => sum + Math.log(l), 0) / d);
  const half = lengthscales.map((l) => (length / 2) * Math.min(Math.max(l / typical, 0.25), 4));
  return {
    low: center.map((x, j) => Math.max(0, x - half[j])),
    high: center.map((x, j) => Math.min(1, x + half[j])),
  };
}

export function wholeSpace(d: number): Region {
  return { low: new Float64Array(d), high: new Float64Array(d).fill(1) };
}
