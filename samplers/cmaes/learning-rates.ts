/**
 * Learning rate adaptation (M. Nomura, Y. Akimoto, I. Ono, CMA-ES with Learning Rate Adaptation, GECCO 2023): mean and
 * covariance move only a part of the way, so that the signal-to-noise ratio of their moves stays constant.
 */
import { type FullCovariance, meanAxis } from './full-covariance.ts';

/** The signal-to-noise ratio that is aimed at. */
const ALPHA = 1.4;
const GAMMA = 0.1;
const BETA_MEAN = 0.1;
const BETA_SIGMA = 0.03;

/** The `Cma` whose rates these are. */
interface Moving {
  readonly mean: Float64Array;
  sigma: number;
}

interface SearchNormal {
  readonly mean: Float64Array;
  readonly sigma: number;
  /** sigma^2 C. */
  readonly spread: Float64Array;
  /** C^(-1/2) / sigma. */
  readonly toLocal: Float64Array;
}

export class LearningRates {
  readonly #covariance: FullCovariance;
  readonly #mean: Rate;
  readonly #spread: Rate;

  /** @param covariance that of the `Cma` whose rates these are. */
  constructor(covariance: FullCovariance) {
    const d = covariance.dimensions;
    this.#covariance = covariance;
    this.#mean = new Rate(BETA_MEAN, d);
    this.#spread = new Rate(BETA_SIGMA, d * d);
  }

  /** What `adapt` needs to know of the distribution before its update. */
  before({ mean, sigma }: Moving): SearchNormal {
    return {
      mean: mean.slice(),
      sigma,
      spread: this.#covariance.matrix().map((c) => sigma * sigma * c),
      toLocal: this.#covariance.inverseRoot().map((x) => x / sigma),
    };
  }

  /** Takes back a part of the update that `cma` has just made. */
  adapt(before: SearchNormal, cma: Moving): void {
    const { mean } = cma;
    const d = mean.length;
    const meanMove = mean.map((x, j) => x - before.mean[j]);
    const spread = this.#covariance.matrix().map((c) => cma.sigma * cma.sigma * c);
    const spreadMove = spread.map((x, j) => x - before.spread[j]);
    const { toLocal } = before;
    const lastRate = this.#mean.value;
    this.#mean.observe(product(toLocal, meanMove, d, 1));
    const localSpread = product(toLocal, product(spreadMove, toLocal, d, d), d, d);
    this.#spread.observe(localSpread.map((x) => x / Math.SQRT2));

    for (let j = 0; j < d; j++) mean[j] = before.mean[j] + this.#mean.value * meanMove[j];
    const reduced = spreadMove.map((x, j) => before.spread[j] + this.#spread.value * x);
    const scale = meanAxis(reduced, d);
    this.#covariance.set(reduced.map((x) => x / (scale * scale)));
    // A slower mean asks for a larger step size (their eq. 20).
    cma.sigma = (scale * lastRate) / this.#mean.value;
  }
}

/** One learning rate, by moving averages of the moves and of their squared lengths, in local coordinates. */
class Rate {
  value = 1;
  readonly #beta: number;
  readonly #average: Float64Array;
  #averageSquare = 0;

  constructor(beta: number, size: number) {
    this.#beta = beta;
    this.#average = new Float64Array(size);
  }

  observe(move: Float64Array): void {
    const beta = this.#beta;
    let [squareOfAverage, square] = [0, 0];
    for (let j = 0; j < move.length; j++) {
      this.#average[j] = (1 - beta) * this.#average[j] + beta * move[j];
      squareOfAverage += this.#average[j] ** 2;
      square += move[j] ** 2;
    }
    this.#averageSquare = (1 - beta) * this.#averageSquare + beta * square;
    const noise = this.#averageSquare - squareOfAverage;
    // No noise is seen where nothing moves.
    if (!(noise > 0)) return;
    const snr = (squareOfAverage - (beta / (2 - beta)) * this.#averageSquare) / noise;
    const excess = Math.min(Math.max(snr / (ALPHA * this.value) - 1, -1), 1);
    this.value = Math.min(1, this.value * Math.exp(Math.min(GAMMA * this.value, beta) * excess));
  }
}

/** Shapes (n, n) times (n, m). */
function product(a: Float64Array, b: Float64Array, n: number, m: number): Float64Array {
  const c = new Float64Array(n * m);
  for (let i = 0; i < n; i++)
    for (let k = 0; k < n; k++) {
      const x = a[i * n + k];
      for (let j = 0; j < m; j++) c[i * m + j] += x * b[k * m + j];
    }
  return c;
}
