/** What is modeled of one study, and what is to be gained according to it. */
import type { SearchSpace } from '../../src/core/distribution.ts';
import { sameSpace } from '../../src/core/joint-space.ts';
import { paretoFront, pickRows } from '../../src/pareto/index.ts';
import type { History } from '../history-cache.ts';
import { RelativeSpace } from '../relative-space.ts';
import { type Acquisition, LogEi, LogFeasibility, LogProduct } from './acquisition.ts';
import { freeBoxes } from './free-boxes.ts';
import { LogEhvi } from './log-ehvi.ts';
import { NormalizedSpace } from './normalized-space.ts';
import type { Observation, Observations } from './observations.ts';
import { type FittedOutput, OutputModel } from './output-model.ts';
import type { OutputScale } from './output-scale.ts';

export interface Goal {
  readonly acquisition: Acquisition;
  /** The length scales of the columns of the space: geometric means over the objectives. */
  readonly lengthscales: Float64Array;
}

export class GpStudyModel {
  readonly relativeSpace: RelativeSpace;
  readonly #isDeterministic: boolean;
  #space: { readonly of: SearchSpace; readonly normalized: NormalizedSpace } | null = null;
  /** By what they model. What they keep changes only the speed of a fit. */
  #outputs = new Map<string, OutputModel>();

  constructor(history: History, isDeterministic: boolean) {
    this.relativeSpace = new RelativeSpace(history, ['COMPLETE']);
    this.#isDeterministic = isDeterministic;
  }

  normalized(space: SearchSpace): NormalizedSpace {
    if (this.#space === null || !sameSpace(this.#space.of, space)) {
      this.#space = { of: space, normalized: new NormalizedSpace(space) };
      this.#outputs = new Map();
    }
    return this.#space.normalized;
  }

  /**
   * Log of the expected improvement, or of the expected gain of hypervolume, times the probability of feasibility. As
   * long as no trial is feasible, that probability alone.
   */
  goal(observations: Observations, nObjectives: number): Goal {
    const n = observations.finished.length;
    const objectives = Array.from({ length: nObjectives }, (_, j) =>
      this.#objective(j).fit(n, (size) => observations.objective(j, size)),
    );
    const constraints = Array.from({ length: observations.nConstraints }, (_, k) =>
      this.#output(`constraint ${k}`, ['linear']).fit(n, (size) => observations.constraint(k, size)),
    );
    const isFeasible = observations.modeled.map(isFeasibleRow);
    const known = losses(objectives, isFeasible);
    const believed = believedLosses(objectives, constraints, observations.running);
    const parts: Acquisition[] = constraints.map(({ gp, scaled }) => new LogFeasibility(gp, scaled.zero));
    if (known.length > 0)
      parts.push(
        nObjectives === 1
          ? improvement(objectives[0], isFeasible, known, believed)
          : frontImprovement(objectives, known, believed),
      );
    return {
      acquisition: parts.length === 1 ? parts[0] : new LogProduct(parts),
      lengthscales: meanLengthscales(objectives),
    };
  }

  /**
   * The share of the variance of the objective that is explained best (output-model.ts); 1 as long as no trial is feasible, when
   * the constraints alone matter.
   */
  explained(observations: Observations, nObjectives: number): number {
    if (!observations.modeled.some(isFeasibleRow)) return 1;
    const n = observations.finished.length;
    const shares = Array.from({ length: nObjectives }, (_, j) =>
      this.#objective(j).explained(n, (size) => observations.objective(j, size)),
    );
    return Math.max(...shares);
  }

  #objective(j: number): OutputModel {
    return this.#output(`objective ${j}`, ['linear', 'half-log']);
  }

  #output(name: string, scales: readonly OutputScale[]): OutputModel {
    let model = this.#outputs.get(name);
    if (model === undefined) {
      model = new OutputModel(scales, this.#isDeterministic);
      this.#outputs.set(name, model);
    }
    return model;
  }
}

function isFeasibleRow({ isComplete, violation }: Observation): boolean {
  return isComplete && violation === 0;
}

/** Scaled losses of the rows, shape (rows, objectives). */
function losses(objectives: readonly FittedOutput[], isChosen: readonly boolean[]): number[] {
  return isChosen.flatMap((chosen, i) => (chosen ? objectives.map(({ scaled }) => scaled.y[i]) : []));
}

/** What running trials are believed to attain, where they are believed to be feasible; the models are told. */
function believedLosses(
  objectives: readonly FittedOutput[],
  constraints: readonly FittedOutput[],
  running: readonly Float64Array[],
): number[] {
  const means = objectives.map(({ gp }) => gp.believe(running));
  const excesses = constraints.map(({ gp, scaled }) => gp.believe(running).map((mean) => mean - scaled.zero));
  return running.flatMap((_, i) =>
    excesses.every((excess) => excess[i] <= 0) ? means.map((mean) => mean[i]) : [],
  );
}

/**
 * Over the best loss, or over the best mean of what was tried, if that is worse: of noisy losses the least is mostly
 * luck.
 *
 * Design note: Optuna takes the best loss in any case.
 */
function improvement(
  { gp, fitted }: FittedOutput,
  isFeasible: readonly boolean[],
  known: readonly number[],
  believed: readonly number[],
): Acquisition {
  const means = fitted.filter((_, i) => isFeasible[i]);
  const best = Math.max(Math.min(...known), Math.min(...means));
  return new LogEi(gp, Math.min(best, ...believed));
}

function frontImprovement(
  objectives: readonly FittedOutput[],
  known: readonly number[],
  believed: readonly number[],
): Acquisition {
  const m = objectives.length;
  const all = Float64Array.from([...known, ...believed]);
  const front = pickRows(all, m, paretoFront(all, m));
  return new LogEhvi(
    objectives.map(({ gp }) => gp),
    freeBoxes(front, referenceBeyond(front, known, m)),
  );
}

/**
 * In each objective as far behind the front as the front is wide, but at most a tenth beyond the worst loss.
 *
 * Design note: Optuna takes the latter in any case. A reference far away rewards the front's ends above all. The median
 * hypervolume after 60 trials of 5 studies rose from 0.856 to 0.863 on ZDT1 (5-d), from 0.524 to 0.531 on ZDT2 and from
 * 1.138 to 1.182 on ZDT3.
 */
function referenceBeyond(front: Float64Array, known: readonly number[], m: number): Float64Array {
  return Float64Array.from({ length: m }, (_, j) => {
    const column = (of: ArrayLike<number>): number[] =>
      Array.from({ length: of.length / m }, (_, i) => of[i * m + j]);
    const [losses, ends] = [column(known), column(front)];
    const worst = Math.max(...losses);
    const [low, high] = [Math.min(...ends), Math.max(...ends)];
    return Math.min(Math.max(1.1 * worst, 0.9 * worst) + Number.EPSILON, high + (high - low || 1));
  });
}

function meanLengthscales(objectives: readonly FittedOutput[]): Float64Array {
  const weights = objectives.map(({ gp }) => gp.kernel.params.inverseSquaredLengthscales);
  return weights[0].map((_, j) =>
    Math.exp(weights.reduce((sum, w) => sum - 0.5 * Math.log(w[j]), 0) / weights.length),
  );
}
