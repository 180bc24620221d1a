import type { Directions, DirectionsOf } from './directions.ts';
import type { CategoricalChoice, Distribution, RangeOptions, SearchSpace, ValueOf } from './distribution.ts';
import type { Attrs, JsonValue, Params, StudyDirection } from './frozen-trial.ts';
import type { Space, SpaceEntries } from './space.ts';
import type { SpaceStudy, Study } from './study.ts';
import type { StudyOptions } from './study-options.ts';

/**
 * A running trial: what an objective receives, and `ask` returns. `suggest*` decides a parameter at once; everything that is
 * set here is written, in order, before the trial is told.
 *
 * ```ts
 * await study.optimize((trial) => {
 *   const x = trial.suggestFloat('x', -5, 5);
 *   return (x - 2) ** 2;
 * }, { nTrials: 100 });
 * ```
 */
export interface Trial<P = Params> {
  /** Unique in the storage. */
  readonly trialId: number;
  /** 0, 1, 2 … within its study. */
  readonly number: number;
  /** The name of the study that the trial belongs to. */
  readonly studyName: string;
  /** Aborted when the study is asked to stop: a long objective may end early; the trial is then re-entered later. */
  readonly signal: AbortSignal;
  /** The parameters suggested so far; those of a declared space are all there from the beginning. */
  readonly params: P;
  /** The distribution of each of `params`. */
  readonly distributions: SearchSpace;
  /** What `setUserAttr` has kept so far. */
  readonly userAttrs: Attrs;
  /** What THANOS and samplers keep with the trial. */
  readonly systemAttrs: Attrs;
  /** When the trial was begun. */
  readonly datetimeStart: Date | null;

  /**
   * Returns the value of a real parameter; a second call with the same name returns the same value.
   *
   * ```ts
   * const rate = trial.suggestFloat('rate', 1e-5, 1e-1, { log: true });
   * ```
   *
   * @param low The least value.
   * @param high The greatest value; with a `step`, the greatest one may lie below it.
   * @throws ThanosError INVALID_DISTRIBUTION, or INCOMPATIBLE_DISTRIBUTION as `suggest` does.
   */
  suggestFloat(name: string, low: number, high: number, options?: RangeOptions<number | null>): number;

  /**
   * Returns the value of an integer parameter; both bounds are included.
   *
   * ```ts
   * const layers = trial.suggestInt('layers', 1, 6);
   * ```
   *
   * @throws ThanosError INVALID_DISTRIBUTION, or INCOMPATIBLE_DISTRIBUTION as `suggest` does.
   */
  suggestInt(name: string, low: number, high: number, options?: RangeOptions<number>): number;

  /**
   * Returns one of the choices.
   *
   * ```ts
   * const activation = trial.suggestCategorical('activation', ['relu', 'gelu']); // 'relu' | 'gelu'
   * ```
   *
   * @throws ThanosError INVALID_DISTRIBUTION, or INCOMPATIBLE_DISTRIBUTION as `suggest` does.
   */
  suggestCategorical<const C extends CategoricalChoice>(name: string, choices: readonly C[]): C;

  /**
   * Returns the value of a parameter of any distribution, as `float`, `int` and `categorical` make them.
   *
   * @throws ThanosError INCOMPATIBLE_DISTRIBUTION if the study knows the name with another kind, log setting or choices;
   *   INVALID_DISTRIBUTION if it is none that `float`, `int` or `categorical` would make.
   */
  suggest<D extends Distribution>(name: string, distribution: D): ValueOf<D>;

  /**
   * Reports an intermediate value; the first value of a step counts.
   *
   * @param step An integer >= 0, such as the epoch.
   * @throws ThanosError UNSUPPORTED in a multi-objective study.
   */
  report(value: number, step: number): void;

  /**
   * Whether the study's pruner would stop this trial now; throw `TrialPruned` then.
   *
   * ```ts
   * trial.report(loss, epoch);
   * if (trial.shouldPrune()) throw new TrialPruned();
   * ```
   *
   * @throws ThanosError UNSUPPORTED in a multi-objective study.
   */
  shouldPrune(): boolean;

  /** Keeps a fact with the trial. @throws InvalidArgumentError if the value is not JSON; a copy is kept. */
  setUserAttr(key: string, value: JsonValue): void;

  /**
   * Records one constraint under its name, as Optuna 5 does; <= 0 is feasible. The order of first calls is the order in
   * `FrozenTrial.constraints`, and should be the same in all trials. `namedConstraints(trial)` has the names.
   */
  setConstraint(name: string, value: number): void;

  /**
   * Records constraints without names, in the form that older versions of Optuna and optuna-dashboard read as well; <= 0 is
   * feasible. A second list takes the place of the first; constraints with names are kept beside it.
   */
  setConstraints(values: readonly number[]): void;

  /**
   * Creates the child study `<study>/<trial number>/<name>` in the same storage, or loads it if it is there: a trial that is
   * re-entered finds its child study as far as it got.
   *
   * ```ts
   * const inner = await trial.createStudy('search', { direction: 'minimize', sampler });
   * await inner.optimize(innerObjective, { totalTrials: 50 });
   * ```
   *
   * @param options Those of `createStudy`; a `space` types the child study.
   * @throws what `createStudy` throws.
   */
  createStudy<
    const S extends SpaceEntries,
    const D extends Directions | undefined = undefined,
    const O extends StudyDirection | undefined = undefined,
  >(
    name: string,
    options: StudyOptions<S, D, O> & { readonly space: Space<S> },
  ): Promise<SpaceStudy<S, DirectionsOf<D, O, true>>>;
  /** Creates or loads a child study whose trials ask for their parameters as they run. */
  createStudy<
    const S extends SpaceEntries | undefined = undefined,
    const D extends Directions | undefined = undefined,
    const O extends StudyDirection | undefined = undefined,
  >(name: string, options?: StudyOptions<S, D, O>): Promise<Study<S, DirectionsOf<D, O, true>>>;
}
