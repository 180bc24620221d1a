/**
 * CMA-ES with margin (R. Hamano, S. Saito, M. Nomura, S. Shirakawa, GECCO 2022): every neighbor of a discrete coordinate's
 * value keeps a least probability, so that a coordinate never freezes. A discrete coordinate x stands for the point of its
 * grid that is nearest to mean + A (x - mean).
 */
import { ndtr, ndtri } from '../../src/math/index.ts';
import type { Cma } from './cma.ts';

/** Probabilities that quantiles are taken of stay this far from 0 and 1/2 (as Optuna's `cmaes`). */
const GUARD = 1e-10;

export class Margin {
  /** For each coordinate, the number of points of its grid over [0, 1]; 0 if continuous. */
  readonly #sizes: readonly number[];
  /** The diagonal of A. */
  readonly #scales: Float64Array;
  /** Least probability of both neighbors together. */
  readonly #margin: number;

  /** @param sizes of each coordinate, the points of its grid over [0, 1], at least 2; 0 if it is continuous. */
  constructor(sizes: readonly number[], popsize: number) {
    this.#sizes = sizes;
    this.#scales = new Float64Array(sizes.length).fill(1);
    this.#margin = 1 / (sizes.length * popsize);
  }

  isDiscrete(j: number): boolean {
    return this.#sizes[j] > 0;
  }

  /** The point of grid j that x stands for. */
  encode(j: number, x: number, { mean }: Cma): number {
    const last = this.#sizes[j] - 1;
    const scaled = mean[j] + this.#scales[j] * (x - mean[j]);
    return Math.min(Math.max(cellOf(scaled, last), 0), last) / last;
  }

  /** After an update of `cma`: corrects its mean and A (their eq. 11 to 19). */
  correct(cma: Cma): void {
    this.#sizes.forEach((size, j) => {
      if (size > 0) this.#correct(j, size - 1, cma);
    });
  }

  #correct(j: number, last: number, { mean, sigma, covariance }: Cma): void {
    const margin = this.#margin;
    const spread = sigma * Math.sqrt(covariance.variance(j));
    const deviation = spread * this.#scales[j];
    const cell = cellOf(mean[j], last);
    // The limits to either side of the mean's cell; the same one twice for an outer cell.
    const low = (Math.min(Math.max(cell - 1, 0), last - 1) + 0.5) / last;
    const high = (Math.min(Math.max(cell, 0), last - 1) + 0.5) / last;
    const below = ndtr((low - mean[j]) / deviation);
    const above = ndtr((mean[j] - high) / deviation);
    if (low === high) {
      if (Math.min(below, above) < margin)
        mean[j] = high - Math.sign(mean[j] - high) * deviation * ndtri(margin);
      return;
    }
    if (Math.min(below, above) >= margin / 2) return;
    const [left, right] = withMargin(below, above, margin / 2).map(quantileDistance);
    this.#scales[j] = (high - low) / ((left + right) * spread);
    mean[j] = (low * right + high * left) / (left + right);
  }
}

/** The cell of a grid 0, 1 / last, … 1 that x lies in; below 0 or above `last` outside of it. */
function cellOf(x: number, last: number): number {
  return Math.ceil(x * last - 0.5);
}

/** Lifts the two tails to `least` and takes from them, in proportion to what they have above it, what that adds. */
function withMargin(below: number, above: number, least: number): readonly [number, number] {
  const middle = 1 - below - above;
  const [low, high] = [Math.max(below, least), Math.max(above, least)];
  const excess = 1 - low - high - middle;
  const spare = low + middle + high - 3 * least;
  return [low + (excess * (low - least)) / spare, high + (excess * (high - least)) / spare];
}

/** How many standard deviations from the mean a tail of this probability begins. */
function quantileDistance(tail: number): number {
  return -ndtri(Math.min(Math.max(tail, GUARD), 0.5 - GUARD));
}
