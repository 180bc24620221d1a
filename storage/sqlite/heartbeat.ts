/**
 * Signs of life of RUNNING trials, in Optuna's table `trial_heartbeats`, for owners whose process cannot be seen. A thread
 * gives them, so that an objective that blocks the event loop does not look dead. The same thread moves the write-ahead log into
 * the file now and then, so that a copy of the file alone holds what was there a moment ago.
 */
import { SYSTEM_ATTR } from '../../src/core/frozen-trial.ts';
import { encodeDate } from '../sql/encoding.ts';
import { type Database, openDatabase } from './driver.ts';
import { identityOf } from './file-identity.ts';

const HEARTBEAT_INTERVAL_MS = 10_000;
/** An owner that cannot be seen counts as dead once its heart has not moved for so long, by the clock of whoever watches it. */
export const HEARTBEAT_GRACE_MS = 60_000;
const CHECKPOINT_INTERVAL_MS = 2000;
/** Less than the grace, lest another tool's lock look like death. */
const BUSY_TIMEOUT_MS = 5000;

export interface HeartbeatTask {
  readonly path: string;
  /** The identity of the file that is meant; another one at the same path is left alone. */
  readonly identity: string;
  /** The owner as it is stored with the trials. */
  readonly ownerJson: string;
  readonly shared: SharedArrayBuffer;
}

/** What the thread and its storage share: a turnstile, so that no connection of the thread is open when the storage closes. */
export class SharedState {
  readonly buffer: SharedArrayBuffer;
  readonly #turn: Int32Array;
  readonly #lowestId: Float64Array;

  constructor(buffer = new SharedArrayBuffer(16)) {
    this.buffer = buffer;
    this.#turn = new Int32Array(buffer, 0, 1);
    this.#lowestId = new Float64Array(buffer, 8, 1);
  }

  /** The lowest id of the trials that run; Infinity if there is none. */
  get lowestId(): number {
    return this.#lowestId[0];
  }

  set lowestId(id: number) {
    this.#lowestId[0] = id;
  }

  /** Runs an action while the storage cannot close; not if it is closed. */
  inside(action: () => void): void {
    if (Atomics.compareExchange(this.#turn, 0, FREE, TAKEN) !== FREE) return;
    try {
      action();
    } finally {
      Atomics.store(this.#turn, 0, FREE);
      Atomics.notify(this.#turn, 0);
    }
  }

  /** Waits for whoever is inside, and lets nobody in any more. */
  shut(): void {
    if (Atomics.compareExchange(this.#turn, 0, FREE, SHUT) !== TAKEN) return;
    Atomics.wait(this.#turn, 0, TAKEN, 2 * BUSY_TIMEOUT_MS);
    Atomics.compareExchange(this.#turn, 0, FREE, SHUT);
  }
}

const [FREE, TAKEN, SHUT] = [0, 1, 2];

/** What the thread does, or a timer where there can be no thread. */
export function keepBeating(task: HeartbeatTask): NodeJS.Timeout {
  const state = new SharedState(task.shared);
  let lastBeatMs = Number.NEGATIVE_INFINITY;
  const turn = (): void => {
    const isDue = performance.now() - lastBeatMs >= HEARTBEAT_INTERVAL_MS;
    if (isDue) lastBeatMs = performance.now();
    try {
      state.inside(() => beat(task, isDue ? state.lowestId : Number.POSITIVE_INFINITY));
    } catch {
      // The next call of the user meets the same error and reports it.
    }
  };
  turn();
  return setInterval(turn, CHECKPOINT_INTERVAL_MS);
}

function beat({ path, identity, ownerJson }: HeartbeatTask, lowestId: number): void {
  if (identityOf(path) !== identity) return;
  const db = openDatabase(path, BUSY_TIMEOUT_MS, { mustExist: true });
  try {
    if (lowestId < Number.POSITIVE_INFINITY) writeHeartbeats(db, ownerJson, lowestId);
    db.pragma('wal_checkpoint(PASSIVE)');
  } finally {
    db.close();
  }
}

/** Writes a heartbeat for each trial that is still this owner's. */
function writeHeartbeats(db: Database, ownerJson: string, lowestId: number): void {
  db.prepare(`INSERT INTO trial_heartbeats (trial_id, heartbeat) SELECT t.trial_id, ? FROM trials t
    JOIN trial_system_attributes a ON a.trial_id = t.trial_id AND a."key" = ? AND a.value_json = ?
    WHERE t.trial_id >= ? AND t.state = 'RUNNING'
    ON CONFLICT (trial_id) DO UPDATE SET heartbeat = excluded.heartbeat`).run(
    encodeDate(new Date()),
    SYSTEM_ATTR.owner,
    ownerJson,
    lowestId,
  );
}

/** Returns the heartbeat as it is stored; '' if there was none yet. */
export function readHeartbeat(db: Database, trialId: number): string {
  const row = db.prepare('SELECT heartbeat FROM trial_heartbeats WHERE trial_id = ?').get(trialId);
  return row === undefined ? '' : String((row as [unknown])[0]);
}
