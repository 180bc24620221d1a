/**
 * Studies as their users see them: what the types of a study follow from its space and its directions. `Study` of
 * study-engine.ts does the work, and knows nothing of these types.
 */
import type { ByObjectives, Directions, ObjectiveValue, SingleDirection, ValuesOf } from './directions.ts';
import type { EnqueueOptions, QueuedParams } from './enqueue.ts';
import type {
  Attrs,
  BestTrial,
  CompleteTrial,
  FrozenTrial,
  JsonValue,
  Params,
  StudyDirection,
} from './frozen-trial.ts';
import type { GetTrialsOptions } from './get-trials.ts';
import type { OptimizeOptions } from './optimize.ts';
import type { Pruner } from './pruner.ts';
import type { Sampler } from './sampler.ts';
import type { FlatParamsOf, ParamsOf, Space, SpaceEntries } from './space.ts';
import type { Storage } from './storage.ts';
import { Study as StudyEngine } from './study-engine.ts';
import type { StudyEnvironment } from './study-environment.ts';
import type { OpenStudyOptions } from './study-record.ts';
import type { TellOptions, TellResult } from './tell.ts';
import type { Trial } from './trial.ts';

export type StudyTrial = Trial;

/** An objective that asks its trial for each parameter; of several values, if `D` has several directions. */
export type Objective<D extends Directions = SingleDirection> = (
  trial: Trial,
) => ObjectiveValue<D> | Promise<ObjectiveValue<D>>;

/** An objective of the parameters of a space. Its trial has them, too, in their flat form. */
export type SpaceObjective<S extends SpaceEntries, D extends Directions = SingleDirection> = (
  params: ParamsOf<S>,
  trial: Trial<FlatParamsOf<S>>,
) => ObjectiveValue<D> | Promise<ObjectiveValue<D>>;

/** The values that trials have: a tuple where there are known to be several. */
type ValuesIn<D extends Directions> = ByObjectives<D, readonly number[], ValuesOf<D>>;

/**
 * What every study has, whatever its space and its directions: the type for functions that look at studies.
 *
 * `P` are the parameters of an evaluated trial, and `Some` those of any trial, which may lack some.
 */
export interface AnyStudy<P = Params, D extends Directions = Directions, Some = P> {
  /** Unique in its storage. */
  readonly studyName: string;
  /** One per objective. */
  readonly directions: ByObjectives<D, Directions, D>;
  /** Decides the parameters of trials. */
  readonly sampler: Sampler;
  /** Null for several objectives. */
  readonly pruner: Pruner | null;
  /** Holds the study; others read it through the same file or server. */
  readonly storage: Storage;
  /** What `setUserAttr` has kept, as of the last awaited call. */
  readonly userAttrs: Attrs;
  /** What THANOS, samplers and Optuna keep with the study, as of the last awaited call. */
  readonly systemAttrs: Attrs;
  /** All trials, in order of number, as of the last awaited call. */
  readonly trials: readonly FrozenTrial<Some, ValuesIn<D>>[];
  /** The feasible COMPLETE trials that no other dominates (for one objective: those with the best value). */
  readonly bestTrials: readonly CompleteTrial<P, ValuesIn<D>>[];
  /**
   * The COMPLETE trials that break the constraints least, in total, and that no other of these dominates: `bestTrials`, if any is
   * feasible. (`bestTrial` throws then, and `bestTrials` is empty, as in Optuna.)
   */
  readonly leastViolatingTrials: readonly CompleteTrial<P, ValuesIn<D>>[];
  /** Names of the values of a trial, one for each objective; null if `setMetricNames` has given none. */
  readonly metricNames: readonly string[] | null;
  /** Returns the trials of some states, in order of number, as of the last awaited call. @throws InvalidArgumentError */
  getTrials(options?: GetTrialsOptions): readonly FrozenTrial<Some, ValuesIn<D>>[];
  /** Names the values, for tables and charts, and for those of Optuna and its dashboard. @throws InvalidArgumentError */
  setMetricNames(names: readonly string[]): Promise<void>;
  /** Reads what other processes (or other Study objects) have changed. */
  sync(): Promise<void>;
  /** Asks the current `optimize` to end after the running batch. */
  stop(): void;
  /** Keeps a fact with the study. @throws InvalidArgumentError if the value is not JSON; a copy is kept. */
  setUserAttr(key: string, value: JsonValue): Promise<void>;
  /** Keeps a fact as samplers and tools do; keys under `thanos:` belong to THANOS. Users take `setUserAttr`. */
  setSystemAttr(key: string, value: JsonValue): Promise<void>;
  /** Adds a trial made by `createTrial` or read from another study. @throws InvalidArgumentError */
  addTrial(trial: FrozenTrial): Promise<void>;
  /** Adds trials as `addTrial` does one; if one is refused, none is added. */
  addTrials(trials: readonly FrozenTrial[]): Promise<void>;
  /**
   * Finishes a trial. NaN or the wrong number of values make it FAIL. Returns the finished trial.
   * @param options `skipIfFinished`: a trial that is finished already is returned as it is, instead of TRIAL_FINISHED.
   * @throws what the study's constraints throw, once the trial is FAIL. StorageError STORAGE_UNAVAILABLE: tell it again.
   */
  tell(
    trial: Trial<unknown> | number,
    result: TellResult<D>,
    options?: TellOptions,
  ): Promise<FrozenTrial<Some, ValuesIn<D>>>;
}

/** What a study of one objective has beside that. */
export interface HasBest<P = Params> {
  /** Whether its one objective is to be small or large. */
  readonly direction: StudyDirection;
  /** The best feasible COMPLETE trial. @throws ThanosError NO_COMPLETE_TRIAL, UNSUPPORTED (several objectives). */
  readonly bestTrial: BestTrial<P>;
  /** The value of `bestTrial`. */
  readonly bestValue: number;
  /** The parameters of `bestTrial`. */
  readonly bestParams: P;
}

/** What a study without a space has, whatever its directions. */
export interface DynamicStudyMembers<D extends Directions> extends AnyStudy<Params, D> {
  /**
   * The next trial: a queued or re-entered one if there is any, else a new one. Its parameters are decided as it asks for them.
   *
   * ```ts
   * const trial = await study.ask();
   * await study.tell(trial, (trial.suggestFloat('x', -5, 5) - 2) ** 2);
   * ```
   */
  ask(): Promise<Trial>;
  /** The next trial, with all parameters of the space. */
  ask<const S extends SpaceEntries>(space: Space<S>): Promise<Trial<FlatParamsOf<S>>>;
  /**
   * Queues a trial with these parameters; the others are sampled.
   *
   * ```ts
   * await study.enqueueTrial({ lr: 1e-3 });
   * ```
   *
   * @throws InvalidArgumentError
   */
  enqueueTrial(params: QueuedParams, options?: EnqueueOptions): Promise<void>;
  /**
   * Runs the objective on trial after trial; it asks its trial for each parameter.
   * @throws the objective's error (its trial is FAIL) unless `catch` covers it; InfeasibleSpaceError.
   */
  optimize(objective: Objective<D>, options?: OptimizeOptions<DynamicStudy<D>>): Promise<void>;
  /**
   * Runs the objective on trial after trial, and gives it the parameters of the space, typed.
   * @throws the objective's error (its trial is FAIL) unless `catch` covers it; InfeasibleSpaceError.
   */
  optimize<const S extends SpaceEntries>(
    space: Space<S>,
    objective: SpaceObjective<S, D>,
    options?: OptimizeOptions<DynamicStudy<D>>,
  ): Promise<void>;
  /** The same as the first form. */
  // Design note: the first one again. The compiler tries overloads in order, which gives the objective its types, and complains
  // of the last one, which is to be the one that was meant: a call with a space has mostly three arguments, which this has not.
  optimize(objective: Objective<D>, options?: OptimizeOptions<DynamicStudy<D>>): Promise<void>;
}

/** Any of the parameters. */
type SomeOf<P> = string extends keyof P ? P : Partial<P>;

/** What a study of one space has, whatever its directions. */
export interface SpaceStudyMembers<S extends SpaceEntries, D extends Directions>
  extends AnyStudy<FlatParamsOf<S>, D, SomeOf<FlatParamsOf<S>>> {
  /** The next trial: a queued or re-entered one if there is any, else a new one; with all parameters of the space. */
  ask(): Promise<Trial<FlatParamsOf<S>>>;
  /** Queues a trial with these parameters; the others are sampled. @throws InvalidArgumentError for what the space lacks. */
  enqueueTrial(params: SomeOf<FlatParamsOf<S>>, options?: EnqueueOptions): Promise<void>;
  /**
   * Runs the objective on trial after trial, and gives it the parameters of the space.
   * @throws the objective's error (its trial is FAIL) unless `catch` covers it; InfeasibleSpaceError.
   */
  optimize(objective: SpaceObjective<S, D>, options?: OptimizeOptions<SpaceStudy<S, D>>): Promise<void>;
}

/** A study whose trials ask for their parameters as they run, or are given a space by each `ask` and `optimize`. */
export type DynamicStudy<D extends Directions = Directions> = DynamicStudyMembers<D> &
  ByObjectives<D, HasBest, unknown>;

/** A study of one space, as `createStudy({ space })` makes it. */
export type SpaceStudy<S extends SpaceEntries, D extends Directions = Directions> = SpaceStudyMembers<S, D> &
  ByObjectives<D, HasBest<FlatParamsOf<S>>, unknown>;

/**
 * A series of trials that optimize one objective (or several). Made by `createStudy` and `loadStudy`.
 *
 * `Study` takes any parameters; `Study<S>` is typed by its space, and `Study<S, D>` by its directions as well. A function
 * that takes all of these takes an `AnyStudy`.
 */
export type Study<
  S extends SpaceEntries | undefined = undefined,
  D extends Directions = Directions,
> = S extends SpaceEntries ? SpaceStudy<S, D> : DynamicStudy<D>;

interface StudyClass {
  /** Creates the study or, if `ifExists` is 'load', opens the one of that name. */
  open<const S extends SpaceEntries>(
    environment: StudyEnvironment,
    options: OpenStudyOptions<S> & { readonly space: Space<S> },
  ): Promise<SpaceStudy<S>>;
  open<const S extends SpaceEntries | undefined = undefined>(
    environment: StudyEnvironment,
    options: OpenStudyOptions<S>,
  ): Promise<Study<S>>;
}

/** For those who make the environment of a study themselves; others call `createStudy`. */
export const Study: StudyClass = StudyEngine as unknown as StudyClass;
