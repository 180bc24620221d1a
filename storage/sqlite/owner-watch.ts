/** Whether the owners of RUNNING trials live. */
import { neighborLock, ownerStatus } from '../owner.ts';
import type { Database } from './driver.ts';
import { HEARTBEAT_GRACE_MS, readHeartbeat } from './heartbeat.ts';
import { isOwnerLockHeld, ownerLockPath } from './owner-lock.ts';

/** 'unknown': its heart must be watched a while longer. */
export type OwnerLife = 'alive' | 'dead' | 'unknown';

/** What is known of an owner of whom only the heartbeat can be seen. */
interface Watched {
  /** A trial with a higher id was created after the owner was first seen: a sign of life. */
  readonly knownUpToId: number;
  lastMovedMs: number;
  hasMoved: boolean;
}

/**
 * An owner on this machine is seen by its process or by its lock. Of another only the heartbeat can be seen: it lives if
 * that moves. Times are those of the observer's own clock that never jumps; clocks of two machines are not compared.
 */
export class OwnerWatch {
  readonly #databasePath: string;
  readonly #nowMs: () => number;
  readonly #watched = new Map<string, Watched>();
  /** By trial: owner and heartbeat as they were last seen. */
  readonly #signs = new Map<number, string>();

  constructor(databasePath: string, nowMs: () => number = () => performance.now()) {
    this.#databasePath = databasePath;
    this.#nowMs = nowMs;
  }

  life(db: Database, trialId: number, owner: string): OwnerLife {
    const status = ownerStatus(owner);
    if (status !== 'elsewhere') return status;
    const lock = neighborLock(owner);
    if (lock !== null) return isOwnerLockHeld(ownerLockPath(this.#databasePath, lock)) ? 'alive' : 'dead';
    return this.#byHeartbeat(db, trialId, owner);
  }

  #byHeartbeat(db: Database, trialId: number, owner: string): OwnerLife {
    const sign = `${owner} ${readHeartbeat(db, trialId)}`;
    const last = this.#signs.get(trialId);
    this.#signs.set(trialId, sign);
    const now = this.#nowMs();
    const watched = this.#watched.get(owner);
    if (watched === undefined) {
      // A trial that had another owner before was taken over just now.
      const hasMoved = last !== undefined;
      this.#watched.set(owner, { knownUpToId: highestTrialId(db), lastMovedMs: now, hasMoved });
      return hasMoved ? 'alive' : 'unknown';
    }
    if (last === undefined ? trialId > watched.knownUpToId : last !== sign) {
      watched.hasMoved = true;
      watched.lastMovedMs = now;
    }
    if (now - watched.lastMovedMs >= HEARTBEAT_GRACE_MS) return 'dead';
    return watched.hasMoved ? 'alive' : 'unknown';
  }

  /** A trial that has ended is not watched any more. */
  forget(trialId: number): void {
    this.#signs.delete(trialId);
  }
}

function highestTrialId(db: Database): number {
  const [highest] = db.prepare('SELECT max(trial_id) FROM trials').get() as [number | null];
  return highest ?? 0;
}
