import type { Distribution, ParamValue } from './distribution.ts';
import { ThanosError } from './errors.ts';
import {
  type Attrs,
  type FrozenTrial,
  type JsonValue,
  type StudyDirection,
  SYSTEM_ATTR,
  type TrialState,
} from './frozen-trial.ts';

/** What a storage keeps of a study, beside its trials. */
export interface StudyRecord {
  /** Unique in the storage; never used again. */
  readonly studyId: number;
  /** Unique in the storage. */
  readonly studyName: string;
  /** One per objective. */
  readonly directions: readonly StudyDirection[];
  /** Facts that users keep with the study. */
  readonly userAttrs: Attrs;
  /** Facts that THANOS and Optuna keep with it. */
  readonly systemAttrs: Attrs;
}

/** What is known of a trial when it is created. */
export interface TrialTemplate {
  /** RUNNING (asked), WAITING (enqueued) or a finished state (an imported trial). */
  readonly state: TrialState;
  /** Parameters by name, as the user sees them. */
  readonly params?: Readonly<Record<string, ParamValue>> | undefined;
  /** One for each of `params`. */
  readonly distributions?: Readonly<Record<string, Distribution>> | undefined;
  /** One per objective; null or absent unless the trial is finished. */
  readonly values?: readonly number[] | null | undefined;
  /** Facts that users keep with the trial. */
  readonly userAttrs?: Attrs | undefined;
  /** Facts that THANOS and Optuna keep with it. */
  readonly systemAttrs?: Attrs | undefined;
  /** Reported values by step. */
  readonly intermediateValues?: ReadonlyMap<number, number> | undefined;
  /** Default: now, unless the trial is WAITING. */
  readonly datetimeStart?: Date | undefined;
  /** Default: now if the trial is finished. */
  readonly datetimeComplete?: Date | undefined;
}

/** What must hold, at the moment at which a trial is created, for it to be created at all. */
export interface CreateCondition {
  /** The trial would get this number. */
  readonly number?: number | undefined;
  /** The study holds fewer trials than this; RUNNING trials of other tools, which may never end, are not counted. */
  readonly fewerThan?: number | undefined;
}

/** Changes to one unfinished trial, applied together or not at all. Keys that are absent stay as they are. */
export interface TrialUpdate {
  /** The new state. */
  readonly state?: TrialState | undefined;
  /** One per objective; null removes them. */
  readonly values?: readonly number[] | null | undefined;
  /** Parameters that are added. */
  readonly params?: Readonly<Record<string, ParamValue>> | undefined;
  /** One for each of `params`. */
  readonly distributions?: Readonly<Record<string, Distribution>> | undefined;
  /** User attributes to set; others stay. */
  readonly userAttrs?: Attrs | undefined;
  /** System attributes to set; others stay. */
  readonly systemAttrs?: Attrs | undefined;
  /** Keys of system attributes that are to be gone. */
  readonly dropSystemAttrs?: readonly string[] | undefined;
  /** Reported values to set, by step; others stay. */
  readonly intermediateValues?: ReadonlyMap<number, number> | undefined;
}

/** A place in the trials of a study. */
export type TrialCursor = Pick<FrozenTrial, 'trialId' | 'number'>;

/** What a caller has read of the trials of a study. */
export interface KnownTrials {
  /** The one with the highest number; null if none is known. */
  readonly last: TrialCursor | null;
  /** Those that were not finished, in order of number, as they were read. */
  readonly unfinished: readonly FrozenTrial[];
}

/** Some trials in a row; from the first one if neither `after` nor `before` is given. */
export interface TrialPage {
  /** Trials with higher numbers than this one. */
  readonly after?: TrialCursor | undefined;
  /** Trials with lower numbers than this one, the nearest ones. */
  readonly before?: TrialCursor | undefined;
  /** The most trials that are returned, >= 1. */
  readonly limit: number;
}

/** What became of a trial. */
export type TrialOutcome = Pick<FrozenTrial, 'trialId' | 'number' | 'state' | 'values' | 'constraints'>;

/** What a storage promises. */
export interface StorageCapabilities {
  /** Outlives the process. */
  readonly durable: boolean;
  /** Several processes may use it at once. */
  readonly multiProcess: boolean;
}

/** Whether a trial is at work in another tool, which may have left it for ever (Storage clause S6). */
export const isForeign = (trial: FrozenTrial): boolean =>
  trial.state === 'RUNNING' && !(SYSTEM_ATTR.owner in trial.systemAttrs);

/** Whether an update was refused because another worker has the trial by now, or has finished it. */
export function isLost(error: unknown): error is ThanosError {
  return error instanceof ThanosError && (error.code === 'TRIAL_LOST' || error.code === 'TRIAL_FINISHED');
}

/**
 * Storage contract. Every clause has a conformance test of the same number (src/testing/storage-kit.ts).
 * - S1 When a call returns, its effect survives a kill of the process (durable storages).
 * - S2 Study names are unique: `createStudy` of an existing name throws DUPLICATED_STUDY.
 * - S3 Ids of studies and trials are never reused, not even after a deletion.
 * - S4 Trial numbers of a study are 0, 1, 2 … without gap or duplicate, whatever the number of processes.
 * - S5 Exactly one caller claims a claimable trial.
 * - S6 `claimTrial` takes the lowest-numbered trial that is WAITING, or RUNNING with a `thanos:owner` attribute whose
 *   owner is dead or null (released). It becomes RUNNING with this storage's owner, and, if it was WAITING, with the
 *   attributes of `firstEntry`, if its owner was dead, with those of `afterDeath`. RUNNING trials without that
 *   attribute belong to another tool and are left alone.
 * - S7 A finished trial never changes: `updateTrial` on it throws TRIAL_FINISHED. (Attributes included.)
 * - S8 `updateTrial` is atomic; setting a finished state also sets `datetimeComplete`; creating as or becoming RUNNING sets
 *   `datetimeStart` if it is unset.
 * - S9 What is read equals what was written: parameters (with order), distributions, values incl. ±Infinity,
 *   intermediate values incl. NaN, attributes incl. nested JSON. Names that objects inherit (`constructor`, `__proto__`) are
 *   names like others. One limit: JavaScript objects list integer-like names ('2', '10') first and ascending, so parameters
 *   with such names do not keep their order.
 * - S10 Unknown ids throw STUDY_NOT_FOUND / TRIAL_NOT_FOUND.
 * - S11 Deleting a study deletes its trials and its child studies, recursively, and nothing else. A child is named
 *   `<study>/<trial number>/…` and its attribute `thanos:parent` says so too: other studies with such names are independent.
 * - S12 A second process may read and write at any time; nobody sees "database is locked".
 * - S13 `getTrials` returns trials in order of number, frozen, and unaffected by later writes.
 * - S14 What cannot be stored is refused with INVALID_ARGUMENT, and nothing is written then: values, intermediate values and
 *   numeric parameters that are no numbers, attributes that are not JSON, names of new studies that are not strings of 1 to
 *   512 characters.
 * - S15 `createTrial` with a condition creates a trial only if the condition holds at that very moment, whatever other
 *   processes do; else it returns null, and nothing has changed.
 * - S16 Only its owner changes a RUNNING trial: `updateTrial` of a trial whose `thanos:owner` is another storage's, or null,
 *   throws TRIAL_LOST and writes nothing, unless the update sets `thanos:owner` to this storage's owner.
 * - S17 `getChanges` returns, in order of number, every trial that is new or differs from what is known of it; those that do
 *   not differ may be among them. So a caller that hands in what it knows has all trials of the study again.
 * - S18 `getTrialPage` returns the trials after (or before) a trial, the nearest first cut at `limit`, in order of number.
 * - S19 `getOutcomes` tells of all trials, in order of number, what `getTrials` does.
 * - S20 `renameStudy` gives a study and its child studies, recursively, their new names at once: a child stays a child. A taken name
 *   throws DUPLICATED_STUDY, a trial of theirs whose owner may be alive STUDY_UNFINISHED, and nothing has changed then.
 * - S21 `getStart` returns when the first trial of a study was begun; null if none was.
 * - S22 `getBestTrial` returns the feasible COMPLETE trial with the best value, the earliest of equals, of a study of one
 *   objective; or null, which says nothing.
 *
 * A storage that finds rows which it cannot read hands the trial or study out without them, marked by `markDamaged`
 * (damage.ts), so that one odd row does not hide the others; a trial without its parameters, values or state is shown as FAIL.
 */
export interface Storage {
  /** What this storage promises. */
  readonly capabilities: StorageCapabilities;
  /** Identity of this process (and storage) as kept under `thanos:owner`. */
  readonly owner: string;

  /** Creates a study. @throws StorageError DUPLICATED_STUDY if the name is taken. */
  createStudy(
    studyName: string,
    directions: readonly StudyDirection[],
    systemAttrs?: Attrs,
  ): Promise<StudyRecord>;
  /** null if there is none of that name. */
  findStudy(studyName: string): Promise<StudyRecord | null>;
  /** All studies, in order of id. */
  listStudies(): Promise<readonly StudyRecord[]>;
  /** Deletes a study and its child studies: see S11. */
  deleteStudy(studyId: number): Promise<void>;
  /** See S20; absent: this storage cannot rename. */
  renameStudy?(studyId: number, studyName: string): Promise<void>;
  /** Sets one attribute of a study. */
  setStudyAttr(studyId: number, kind: 'user' | 'system', key: string, value: JsonValue): Promise<void>;

  /** Creates a trial with the next number. A RUNNING one gets `thanos:owner` = this storage's owner. */
  createTrial(studyId: number, template: TrialTemplate): Promise<FrozenTrial>;
  /** Creates a trial, or returns null if the condition does not hold: see S15. */
  createTrial(
    studyId: number,
    template: TrialTemplate,
    condition: CreateCondition,
  ): Promise<FrozenTrial | null>;
  /**
   * See S5, S6; null if nothing can be claimed.
   * @param firstEntry system attributes to set, in the same transaction, if the trial was WAITING.
   * @param afterDeath the same if its owner has died; it is given the trial as it was left.
   */
  claimTrial(
    studyId: number,
    firstEntry?: (trialNumber: number) => Attrs,
    afterDeath?: (trial: FrozenTrial) => Attrs,
  ): Promise<FrozenTrial | null>;
  /**
   * Whether a RUNNING trial of the study has an owner that may be dead or not, which will turn out within a bounded time; absent
   * if a storage always knows.
   */
  hasOwnerInDoubt?(studyId: number): Promise<boolean>;
  /** Changes an unfinished trial: see S7, S8 and S16. */
  updateTrial(trialId: number, update: TrialUpdate): Promise<void>;
  /** Trials whose number is >= fromNumber (default 0). */
  getTrials(studyId: number, fromNumber?: number): Promise<readonly FrozenTrial[]>;

  // What a storage may do faster than `getTrials` lets it: stored-trials.ts makes do without.
  /** See S17. */
  getChanges?(studyId: number, known: KnownTrials): Promise<readonly FrozenTrial[]>;
  /** See S18. */
  getTrialPage?(studyId: number, page: TrialPage): Promise<readonly FrozenTrial[]>;
  /** See S19. */
  getOutcomes?(studyId: number): Promise<readonly TrialOutcome[]>;
  /** See S21. */
  getStart?(studyId: number): Promise<Date | null>;
  /** See S22. */
  getBestTrial?(studyId: number, direction: StudyDirection): Promise<FrozenTrial | null>;

  /** Whether `close` has been called. Absent: studies of one URL do not share a storage, but open one each. */
  readonly isClosed?: boolean | undefined;
  /** Releases the file, connections, timers. Idempotent. */
  close(): Promise<void>;
}
