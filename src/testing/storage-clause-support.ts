/** What the checks of the storage clauses share. */
import assert from 'node:assert/strict';
import type { FrozenTrial } from '../core/frozen-trial.ts';
import type { Storage, StudyRecord, TrialTemplate } from '../core/storage.ts';

/** What the kit cannot make by itself. */
export interface StorageKitOptions {
  /**
   * A further connection to the database of an open storage, as a second process would make it. Must be given for a
   * storage that is durable; without it S1 and S12 only check that the storage does not claim to be.
   */
  readonly reopen?: ((storage: Storage) => Promise<Storage>) | undefined;
  /** The `owner` of a process that has ended, in this storage's form; without it S6 tries released trials only. */
  readonly deadOwner?: string | undefined;
}

/** `other`: a second connection to the database of `storage`, if there can be one. */
export type Check = (storage: Storage, other: Storage | null, options: StorageKitOptions) => Promise<void>;

export const RUNNING: TrialTemplate = { state: 'RUNNING' };
export const WAITING: TrialTemplate = { state: 'WAITING' };
export const UNKNOWN_ID = 987_654_321;

export const newStudy = (storage: Storage, name = 'study'): Promise<StudyRecord> =>
  storage.createStudy(name, ['minimize']);

export async function readTrial(storage: Storage, studyId: number, number: number): Promise<FrozenTrial> {
  const trial = (await storage.getTrials(studyId, number))[0];
  assert.equal(trial?.number, number, `trial ${number} is missing`);
  return trial;
}
