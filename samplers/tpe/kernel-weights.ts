/** How much the observations of a mixture count, by age. The prior counts 1. */

const FULL_WEIGHT_TRIALS = 25;

/** `equal`: 1 each. `recency`: 1 for the newest 25; before them a ramp from 1/n up to 1. */
export type Weighting = 'equal' | 'recency';

/** Weights of `n` observations. */
export class KernelWeights {
  readonly #n: number;
  /** The number of observations, from the oldest, that weigh less than 1. */
  readonly #nRamp: number;
  readonly #first: number;
  readonly #slope: number;

  constructor(weighting: Weighting, n: number) {
    this.#n = n;
    this.#nRamp = weighting === 'equal' ? 0 : Math.max(n - FULL_WEIGHT_TRIALS, 0);
    this.#first = 1 / Math.max(n, 1);
    this.#slope = this.#nRamp > 1 ? (1 - this.#first) / (this.#nRamp - 1) : 0;
  }

  /** Weight of the observation of rank `k` by age, the oldest being 0. */
  at(k: number): number {
    return k < this.#nRamp ? this.#first + this.#slope * k : 1;
  }

  /** Writes the weight of each observation to the place that `places` has at its rank. */
  scatter(target: Float64Array, places: Int32Array): void {
    for (let k = 0; k < this.#nRamp; k++) target[places[k]] = this.#first + this.#slope * k;
    for (let k = this.#nRamp; k < this.#n; k++) target[places[k]] = 1;
  }

  /** That of the prior included. */
  get total(): number {
    const ramp = this.#nRamp * (this.#first + 0.5 * this.#slope * (this.#nRamp - 1));
    return ramp + (this.#n - this.#nRamp) + 1;
  }
}
