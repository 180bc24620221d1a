import { Cma } from './cma.ts';
import { DiagonalCovariance } from './diagonal-covariance.ts';
import { FullCovariance } from './full-covariance.ts';
import { LearningRates } from './learning-rates.ts';
import { Margin } from './margin.ts';
import { fullStrategy, separableStrategy } from './strategy.ts';
import { Termination } from './termination.ts';

export type Variant = 'full' | 'separable' | 'margin' | 'adaptive rates';

export interface RunStart {
  readonly variant: Variant;
  readonly popsize: number;
  /** In the unit cube. */
  readonly mean: Float64Array;
  readonly sigma: number;
  /** C, shape (d, d); null for the identity. */
  readonly covariance: Float64Array | null;
  /** For each coordinate, the number of values of its grid; 0 if it has none. Used with margin alone. */
  readonly gridSizes: readonly number[];
}

/** A sixth of the unit cube, as Optuna. */
export const INITIAL_SIGMA = 1 / 6;
/** How often a point outside the cube is drawn anew. */
const REDRAWS = 2;
/** How many standard deviations beyond a face a drawn point may lie. */
const REACH = 2;

/** One CMA-ES from its start to its convergence, over the unit cube. */
export class CmaRun {
  readonly cma: Cma;
  /** Trials per generation, at least. */
  readonly popsize: number;
  /** Trials told. */
  nTrials = 0;
  readonly #margin: Margin | null;
  readonly #termination: Termination;

  constructor({ variant, popsize, mean, sigma, covariance, gridSizes }: RunStart) {
    const d = mean.length;
    this.popsize = popsize;
    if (variant === 'separable' && d > 1)
      this.cma = new Cma(separableStrategy, new DiagonalCovariance(d), mean, sigma);
    else {
      const full = new FullCovariance(d, covariance);
      const rates = variant === 'adaptive rates' ? new LearningRates(full) : null;
      this.cma = new Cma(fullStrategy, full, mean, sigma, rates);
    }
    this.#margin = variant === 'margin' ? new Margin(gridSizes, popsize) : null;
    this.#termination = new Termination(d, popsize);
  }

  /**
   * A point of the distribution. One outside the cube is drawn anew a few times, then kept near its faces, so that a run whose
   * optimum lies on a face is drawn toward it without losing the optima inside.
   * @param z normal numbers for the first try, `normal` gives those for more.
   */
  draw(z: Float64Array, normal: () => number): Float64Array {
    const point = new Float64Array(z.length);
    this.cma.sample(z, point);
    for (let k = 0; k < REDRAWS && !this.#isInside(point); k++) this.cma.sample(z.map(normal), point);
    for (let j = 0; j < point.length; j++)
      if (!this.isDiscrete(j)) {
        const reach = REACH * this.cma.sigma * Math.sqrt(this.cma.covariance.variance(j));
        point[j] = Math.min(Math.max(point[j], -reach), 1 + reach);
      }
    return point;
  }

  /** The coordinate to evaluate for a drawn one: a discrete one is put on its grid, another one into [0, 1]. */
  encode(j: number, drawn: number): number {
    return this.isDiscrete(j) ? this.#margin!.encode(j, drawn, this.cma) : Math.min(Math.max(drawn, 0), 1);
  }

  /** Whether the coordinate is one of a grid, with margin. */
  isDiscrete(j: number): boolean {
    return this.#margin?.isDiscrete(j) === true;
  }

  /**
   * @param points shape (popsize or more, d), as drawn, best first.
   * @param best the value of the first one, `worst` that of the last.
   */
  tell(points: Float64Array, best: number, worst: number): void {
    this.nTrials += points.length / this.cma.mean.length;
    this.cma.tell(points);
    this.#margin?.correct(this.cma);
    this.#termination.observe(this.cma, best, worst);
  }

  get hasConverged(): boolean {
    return this.#termination.isMet(this.cma);
  }

  #isInside(point: Float64Array): boolean {
    for (let j = 0; j < point.length; j++)
      if (!(point[j] >= 0 && point[j] <= 1) && !this.isDiscrete(j)) return false;
    return true;
  }
}
