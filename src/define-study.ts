import type { Directions, DirectionsOf } from './core/directions.ts';
import { InvalidArgumentError } from './core/errors.ts';
import type { StudyDirection } from './core/frozen-trial.ts';
import type { ErrorClass, OptimizeOptions } from './core/optimize.ts';
import { FUNCTION, integerFrom, type OptionRule } from './core/option-rules.ts';
import type { Space, SpaceEntries } from './core/space.ts';
import type { DynamicStudy, Objective, SpaceObjective, Study } from './core/study.ts';
import { checkBatching, checkStudyOptions, OPTIMIZE_RULES, STUDY_NAME } from './core/study-checks.ts';
import type { StudyOptions } from './core/study-options.ts';

interface DefinitionBase<
  S extends SpaceEntries | undefined,
  D extends Directions | undefined,
  O extends StudyDirection | undefined,
> extends StudyOptions<S, D, O> {
  /** The study to create, or to go on with if it is there. */
  readonly studyName: string;
  /** Finished trials that the study shall hold in the end: `thanos run` again goes on from where it stopped. */
  readonly nTrials: number;
  /** Trials asked together; see `OptimizeOptions`. Default 1, or `concurrency` if that is given. */
  readonly batchSize?: number | undefined;
  /** How many of a batch run at once. Default: all. */
  readonly concurrency?: number | undefined;
  /** Seconds after which no new batch is started. Default: no limit. */
  readonly timeout?: number | null | undefined;
  /** Errors of the objective that fail the trial while the study goes on. Default: none. */
  readonly catch?: true | readonly ErrorClass[] | undefined;
  /** Called after each told trial, in number order. */
  readonly callbacks?: OptimizeOptions<DynamicStudy<DirectionsOf<D, O>>>['callbacks'] | undefined;
}

/** A study of one space: what `defineStudy({ space, … })` returns. */
export interface SpaceStudyDefinition<
  S extends SpaceEntries,
  D extends Directions | undefined = Directions | undefined,
  O extends StudyDirection | undefined = StudyDirection | undefined,
> extends DefinitionBase<S, D, O> {
  /** The parameters, of which the objective is given a point. */
  readonly space: Space<S>;
  /** Evaluates a point. */
  readonly objective: SpaceObjective<S, DirectionsOf<D, O>>;
}

/** A study whose objective asks its trial for each parameter: what `defineStudy` without a space returns. */
export interface DynamicStudyDefinition<
  D extends Directions | undefined = Directions | undefined,
  O extends StudyDirection | undefined = StudyDirection | undefined,
> extends DefinitionBase<undefined, D, O> {
  /** Absent: the objective asks its trial for each parameter. */
  readonly space?: undefined;
  /** Evaluates a trial, which it asks for its parameters. */
  readonly objective: Objective<DirectionsOf<D, O>>;
}

/** What a study module (`thanos run study.ts`) exports. */
export type StudyDefinition<S extends SpaceEntries = SpaceEntries> =
  | SpaceStudyDefinition<S>
  | DynamicStudyDefinition;

const { batchSize, concurrency, timeout, catch: caught, callbacks } = OPTIMIZE_RULES;
const RULES = {
  studyName: { what: 'a non-empty string', accepts: (value) => value !== '' && STUDY_NAME.accepts(value) },
  nTrials: integerFrom(0),
  objective: FUNCTION,
  batchSize,
  concurrency,
  timeout,
  callbacks,
  catch: caught,
} satisfies Record<string, OptionRule>;

/**
 * Returns a study to be run by `thanos run study.ts`, as the default export of that module.
 *
 * ```ts
 * export default defineStudy({
 *   studyName: 'demo',
 *   direction: 'minimize',
 *   nTrials: 100,
 *   space: space({ x: float(-5, 5) }),
 *   objective: ({ x }) => (x - 2) ** 2,
 * });
 * ```
 *
 * @throws InvalidArgumentError
 */
export function defineStudy<
  const S extends SpaceEntries,
  const D extends Directions | undefined = undefined,
  const O extends StudyDirection | undefined = undefined,
>(definition: SpaceStudyDefinition<S, D, O>): SpaceStudyDefinition<S, D, O>;
export function defineStudy<
  const D extends Directions | undefined = undefined,
  const O extends StudyDirection | undefined = undefined,
>(definition: DynamicStudyDefinition<D, O>): DynamicStudyDefinition<D, O>;
export function defineStudy(definition: StudyDefinition): StudyDefinition {
  checkStudyOptions('defineStudy', definition, RULES);
  for (const name of ['studyName', 'objective', 'nTrials'] as const)
    if (definition[name] === undefined)
      throw new InvalidArgumentError(`defineStudy needs ${name}, ${RULES[name].what}, but it is missing`);
  checkBatching(definition);
  return Object.freeze({ ...definition });
}

/** Runs a definition on an opened study until it holds `nTrials` finished trials. */
export async function runDefinition(
  study: Study,
  definition: StudyDefinition,
  extra: Pick<OptimizeOptions<Study>, 'signal' | 'callbacks'> & {
    readonly nTrials?: number | undefined;
  } = {},
): Promise<void> {
  const { batchSize, concurrency, timeout, catch: caught } = definition;
  const options: OptimizeOptions<Study> = {
    batchSize,
    concurrency,
    timeout,
    catch: caught,
    signal: extra.signal,
    totalTrials: extra.nTrials ?? definition.nTrials,
    callbacks: [...(definition.callbacks ?? []), ...(extra.callbacks ?? [])],
  };
  if (definition.space === undefined) await study.optimize(definition.objective, options);
  else await study.optimize(definition.space, definition.objective, options);
}
