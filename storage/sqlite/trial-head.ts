/** What an update needs to know of a trial, and the state that it leaves. Every function runs inside its caller's transaction. */
import { type JsonValue, SYSTEM_ATTR, type TrialState } from '../../src/core/frozen-trial.ts';
import { transition } from '../new-trial.ts';
import { trialNotFound } from '../refusals.ts';
import { decodeDateOrNull, decodeState, encodeDateOrNull } from '../sql/encoding.ts';
import { decodeOwner } from './claim-queue.ts';
import type { Database } from './driver.ts';

export interface TrialHead {
  readonly number: number;
  readonly state: TrialState;
  readonly start: string | null;
  /** Undefined if it has none. */
  readonly owner: JsonValue | undefined;
}

/** @throws StorageError TRIAL_NOT_FOUND. */
export function readHead(db: Database, trialId: number): TrialHead {
  const row = db
    .prepare(`SELECT t.number, t.state, t.datetime_start, a.trial_id, a.value_json FROM trials t
      LEFT JOIN trial_system_attributes a ON a.trial_id = t.trial_id AND a."key" = ? WHERE t.trial_id = ?`)
    .get(SYSTEM_ATTR.owner, trialId) as
    | [number, string, string | null, number | null, string | null]
    | undefined;
  if (row === undefined) throw trialNotFound(trialId);
  const [number, state, start, hasOwner, ownerJson] = row;
  const owner = hasOwner === null ? undefined : decodeOwner(trialId, ownerJson);
  return { number, state: decodeState(state, whose(trialId)), start, owner };
}

export function writeState(
  db: Database,
  trialId: number,
  before: TrialHead,
  state: TrialState,
  now: Date,
): void {
  const next = transition(state, decodeDateOrNull(before.start, whose(trialId)), now);
  db.prepare('UPDATE trials SET state = ?, datetime_start = ?, datetime_complete = ? WHERE trial_id = ?').run(
    state,
    // The text as it stands, since Optuna's microseconds would not survive a Date.
    before.start ?? encodeDateOrNull(next.datetimeStart),
    encodeDateOrNull(next.datetimeComplete),
    trialId,
  );
}

const whose = (trialId: number): string => `the trial with id ${trialId}`;
