import type { FrozenTrial } from '../../src/core/frozen-trial.ts';
import type { CmaGenerations } from './generations.ts';
import type { Ranked } from './ranking.ts';
import type { Restarts } from './restarts.ts';
import { CmaRun, INITIAL_SIGMA, type RunStart } from './run.ts';
import type { UnitSpace } from './unit-space.ts';

/** Attribute of a trial whose parameters are only those nearest to the point that was drawn; as Optuna's, with margin. */
export const DRAWN_ATTR = 'x_for_tell';

export interface EvolutionPlan {
  readonly unitSpace: UnitSpace;
  readonly start: RunStart;
  /** Null: one run goes on for ever. */
  readonly restarts: () => Restarts | null;
  /** Best first. */
  readonly rank: (trials: readonly FrozenTrial[]) => readonly Ranked[];
}

/**
 * The state of CMA-ES as it follows from a history: each closed generation is told once. If the parents of a past generation
 * change (a trial of a lower number appears late), everything is told anew.
 */
export class Evolution {
  readonly #plan: EvolutionPlan;
  readonly #generations: CmaGenerations;
  #run: CmaRun;
  #restarts: Restarts | null;
  /** What each generation was told, and how many it had needed. */
  #told: { readonly parents: readonly FrozenTrial[]; readonly popsize: number }[] = [];

  constructor(plan: EvolutionPlan, generations: CmaGenerations) {
    this.#plan = plan;
    this.#generations = generations;
    this.#run = new CmaRun(plan.start);
    this.#restarts = plan.restarts();
  }

  /** Returns the generation and the run that the history has come to. */
  current(): { readonly generation: number; readonly run: CmaRun } {
    const changed = Math.max(this.#generations.sync(), 0);
    for (let g = changed; g < this.#told.length; g++) {
      const { parents, popsize } = this.#told[g];
      if (!isSame(this.#generations.parentsOf(g, popsize), parents)) this.#reset();
    }
    for (;;) {
      const parents = this.#generations.parentsOf(this.#told.length, this.#run.popsize);
      if (parents === null) return { generation: this.#told.length, run: this.#run };
      this.#tell(parents);
    }
  }

  #reset(): void {
    this.#run = new CmaRun(this.#plan.start);
    this.#restarts = this.#plan.restarts();
    this.#told = [];
  }

  #tell(parents: readonly FrozenTrial[]): void {
    const { start, rank, unitSpace } = this.#plan;
    const run = this.#run;
    this.#told.push({ parents, popsize: run.popsize });
    const ranked = rank(parents);
    const points = new Float64Array(ranked.length * unitSpace.dimensions);
    ranked.forEach(({ trial }, i) => {
      this.#pointOf(trial, points, i * unitSpace.dimensions);
    });
    const worst = ranked.findLast(({ trial }) => trial.state !== 'FAIL')!;
    run.tell(points, ranked[0].loss, worst.loss);
    if (this.#restarts === null || !run.hasConverged) return;
    const next = this.#restarts.next(unitSpace.dimensions, run.nTrials);
    this.#run = new CmaRun({ ...start, ...next, sigma: INITIAL_SIGMA, covariance: null });
  }

  /**
   * Writes the point of a trial to `out` from `at` on: that of its parameters, whoever chose them, or the drawn one if it is
   * what they stand for.
   */
  #pointOf(trial: FrozenTrial, out: Float64Array, at: number): void {
    const { unitSpace } = this.#plan;
    unitSpace.toUnit(trial.params, out, at);
    const drawn = trial.systemAttrs[DRAWN_ATTR];
    if (!Array.isArray(drawn) || drawn.length !== unitSpace.dimensions) return;
    unitSpace.names.forEach((name, j) => {
      const x = Number(drawn[j]);
      const isNearby = this.#run.isDiscrete(j) || x < 0 || x > 1;
      if (isNearby && unitSpace.value(j, this.#run.encode(j, x)) === trial.params[name]) out[at + j] = x;
    });
  }
}

function isSame(a: readonly FrozenTrial[] | null, b: readonly FrozenTrial[]): boolean {
  return a !== null && a.length === b.length && a.every((trial, i) => trial.number === b[i].number);
}
