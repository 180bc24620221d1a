/** Whether the owners of RUNNING trials live. */
import { neighborLock, ownerStatus } from '../owner.ts';
import type { Database } from './driver.ts';
import { HEARTBEAT_GRACE_MS, readHeartbeat } from './heartbeat.ts';
import { isOwnerLockHeld, ownerLockPath } from './owner-lock.ts';

/** 'unknown': its heart must be watched a while longer. */
export type OwnerLife = 'alive' | 'dead' | 'unknown';

interface Sign {
  /** Owner and heartbeat as they were last seen to change. */
  readonly text: string;
  readonly sinceMs: number;
  readonly hasMoved: boolean;
}

/**
 * An owner on this machine is seen by its process or by its lock. Of another only the heartbeat can be seen: it lives if
 * that moves. Times are those of the observer's own clock that never jumps; clocks of two machines are not compared.
 */
export class OwnerWatch {
  readonly #databasePath: string;
  readonly #nowMs: () => number;
  readonly #signs = new Map<number, Sign>();

  constructor(databasePath: string, nowMs: () => number = () => performance.now()) {
    this.#databasePath = databasePath;
    this.#nowMs = nowMs;
  }

  life(db: Database, trialId: number, owner: string): OwnerLife {
    const status = ownerStatus(owner);
    if (status !== 'elsewhere') return status;
    const lock = neighborLock(owner);
    if (lock !== null) return isOwnerLockHeld(ownerLockPath(this.#databasePath, lock)) ? 'alive' : 'dead';
    return this.#byHeartbeat(trialId, `${owner} ${readHeartbeat(db, trialId)}`);
  }

  #byHeartbeat(trialId: number, text: string): OwnerLife {
    const last = this.#signs.get(trialId);
    const now = this.#nowMs();
    if (last?.text !== text) {
      this.#signs.set(trialId, { text, sinceMs: now, hasMoved: last !== undefined });
      return last === undefined ? 'unknown' : 'alive';
    }
    if (now - last.sinceMs >= HEARTBEAT_GRACE_MS) return 'dead';
    return last.hasMoved ? 'alive' : 'unknown';
  }

  /** A trial that has ended is not watched any more. */
  forget(trialId: number): void {
    this.#signs.delete(trialId);
  }
}
