import type { Cma } from './cma.ts';

/** Values that differ by less, relative to their size, are the same. */
const SAME = 1e-12;
/** A standard deviation of so many widths of the cube has lost it. */
const MAX_DEVIATION = 100;
/** The largest ratio of the longest axis to the shortest, which is kept from being much shorter. */
const MAX_RATIO = 5e6;

/**
 * When a run of CMA-ES cannot get further (Hansen, arXiv:1604.00772, B.3): many generations gave one value, doubles cannot
 * resolve the distribution any more, or it has left the cube. No tolerance depends on the scale of the objective.
 */
export class Termination {
  /** Best and worst value of as many generations as are looked back on, in a ring. */
  readonly #values: Float64Array;

  constructor(dimensions: number, popsize: number) {
    this.#values = new Float64Array(2 * (10 + Math.ceil((30 * dimensions) / popsize)));
  }

  /** Takes in the best and the worst loss of the generation that `cma` was told last. */
  observe(cma: Cma, best: number, worst: number): void {
    const at = (2 * cma.generation) % this.#values.length;
    this.#values[at] = best;
    this.#values[at + 1] = worst;
  }

  isMet({ generation, covariance, sigma, mean }: Cma): boolean {
    const { shortest, longest } = covariance.axes();
    if (sigma * longest > MAX_DEVIATION || longest > MAX_RATIO * shortest) return true;
    if (generation > this.#values.length / 2 && isOneValue(this.#values)) return true;
    return mean.some((x, j) => x === x + 2 * sigma * Math.sqrt(covariance.variance(j)));
  }
}

/** False if there are infinities. */
function isOneValue(values: Float64Array): boolean {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const range = high - low;
  return Number.isFinite(range) && range <= SAME * Math.max(Math.abs(low), Math.abs(high));
}
