/** The constants of a CMA-ES: recombination weights and learning rates, from dimension and population size. */

export interface Strategy {
  /** Points per generation. */
  readonly popsize: number;
  /** The best so many move the mean. */
  readonly nParents: number;
  /** Weights of the points from best to worst; those of the first `nParents` sum to 1, later ones may be negative. */
  readonly weights: Float64Array;
  /** Variance effective size of the parents' weights. */
  readonly muEff: number;
  /** Learning rates of the covariance: for the rank-one and the rank-mu update. */
  readonly c1: number;
  readonly cMu: number;
  /** The learning rate of the step-size path, and the damping of the step size. */
  readonly cSigma: number;
  readonly dSigma: number;
  /** The learning rate of the covariance path. */
  readonly cPath: number;
  /** E|N(0, I)|, nearly. */
  readonly meanLength: number;
}

/** Hansen, arXiv:1604.00772, eq. 48. */
export function defaultPopsize(dimensions: number): number {
  return 4 + Math.floor(3 * Math.log(dimensions));
}

/**
 * Hansen, arXiv:1604.00772, eq. 49 to 58, with negative weights.
 * @param popsize at least 2.
 */
export function fullStrategy(dimensions: number, popsize: number): Strategy {
  const d = dimensions;
  const nParents = Math.floor(popsize / 2);
  const raw = Float64Array.from({ length: popsize }, (_, i) => Math.log((popsize + 1) / 2) - Math.log(i + 1));
  const muEff = effectiveSize(raw.subarray(0, nParents));
  const muEffNegative = effectiveSize(raw.subarray(nParents));
  const c1 = 2 / ((d + 1.3) ** 2 + muEff);
  const cMu = Math.min(1 - c1 - 1e-8, (2 * (muEff - 2 + 1 / muEff)) / ((d + 2) ** 2 + muEff));
  const negativeSum = Math.min(
    1 + c1 / cMu,
    1 + (2 * muEffNegative) / (muEff + 2),
    (1 - c1 - cMu) / (d * cMu),
  );
  const above = sum(raw.filter((w) => w > 0));
  const below = -sum(raw.filter((w) => w < 0));
  return {
    popsize,
    nParents,
    weights: raw.map((w) => (w >= 0 ? w / above : (negativeSum * w) / below)),
    muEff,
    c1,
    cMu,
    ...stepSizeRates(d, muEff, (muEff + 2) / (d + muEff + 5)),
    cPath: (4 + muEff / d) / (d + 4 + (2 * muEff) / d),
  };
}

/**
 * Ros and Hansen, PPSN X, 2008: a diagonal covariance, which is learned faster by (d + 2) / 3.
 * @param popsize at least 2.
 */
export function separableStrategy(dimensions: number, popsize: number): Strategy {
  const d = dimensions;
  const nParents = Math.floor(popsize / 2);
  const raw = Float64Array.from({ length: popsize }, (_, i) =>
    i < nParents ? Math.log(nParents + 1) - Math.log(i + 1) : 0,
  );
  const muEff = effectiveSize(raw);
  const c1 = 2 / ((d + 1.3) ** 2 + muEff);
  const cMuFull =
    2 / muEff / (d + Math.SQRT2) ** 2 +
    (1 - 1 / muEff) * Math.min(1, (2 * muEff - 1) / ((d + 2) ** 2 + muEff));
  const total = sum(raw);
  return {
    popsize,
    nParents,
    weights: raw.map((w) => w / total),
    muEff,
    c1,
    cMu: Math.min(1 - c1, ((d + 2) / 3) * cMuFull),
    ...stepSizeRates(d, muEff, (muEff + 2) / (d + muEff + 3)),
    cPath: 4 / (d + 4),
  };
}

function stepSizeRates(
  d: number,
  muEff: number,
  cSigma: number,
): Pick<Strategy, 'cSigma' | 'dSigma' | 'meanLength'> {
  return {
    cSigma,
    dSigma: 1 + 2 * Math.max(0, Math.sqrt((muEff - 1) / (d + 1)) - 1) + cSigma,
    meanLength: Math.sqrt(d) * (1 - 1 / (4 * d) + 1 / (21 * d * d)),
  };
}

function effectiveSize(weights: Float64Array): number {
  return sum(weights) ** 2 / sum(weights.map((w) => w * w));
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const x of values) total += x;
  return total;
}
