import type { FrozenTrial, StudyDirection } from './frozen-trial.ts';
import type { Pruner } from './pruner.ts';
import type { Sampler } from './sampler.ts';

/** Options that every study takes, whether at the top or owned by a trial. */
export interface StudyOptions {
  readonly direction?: StudyDirection | undefined;
  readonly directions?: readonly StudyDirection[] | undefined;
  readonly sampler?: Sampler | undefined;
  /** For a single objective only. Default: Optuna's, MedianPruner; new NopPruner() for none. */
  readonly pruner?: Pruner | undefined;
  /** Constraint values (<= 0 feasible) of an evaluated trial, recorded with its values. */
  readonly constraints?: ((trial: FrozenTrial) => readonly number[]) | undefined;
  /**
   * How often in a row a trial is re-entered whose process died and that got no further; then it FAILs. Default 3. Trials that were
   * given back, by a signal or `stop()`, do not count.
   */
  readonly maxRetries?: number | undefined;
}
