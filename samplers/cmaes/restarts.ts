/** Where a new run of CMA-ES begins after one that has converged. */
import { Rng } from '../../src/core/rng.ts';

/**
 * `ipop`: each run has twice the population of the last one (A. Auger and N. Hansen, CEC 2005). `bipop`: as long as small runs
 * have had fewer trials than large ones, a small one, else one twice as large (N. Hansen, GECCO workshop 2009).
 */
export type RestartStrategy = 'ipop' | 'bipop';

export interface Start {
  readonly popsize: number;
  readonly mean: Float64Array;
}

const FACTOR = 2;

export class Restarts {
  readonly #strategy: RestartStrategy;
  readonly #seed: number;
  readonly #popsize: number;
  #nRuns = 0;
  #nDoublings = 0;
  #isLarge = false;
  /** Trials of small and of large runs. */
  #nSmall = 0;
  #nLarge = 0;

  /** @param popsize of the first run. */
  constructor(strategy: RestartStrategy, seed: number, popsize: number) {
    this.#strategy = strategy;
    this.#seed = seed;
    this.#popsize = popsize;
  }

  /** @param nTrials of the run that has ended. */
  next(dimensions: number, nTrials: number): Start {
    const rng = Rng.keyed(this.#seed, 'cmaes restart', this.#nRuns++);
    const mean = Float64Array.from({ length: dimensions }, () => rng.uniform());
    if (this.#isLarge) this.#nLarge += nTrials;
    else this.#nSmall += nTrials;
    this.#isLarge = this.#strategy === 'ipop' || this.#nSmall >= this.#nLarge;
    if (this.#isLarge) {
      this.#nDoublings++;
      return { mean, popsize: this.#popsize * FACTOR ** this.#nDoublings };
    }
    const doublings = this.#nDoublings * rng.uniform() ** 2;
    return { mean, popsize: Math.floor(this.#popsize * FACTOR ** doublings) };
  }
}
