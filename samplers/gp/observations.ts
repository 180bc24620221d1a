import { type FrozenTrial, type StudyDirection, totalViolation } from '../../src/core/frozen-trial.ts';
import { nonDominationRanks } from '../../src/pareto/index.ts';
import type { NormalisedSpace } from './normalised-space.ts';
import type { Output } from './output-model.ts';
import { clipInfinite } from './output-scale.ts';

export interface Observation {
  readonly trial: FrozenTrial;
  readonly point: Float64Array;
  /**
   * One per objective. Of a trial that is not complete, it is at least this and at least the median of the complete
   * ones: where trials are pruned or fail, others should not follow.
   *
   * Design note: Optuna leaves such trials out, and so comes back to where they are for as long as it expects good
   * things there.
   */
  readonly losses: readonly number[];
  readonly isComplete: boolean;
  /** Sum of positive constraint values. */
  readonly violation: number;
}

/** A model of more is slow, and the best and latest tell enough. */
const MAX_MODELLED = 500;

/** What a history says about points of a space. */
export class Observations {
  /** Finished trials that have a point in the space, in order of number. */
  readonly finished: readonly Observation[];
  /** Points of unfinished trials. */
  readonly running: readonly Float64Array[];
  readonly nConstraints: number;
  readonly #space: NormalisedSpace;

  constructor(trials: readonly FrozenTrial[], space: NormalisedSpace, directions: readonly StudyDirection[]) {
    const finished: Observation[] = [];
    const running: Float64Array[] = [];
    for (const trial of trials) {
      const point = space.pointOf(trial);
      if (point === null || trial.state === 'WAITING') continue;
      if (trial.state === 'RUNNING') running.push(point);
      else
        finished.push({
          trial,
          point,
          losses: lossesOf(trial, directions),
          isComplete: trial.state === 'COMPLETE',
          violation: totalViolation(trial) ?? 0,
        });
    }
    this.finished = finished;
    this.running = running;
    this.nConstraints = finished.reduce(
      (most, { trial }) => Math.max(most, trial.constraints?.length ?? 0),
      0,
    );
    this.#space = space;
  }

  /** Those that the models of the objectives see. */
  get modelled(): readonly Observation[] {
    return selected(this.finished);
  }

  /** Objective `j` of the first `n` finished trials, as they alone tell it. */
  objective(j: number, n: number): Output {
    const rows = selected(this.finished.slice(0, n));
    const complete = clipInfinite(
      Float64Array.from(rows.filter(({ isComplete }) => isComplete).map(({ losses }) => losses[j])),
    );
    const median = complete.slice().sort()[complete.length >> 1] ?? 0;
    let next = 0;
    const losses = rows.map((row) => (row.isComplete ? complete[next++] : Math.max(row.losses[j], median)));
    return this.#output(rows, losses);
  }

  /** Constraint `k` of those trials of the first `n` that have it. */
  constraint(k: number, n: number): Output {
    const rows = selected(
      this.finished.slice(0, n).filter(({ trial }) => trial.constraints?.[k] !== undefined),
    );
    return this.#output(
      rows,
      rows.map(({ trial }) => trial.constraints![k]),
    );
  }

  #output(rows: readonly Observation[], losses: readonly number[]): Output {
    const { d, isCategorical } = this.#space;
    const x = new Float64Array(rows.length * d);
    rows.forEach(({ point }, i) => {
      x.set(point, i * d);
    });
    return { x, n: rows.length, isCategorical, losses: clipInfinite(Float64Array.from(losses)) };
  }
}

function lossesOf(trial: FrozenTrial, directions: readonly StudyDirection[]): number[] {
  const values = trial.values ?? [...trial.intermediateValues.values()].slice(-1);
  return directions.map((direction, j) => {
    const value = values[j];
    if (trial.state === 'FAIL' || value === undefined || Number.isNaN(value)) return Number.NEGATIVE_INFINITY;
    return direction === 'maximize' ? -value : value;
  });
}

/** All if they are few; else the better half of as many as are modelled, and the latest others. */
function selected(rows: readonly Observation[]): readonly Observation[] {
  if (rows.length <= MAX_MODELLED) return rows;
  const complete = rows.filter(({ isComplete }) => isComplete);
  const ranks = nonDominationRanks(
    Float64Array.from(complete.flatMap(({ losses }) => losses)),
    complete[0]?.losses.length ?? 1,
    complete.map(({ violation }) => violation),
  );
  const byRank = complete.map((row, i) => ({ row, rank: ranks[i] })).sort((a, b) => a.rank - b.rank);
  const kept = new Set(byRank.slice(0, MAX_MODELLED / 2).map(({ row }) => row));
  for (let i = rows.length - 1; kept.size < MAX_MODELLED; i--) kept.add(rows[i]);
  return rows.filter((row) => kept.has(row));
}
