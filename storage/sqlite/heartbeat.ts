/**
 * Signs of life of RUNNING trials, in Optuna's table `trial_heartbeats`. They matter where the owner's process cannot
 * be seen: on another host or in another container.
 */
import { decodeDate, encodeDate } from '../sql/encoding.ts';
import type { Database } from './driver.ts';

export const HEARTBEAT_INTERVAL_MS = 60_000;
/** Without a sign of life for so long, an owner that cannot be seen counts as dead. */
export const HEARTBEAT_GRACE_MS = 120_000;

export function writeHeartbeat(db: Database, trialId: number): void {
  db.prepare(`INSERT INTO trial_heartbeats (trial_id, heartbeat) SELECT trial_id, ? FROM trials
    WHERE trial_id = ? AND state = 'RUNNING'
    ON CONFLICT (trial_id) DO UPDATE SET heartbeat = excluded.heartbeat`).run(
    encodeDate(new Date()),
    trialId,
  );
}

/** The start of a trial counts as its first heartbeat. */
export function hasRecentHeartbeat(db: Database, trialId: number, now = new Date()): boolean {
  const times = db
    .prepare(`SELECT heartbeat FROM trial_heartbeats WHERE trial_id = ?
      UNION ALL SELECT datetime_start FROM trials WHERE trial_id = ? AND datetime_start IS NOT NULL`)
    .all(trialId, trialId) as [string][];
  const oldest = now.getTime() - HEARTBEAT_GRACE_MS;
  return times.some(([time]) => decodeDate(time, `the trial with id ${trialId}`).getTime() > oldest);
}
