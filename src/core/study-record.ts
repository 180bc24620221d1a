/** Finding or creating the record of a study, at a moment at which other processes may do the same. */
import { isDeepStrictEqual } from 'node:util';
import { compileSpace } from './compiled-space.ts';
import { InvalidArgumentError, StorageError, ThanosError } from './errors.ts';
import { type Attrs, type StudyDirection, SYSTEM_ATTR } from './frozen-trial.ts';
import type { SpaceEntries } from './space.ts';
import type { StudyRecord } from './storage.ts';
import { prunerOf, type StudyEnvironment, samplerOf } from './study-environment.ts';
import type { StudyOptions } from './study-options.ts';
import { recordedSeed, seedOfName } from './study-seed.ts';
import { assertSupported, traitsOf } from './supported.ts';

export interface OpenStudyOptions<S extends SpaceEntries | undefined = SpaceEntries | undefined>
  extends StudyOptions<S> {
  /** The name of the study to create or load. */
  readonly studyName: string;
  /** What to do if the name exists: `load` it, or throw DUPLICATED_STUDY. */
  readonly ifExists: 'load' | 'error';
  /** System attributes of the study if it is created. */
  readonly systemAttrs?: Attrs | undefined;
  /** Present in a child study. @throws StorageError TRIAL_LOST, TRIAL_FINISHED if its trial is no longer this process's. */
  readonly assertParentHeld?: (() => Promise<void>) | undefined;
}

/** The record of the study, which another process may create or delete at any moment. */
export async function findOrCreate(
  environment: StudyEnvironment,
  options: OpenStudyOptions,
  asked: readonly StudyDirection[] | undefined,
): Promise<StudyRecord> {
  const { storage, drawSeed = seedOfName } = environment;
  const { studyName } = options;
  const space = options.space === undefined ? undefined : compileSpace(options.space);
  for (;;) {
    const record = await storage.findStudy(studyName);
    if (record !== null) checkRecord(record, options, asked);
    const directions = record?.directions ?? asked ?? ['minimize'];
    const seed = (): number => (record === null ? drawSeed(studyName) : recordedSeed(record));
    const sampler = samplerOf(environment, options, directions, seed);
    assertSupported(sampler, traitsOf(directions, space));
    prunerOf(environment, options, directions);
    if (record !== null) return record;
    try {
      return await storage.createStudy(studyName, directions, {
        ...options.systemAttrs,
        [SYSTEM_ATTR.sampler]: { name: sampler.name, seed: sampler.seed, options: sampler.options },
      });
    } catch (error) {
      const isLateLoader =
        options.ifExists === 'load' && error instanceof ThanosError && error.code === 'DUPLICATED_STUDY';
      if (!isLateLoader) throw error;
    }
  }
}

/** @throws StorageError DUPLICATED_STUDY if it is not to be loaded; InvalidArgumentError if its directions are others. */
function checkRecord(
  record: StudyRecord,
  { studyName, ifExists, systemAttrs }: OpenStudyOptions,
  asked: readonly StudyDirection[] | undefined,
): void {
  if (ifExists === 'error')
    throw new StorageError(
      'DUPLICATED_STUDY',
      `study names are unique in a storage, but '${studyName}' exists; pass loadIfExists: true to go on with it, ` +
        'or choose another name',
    );
  const parent = systemAttrs?.[SYSTEM_ATTR.parent];
  if (parent !== undefined && !isDeepStrictEqual(record.systemAttrs[SYSTEM_ATTR.parent], parent))
    throw new StorageError(
      'DUPLICATED_STUDY',
      `the child study of a trial needs a name of its own, but '${studyName}' exists and is not the child of this trial; give ` +
        'the child, or that study, another name',
    );
  if (asked !== undefined && asked.join() !== record.directions.join())
    throw new InvalidArgumentError(
      `study '${studyName}' has the directions [${record.directions.join(', ')}], but [${asked.join(', ')}] ` +
        'were asked for; leave them out, or choose another name',
    );
}
