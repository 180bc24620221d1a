/** What storages refuse, in the same words. */
import { StorageError, ThanosError } from '../src/core/errors.ts';
import { type FrozenTrial, type JsonValue, SYSTEM_ATTR, type TrialState } from '../src/core/frozen-trial.ts';
import type { TrialUpdate } from '../src/core/storage.ts';

/** STUDY_NOT_FOUND for an id. */
export const studyNotFound = (studyId: number): StorageError =>
  new StorageError(
    'STUDY_NOT_FOUND',
    `there is no study with id ${studyId} in this storage; it may have been deleted`,
  );

/** TRIAL_NOT_FOUND for an id. */
export const trialNotFound = (trialId: number): StorageError =>
  new StorageError(
    'TRIAL_NOT_FOUND',
    `there is no trial with id ${trialId} in this storage; its study may have been deleted`,
  );

/** DUPLICATED_STUDY for a name that is taken. */
export const duplicatedStudy = (studyName: string): StorageError =>
  new StorageError(
    'DUPLICATED_STUDY',
    `study names are unique in a storage, but '${studyName}' exists already; choose another name, or load it (loadIfExists: true)`,
  );

export const studyAtWork = (studyName: string): ThanosError =>
  new ThanosError(
    'STUDY_UNFINISHED',
    `a study is renamed while nobody is at work on it, but a trial of '${studyName}' is running in a process that may be alive; ` +
      'wait until it has ended, or end that process',
  );

/** TRIAL_FINISHED for an update of a finished trial. */
export const trialFinished = (number: number, state: TrialState): StorageError =>
  new StorageError(
    'TRIAL_FINISHED',
    `a finished trial never changes, but an update was asked for trial ${number}, which is ${state}`,
  );

/**
 * Fencing: a process that was held to be dead must not write to a trial that another works on by now.
 * @param owner of the trial as it is stored; undefined if it has none.
 * @throws StorageError TRIAL_LOST
 */
export function assertOwner(
  trial: Pick<FrozenTrial, 'number' | 'state'>,
  owner: JsonValue | undefined,
  update: TrialUpdate,
  self: string,
): void {
  const isOthers = trial.state === 'RUNNING' && owner !== undefined && owner !== self;
  if (!isOthers || update.systemAttrs?.[SYSTEM_ATTR.owner] === self) return;
  throw new StorageError(
    'TRIAL_LOST',
    `only its owner may change a running trial, but trial ${trial.number} ` +
      `${owner === null ? 'was given back' : `is owned by another process: ${String(owner)}`}; ask for another trial`,
  );
}

/** STORAGE_UNAVAILABLE for a call after `close`. @param what the storage, as a message begins with it. */
export const storageClosed = (what: string): StorageError =>
  new StorageError('STORAGE_UNAVAILABLE', `${what} was closed; open it again`);
