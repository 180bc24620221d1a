import {
  type FrozenTrial,
  failedAtParams,
  type StudyDirection,
  totalViolation,
} from '../../src/core/frozen-trial.ts';
import { lossOf } from '../../src/core/losses.ts';
import { upperMedian } from '../../src/math/statistics.ts';
import { nonDominationRanks } from '../../src/pareto/index.ts';
import type { NormalizedSpace } from './normalized-space.ts';
import { closeGapsAbove, closeGapsAroundZero } from './outliers.ts';
import type { Output } from './output-model.ts';
import { clipInfinite } from './output-scale.ts';

export interface Observation {
  readonly trial: FrozenTrial;
  readonly point: Float64Array;
  /**
   * One per objective. A failed trial is as bad as the worst one that is known. A pruned one is at least as bad as it last
   * reported, and as the median of the complete ones. Where trials are pruned or fail, others should not follow.
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
const MAX_MODELED = 500;
/** The latest failed and pruned trials are modeled: as many as there are complete ones, or this many. */
const MAX_INCOMPLETE = 100;
/** How many trials count as next to another one. */
const NEIGHBORS = 8;
/** No two points are nearer. */
const SAME_POINT = 1e-9;

/** What a history says about points of a space. */
export class Observations {
  /** Finished trials that have a point in the space, in order of number. */
  readonly finished: readonly Observation[];
  /** Points of unfinished trials. */
  readonly running: readonly Float64Array[];
  readonly nConstraints: number;
  readonly #space: NormalizedSpace;

  constructor(trials: readonly FrozenTrial[], space: NormalizedSpace, directions: readonly StudyDirection[]) {
    const finished: Observation[] = [];
    const running: Float64Array[] = [];
    for (const trial of trials) {
      const point = space.pointOf(trial);
      if (point === null || trial.state === 'WAITING') continue;
      if (trial.state === 'FAIL' && !failedAtParams(trial)) continue;
      if (trial.state === 'RUNNING') running.push(point);
      else
        finished.push({
          trial,
          point,
          losses: pessimisticLosses(trial, directions),
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
  get modeled(): readonly Observation[] {
    return this.#selected(this.finished.length);
  }

  /**
   * Returns what is modeled of the first `n` finished trials. Those that failed by chance tell nothing; nor do those that ended before any was complete,
   * when most likely something was wrong that since was mended.
   */
  #selected(n: number): readonly Observation[] {
    const first = this.finished.findIndex(({ isComplete }) => isComplete);
    const rows = this.finished.slice(Math.max(first, 0), n);
    const nComplete = rows.reduce((count, { isComplete }) => count + (isComplete ? 1 : 0), 0);
    let nToLeave = rows.length - nComplete - Math.max(nComplete, MAX_INCOMPLETE);
    const kept = rows.filter((row) => row.isComplete || nToLeave-- <= 0);
    return selected(kept.filter((row) => !isFailed(row) || this.#isWhereOthersFail(row, rows)));
  }

  /**
   * Whether most of the trials next to one that failed have failed, too, the nearer ones counting more.
   *
   * Design note: a trial that failed by chance (a node that died) would be a pit in the model, often at the best of places.
   */
  #isWhereOthersFail(row: Observation, rows: readonly Observation[]): boolean {
    const nearest = rows
      .filter((other) => other !== row)
      .map((other) => ({ other, distance: this.#space.distance(row.point, other.point) }))
      .sort((a, b) => a.distance - b.distance)
      .slice(0, NEIGHBORS);
    const votes = nearest.reduce(
      (sum, { other, distance }) => sum + (isFailed(other) ? 1 : -1) / Math.max(distance, SAME_POINT),
      0,
    );
    return votes >= 0;
  }

  /** Objective `j` of the first `n` finished trials, as they alone tell it. */
  objective(j: number, n: number): Output {
    const rows = this.#selected(n);
    const complete = clipInfinite(
      Float64Array.from(rows.filter(({ isComplete }) => isComplete).map(({ losses }) => losses[j])),
    );
    const median = complete.length === 0 ? 0 : upperMedian(complete);
    let next = 0;
    const losses = rows.map((row) => (row.isComplete ? complete[next++] : Math.max(row.losses[j], median)));
    return this.#output(rows, closeGapsAbove(clipInfinite(Float64Array.from(losses))));
  }

  /** Constraint `k` of those trials of the first `n` that have it. */
  constraint(k: number, n: number): Output {
    const rows = selected(
      this.finished.slice(0, n).filter(({ trial }) => trial.constraints?.[k] !== undefined),
    );
    const values = Float64Array.from(rows, ({ trial }) => trial.constraints![k]);
    return this.#output(rows, closeGapsAroundZero(clipInfinite(values)));
  }

  #output(rows: readonly Observation[], losses: Float64Array): Output {
    const { d, isCategorical } = this.#space;
    const x = new Float64Array(rows.length * d);
    rows.forEach(({ point }, i) => {
      x.set(point, i * d);
    });
    return { x, n: rows.length, isCategorical, losses };
  }
}

function isFailed({ trial }: Observation): boolean {
  return trial.state === 'FAIL';
}

function pessimisticLosses(trial: FrozenTrial, directions: readonly StudyDirection[]): number[] {
  const values = trial.values ?? [...trial.intermediateValues.values()].slice(-1);
  return directions.map((direction, j) => {
    const value = values[j];
    if (trial.state === 'FAIL') return Number.POSITIVE_INFINITY;
    if (value === undefined || Number.isNaN(value)) return Number.NEGATIVE_INFINITY;
    return lossOf(value, direction);
  });
}

/** All if they are few; else the better half of as many as are modeled, and the latest others. */
function selected(rows: readonly Observation[]): readonly Observation[] {
  if (rows.length <= MAX_MODELED) return rows;
  const complete = rows.filter(({ isComplete }) => isComplete);
  const ranks = nonDominationRanks(
    Float64Array.from(complete.flatMap(({ losses }) => losses)),
    complete[0]?.losses.length ?? 1,
    complete.map(({ violation }) => violation),
  );
  const byRank = complete.map((row, i) => ({ row, rank: ranks[i] })).sort((a, b) => a.rank - b.rank);
  const kept = new Set(byRank.slice(0, MAX_MODELED / 2).map(({ row }) => row));
  for (let i = rows.length - 1; kept.size < MAX_MODELED; i--) kept.add(rows[i]);
  return rows.filter((row) => kept.has(row));
}
