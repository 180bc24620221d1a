/** The numbers of trials as they are stored: 0, 1, 2 … in the order of the ids, whatever became of the file. */
import type { StorageError } from '../../src/core/errors.ts';
import { corrupt } from './encoding.ts';
import { type DamageReport, shownCell } from './odd-row.ts';

/** What is read first of a trial; more columns may follow. */
export type TrialHead = readonly [
  trialId: number,
  number: number,
  state: string,
  start: string | null,
  complete: string | null,
  ...more: readonly unknown[],
];

export const isTrialNumber = (stored: unknown): stored is number =>
  Number.isSafeInteger(stored) && (stored as number) >= 0;

/** The error of a trial whose number is none. */
export function oddNumber(trialId: number, stored: unknown, studyId: number): StorageError {
  return corrupt(
    `the number of the trial with id ${trialId} must be an integer >= 0, but is ${shownCell(stored)}; ${renumber(studyId)}`,
  );
}

interface Before {
  readonly trialId: number;
  /** -1 before the first trial. */
  readonly number: number;
}

/**
 * The number of a trial: the stored one if it can be true, or else the next after `before` (null: not known). Numbers may be
 * missing where ids are missing, too, since nobody else has made trials of ids in between.
 */
export function numberOf(
  [trialId, stored]: TrialHead,
  before: Before | null,
  study: { readonly studyId: number; readonly studyName: string },
  report: DamageReport,
): number {
  const isNumber = isTrialNumber(stored);
  const expected = before === null ? (isNumber ? stored : 0) : before.number + 1;
  if (isNumber && stored === expected) return stored;
  const nMissing = before === null || !isNumber ? 0 : stored - expected;
  const isGap = nMissing > 0 && nMissing < trialId - before!.trialId;
  report.add(
    isGap
      ? corrupt(
          `trials of study '${study.studyName}' must be numbered without a gap, but before trial ${stored} (id ${trialId}) ` +
            `${nMissing === 1 ? `trial ${expected} is missing` : `trials ${expected} to ${stored - 1} are missing`}; ` +
            `restore ${nMissing === 1 ? 'it' : 'them'} from a backup, or ${mendOfGap(trialId, expected, nMissing, study.studyId)}`,
        )
      : corrupt(
          `trials of study '${study.studyName}' must be numbered 0, 1, 2 …, but the trial with id ${trialId}, which should ` +
            `be trial ${expected}, has the number ${shownCell(stored)}; ${renumber(study.studyId)}`,
        ),
  );
  return isGap ? stored : expected;
}

function mendOfGap(trialId: number, expected: number, nMissing: number, studyId: number): string {
  if (nMissing > 1) return renumber(studyId);
  return (
    `put a FAILed one in its place: INSERT INTO trials (trial_id, number, study_id, state) VALUES ` +
    `(${trialId - 1}, ${expected}, ${studyId}, 'FAIL')`
  );
}

function renumber(studyId: number): string {
  return (
    'number them by their ids: UPDATE trials SET number = (SELECT count(*) FROM trials earlier WHERE earlier.study_id = ' +
    `trials.study_id AND earlier.trial_id < trials.trial_id) WHERE study_id = ${studyId}`
  );
}
