import { type FrozenTrial, isFinished } from '../../src/core/frozen-trial.ts';
import type { KnownTrials } from '../../src/core/storage.ts';
import { trialNotFound } from '../refusals.ts';
import type { Database } from './driver.ts';
import type { TrialReader } from './trial-reader.ts';

/**
 * Unfinished trials as this connection last read or wrote them, so that a study with many of them need not read each of them
 * again whenever it asks what has changed.
 */
export class UnfinishedTrials {
  readonly #trials = new Map<number, FrozenTrial>();
  #version = -1;

  /** Forgets all if another connection has written since the last call. Runs inside a transaction that reads. */
  sync(db: Database): void {
    const [version] = db.prepare('PRAGMA data_version').get() as [number];
    if (version === this.#version) return;
    this.#version = version;
    this.#trials.clear();
  }

  /** See Storage clause S17. */
  changes(db: Database, reader: TrialReader, { last, unfinished }: KnownTrials): readonly FrozenTrial[] {
    this.sync(db);
    const changed: FrozenTrial[] = [];
    for (const before of unfinished) {
      const now = this.get(before.trialId) ?? reader.one(db, before.trialId);
      if (now === undefined) throw trialNotFound(before.trialId);
      this.put(now);
      if (now !== before) changed.push(now);
    }
    for (const trial of last === null ? reader.from(db, 0) : reader.after(db, last)) {
      this.put(trial);
      changed.push(trial);
    }
    return changed;
  }

  get(trialId: number): FrozenTrial | undefined {
    return this.#trials.get(trialId);
  }

  put(trial: FrozenTrial): void {
    if (isFinished(trial.state)) this.#trials.delete(trial.trialId);
    else this.#trials.set(trial.trialId, trial);
  }

  /** What is known of it is out of date. */
  forget(trialId: number): void {
    this.#trials.delete(trialId);
  }

  clear(): void {
    this.#trials.clear();
  }
}
