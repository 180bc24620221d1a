import { compileSpace } from './core/compiled-space.ts';
import { InvalidArgumentError } from './core/errors.ts';
import type { ErrorClass, OptimizeOptions } from './core/optimize.ts';
import { ANYTHING, FUNCTION, integerFrom, type OptionRule } from './core/option-rules.ts';
import type { Space, SpaceEntries } from './core/space.ts';
import type { Objective, SpaceObjective, Study } from './core/study.ts';
import { checkBatching, checkStudyOptions, OPTIMIZE_RULES, STUDY_NAME } from './core/study-checks.ts';
import type { StudyOptions } from './core/study-options.ts';

interface DefinitionBase extends StudyOptions {
  readonly studyName: string;
  /** Finished trials that the study shall hold in the end: `thanos run` again goes on from where it stopped. */
  readonly nTrials: number;
  readonly batchSize?: number | undefined;
  readonly concurrency?: number | undefined;
  readonly timeout?: number | null | undefined;
  readonly catch?: true | readonly ErrorClass[] | undefined;
  readonly callbacks?: OptimizeOptions<Study>['callbacks'] | undefined;
}

export interface SpaceStudyDefinition<S extends SpaceEntries> extends DefinitionBase {
  readonly space: Space<S>;
  readonly objective: SpaceObjective<S>;
}

export interface DynamicStudyDefinition extends DefinitionBase {
  readonly space?: undefined;
  readonly objective: Objective;
}

export type StudyDefinition<S extends SpaceEntries = SpaceEntries> =
  | SpaceStudyDefinition<S>
  | DynamicStudyDefinition;

const { batchSize, concurrency, timeout, catch: caught, callbacks } = OPTIMIZE_RULES;
const RULES = {
  studyName: { what: 'a non-empty string', accepts: (value) => value !== '' && STUDY_NAME.accepts(value) },
  nTrials: integerFrom(0),
  objective: FUNCTION,
  // Held against the rules of spaces below.
  space: ANYTHING,
  batchSize,
  concurrency,
  timeout,
  callbacks,
  catch: caught,
} satisfies Record<string, OptionRule>;

/** The default export of a study module, for `thanos run study.ts`. @throws InvalidArgumentError */
export function defineStudy<const S extends SpaceEntries>(
  definition: SpaceStudyDefinition<S>,
): SpaceStudyDefinition<S>;
export function defineStudy(definition: DynamicStudyDefinition): DynamicStudyDefinition;
export function defineStudy(definition: StudyDefinition): StudyDefinition {
  checkStudyOptions('defineStudy', definition, RULES);
  for (const name of ['studyName', 'objective', 'nTrials'] as const)
    if (definition[name] === undefined)
      throw new InvalidArgumentError(`defineStudy needs ${name}, ${RULES[name].what}, but it is missing`);
  checkBatching(definition);
  if (definition.space !== undefined) compileSpace(definition.space);
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
