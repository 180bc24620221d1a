import { hypervolumeCurve } from '../../src/compare/score.ts';
import type { BenchProblem } from './quality-problems.ts';
import type { EvaluatedTrial, Side } from './quality-run.ts';

/** What one sampler reached on one problem, a number per seed; the CPU seconds of those studies beside it. */
export interface Series {
  readonly problem: string;
  readonly side: Side;
  readonly sampler: string;
  readonly scores: number[];
  readonly cpuS: number[];
}

/**
 * For one objective the best feasible value above the optimum, Infinity if there is none; for several the hypervolume, negative, so
 * that less is better in either case.
 */
export function scoreOf({ objective, reference }: BenchProblem, trials: readonly EvaluatedTrial[]): number {
  if (objective.optimum.kind === 'point') {
    const feasible = trials.filter((trial) => trial.isFeasible).map((trial) => trial.values[0]);
    return Math.min(Number.POSITIVE_INFINITY, ...feasible) - objective.optimum.value;
  }
  const points = trials.map((trial) => (trial.isFeasible ? trial.values : null));
  return -hypervolumeCurve(points, reference!).at(-1)!;
}
