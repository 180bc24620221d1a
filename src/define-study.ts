import { InvalidArgumentError } from './core/errors.ts';
import type { ErrorClass, OptimizeOptions } from './core/optimize.ts';
import type { Space, SpaceEntries } from './core/space.ts';
import type { Objective, SpaceObjective, Study } from './core/study.ts';
import type { StudyOptions } from './core/trial.ts';

interface DefinitionBase extends StudyOptions {
  readonly studyName: string;
  /** Finished trials that the study shall hold in the end: `thanos run` again goes on from where it stopped. */
  readonly nTrials: number;
  readonly batchSize?: number;
  readonly concurrency?: number;
  readonly timeout?: number;
  readonly catch?: true | readonly ErrorClass[];
  readonly callbacks?: OptimizeOptions<Study>['callbacks'];
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

/** The default export of a study module, for `thanos run study.ts`. @throws InvalidArgumentError */
export function defineStudy<const S extends SpaceEntries>(
  definition: SpaceStudyDefinition<S>,
): SpaceStudyDefinition<S>;
export function defineStudy(definition: DynamicStudyDefinition): DynamicStudyDefinition;
export function defineStudy(definition: StudyDefinition): StudyDefinition {
  const { studyName, objective, nTrials } = definition;
  if (typeof studyName !== 'string' || studyName === '')
    throw new InvalidArgumentError(`defineStudy needs a studyName, but got ${JSON.stringify(studyName)}`);
  if (typeof objective !== 'function')
    throw new InvalidArgumentError(`defineStudy needs an objective function, but got ${typeof objective}`);
  if (!Number.isInteger(nTrials) || nTrials < 0)
    throw new InvalidArgumentError(`defineStudy needs an integer nTrials >= 0, but got ${nTrials}`);
  return Object.freeze({ ...definition });
}

/** Runs a definition on an opened study until it holds `nTrials` finished trials. */
export async function runDefinition(
  study: Study,
  definition: StudyDefinition,
  extra: Pick<OptimizeOptions<Study>, 'signal' | 'callbacks'> & { readonly nTrials?: number } = {},
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
