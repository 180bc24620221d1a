/**
 * The lock that a process holds on a study file for as long as it works on trials of it: a small file beside it, locked by
 * SQLite. The kernel lets go of it when the process dies, so it tells at once, and for sure, whether an owner lives that is in
 * another container on the same machine, where its process cannot be seen.
 */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Database, openDatabase, sqliteCode } from './driver.ts';

const INFIX = '-owner-';
/** Whoever looks at a lock holds it for an instant. */
const TAKE_TIMEOUT_MS = 5000;

export const ownerLockPath = (databasePath: string, name: string): string => databasePath + INFIX + name;

/** Locks of this process, by path; several storages on one file share one. */
const held = new Map<string, { readonly db: Database; users: number }>();

export function takeOwnerLock(path: string): void {
  const known = held.get(path);
  if (known !== undefined) {
    known.users++;
    return;
  }
  for (;;) {
    const db = openDatabase(path, TAKE_TIMEOUT_MS);
    lock(db);
    if (existsSync(path)) {
      held.set(path, { db, users: 1 });
      return;
    }
    // It was removed, as a dead one's, before it was locked.
    db.close();
  }
}

export function giveUpOwnerLock(path: string): void {
  const known = held.get(path);
  if (known === undefined || --known.users > 0) return;
  held.delete(path);
  known.db.close();
  rmSync(path, { force: true });
}

export function isOwnerLockHeld(path: string): boolean {
  if (held.has(path)) return true;
  if (!existsSync(path)) return false;
  return tryOn(path, true, (db) => db.prepare('SELECT count(*) FROM sqlite_master').get());
}

/** Removes the lock file of an owner that has died. */
function removeOwnerLock(path: string): void {
  if (held.has(path) || !existsSync(path)) return;
  tryOn(path, false, (db) => {
    lock(db);
    rmSync(path, { force: true });
  });
}

/** Removes the lock files that killed processes left beside a study file. */
export function removeDeadOwnerLocks(databasePath: string): void {
  const [directory, prefix] = [dirname(databasePath), ownerLockPath(basename(databasePath), '')];
  for (const name of readdirSync(directory))
    if (name.startsWith(prefix)) removeOwnerLock(join(directory, name));
}

/** Nothing is ever written, so no journal is needed beside it. */
function lock(db: Database): void {
  db.pragma('journal_mode = MEMORY');
  db.exec('BEGIN EXCLUSIVE');
}

/** Whether another process holds the lock, so that this cannot be done. */
function tryOn(path: string, readonly: boolean, action: (db: Database) => void): boolean {
  let db: Database | null = null;
  try {
    db = openDatabase(path, 0, { readonly, mustExist: true });
    action(db);
    return false;
  } catch (error) {
    if (sqliteCode(error)?.startsWith('SQLITE_BUSY')) return true;
    // It was removed just now.
    if (sqliteCode(error)?.startsWith('SQLITE_CANTOPEN') && !existsSync(path)) return false;
    throw error;
  } finally {
    db?.close();
  }
}
