import { isFinished, type JsonValue, SYSTEM_ATTR } from '../../src/core/frozen-trial.ts';
import { decodeState } from '../sql/encoding.ts';
import { decodeAttr } from '../sql/mapping.ts';
import { ofTrial } from '../sql/odd-row.ts';
import type { Database } from './driver.ts';
import type { OwnerLife, OwnerWatch } from './owner-watch.ts';

/**
 * Finds the trial of a study that is to be claimed next, without visiting finished trials again: these never change,
 * and new trials always have higher ids than those seen before.
 */
export class ClaimQueue {
  readonly #studyId: number;
  readonly #owners: OwnerWatch;
  /** In order of id, hence of number. */
  readonly #unfinished = new Set<number>();
  #lastSeenId = 0;

  constructor(studyId: number, owners: OwnerWatch) {
    this.#studyId = studyId;
    this.#owners = owners;
  }

  /**
   * Id of the lowest-numbered claimable trial; null if there is none. Runs inside the caller's transaction.
   * @param isOwn tells trials that the caller is at work on, which need not be looked up.
   */
  next(db: Database, isOwn: (trialId: number) => boolean): number | null {
    for (const [trialId, state] of this.#states(db, isOwn)) if (state === 'free') return trialId;
    return null;
  }

  /** Whether a trial has an owner that may be dead. Runs inside the caller's transaction. */
  isInDoubt(db: Database, isOwn: (trialId: number) => boolean): boolean {
    for (const [, state] of this.#states(db, isOwn)) if (state === 'in doubt') return true;
    return false;
  }

  /** Whether a trial has an owner that is not known to be dead. Runs inside the caller's transaction. */
  isHeld(db: Database): boolean {
    for (const [, state] of this.#states(db, () => false)) if (state !== 'free') return true;
    return false;
  }

  /** The unfinished trials, but those of other tools and of the caller. */
  *#states(
    db: Database,
    isOwn: (trialId: number) => boolean,
  ): Generator<readonly [trialId: number, state: 'free' | 'held' | 'in doubt']> {
    const unseen = db
      .prepare('SELECT trial_id, state FROM trials WHERE study_id = ? AND trial_id > ? ORDER BY trial_id')
      .all(this.#studyId, this.#lastSeenId) as [number, string][];
    for (const [trialId, state] of unseen) {
      if (!isFinished(decodeState(state, whose(trialId)))) this.#unfinished.add(trialId);
      this.#lastSeenId = trialId;
    }
    for (const trialId of this.#unfinished) {
      if (isOwn(trialId)) continue;
      const row = db
        .prepare(`SELECT t.state, a.trial_id, a.value_json FROM trials t LEFT JOIN trial_system_attributes a
          ON a.trial_id = t.trial_id AND a."key" = ? WHERE t.trial_id = ?`)
        .get(SYSTEM_ATTR.owner, trialId) as [string, number | null, string | null] | undefined;
      if (row === undefined || isFinished(decodeState(row[0], whose(trialId)))) {
        this.#unfinished.delete(trialId);
        this.#owners.forget(trialId);
        continue;
      }
      const [state, hasOwner, ownerJson] = row;
      if (state === 'WAITING') yield [trialId, 'free'];
      else if (hasOwner !== null) yield [trialId, AS_CLAIM[this.#life(db, trialId, ownerJson)]];
    }
  }

  /** A trial that was given back has no owner, and is there for whoever wants it. */
  #life(db: Database, trialId: number, ownerJson: string | null): OwnerLife {
    const owner = decodeOwner(trialId, ownerJson);
    return typeof owner === 'string' ? this.#owners.life(db, trialId, owner) : 'dead';
  }
}

const AS_CLAIM = { dead: 'free', alive: 'held', unknown: 'in doubt' } as const;

const whose = (trialId: number): string => `the trial with id ${trialId}`;

/** Which process works on a trial, or null if it was given back; from its row of system attributes. */
export function decodeOwner(trialId: number, ownerJson: string | null): JsonValue {
  return decodeAttr(
    ofTrial('trial_system_attributes', trialId, whose(trialId)),
    SYSTEM_ATTR.owner,
    ownerJson,
  );
}
