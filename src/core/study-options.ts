import type { ByObjectives, Directions, DirectionsOf, ValuesOf } from './directions.ts';
import type { FrozenTrial, Params, StudyDirection } from './frozen-trial.ts';
import type { Pruner } from './pruner.ts';
import type { Sampler } from './sampler.ts';
import type { FlatParamsOf, SpaceEntries } from './space.ts';

/** The parameters of an evaluated trial. */
type ParamsIn<S extends SpaceEntries | undefined> = S extends SpaceEntries ? FlatParamsOf<S> : Params;

/** Options that every study takes, whether at the top or owned by a trial. Its space and directions type the others. */
export interface StudyOptions<
  S extends SpaceEntries | undefined = undefined,
  D extends Directions | undefined = Directions | undefined,
  O extends StudyDirection | undefined = StudyDirection | undefined,
> {
  /**
   * The parameters of all trials, made by `space`. With it, `ask`, `optimize` and what they return are typed, and an objective
   * is given the parameters. Without it, the study takes whatever parameters its objectives ask for.
   */
  readonly space?: S | undefined;
  /** Whether the objective is minimized, which is the default, or maximized. */
  readonly direction?: O | undefined;
  /** One direction for each of several objectives. */
  readonly directions?: D | undefined;
  /** What draws the parameters. Default: `AutoSampler`. */
  readonly sampler?: Sampler | undefined;
  /** For a single objective only. Default: Optuna's, MedianPruner; new NopPruner() for none. */
  readonly pruner?: ByObjectives<DirectionsOf<D, O, true>, Pruner, never> | undefined;
  /** Constraint values (<= 0 feasible) of an evaluated trial, recorded with its values. */
  readonly constraints?:
    | ((trial: FrozenTrial<ParamsIn<S>, ValuesOf<DirectionsOf<D, O, true>>>) => readonly number[])
    | undefined;
  /**
   * How often in a row a trial is re-entered whose process died and that got no further; then it FAILs. Default 3. Trials that were
   * given back, by a signal or `stop()`, do not count.
   */
  readonly maxRetries?: number | undefined;
}

/** The options of a study of whatever space. */
export type AnyStudyOptions = StudyOptions<SpaceEntries | undefined>;
