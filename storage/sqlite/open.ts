/** Opening and closing a study file: what is checked before the first byte is written, and the journal mode. */
import {
  accessSync,
  constants,
  copyFileSync,
  existsSync,
  mkdtempSync,
  rmSync,
  type Stats,
  statSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { InvalidArgumentError, StorageError } from '../../src/core/errors.ts';
import { shown } from '../../src/core/shown.ts';
import { ALEMBIC_REVISION, INDEXES, SCHEMA_VERSION, TABLES } from '../sql/schema.ts';
import {
  type Database,
  notADatabase,
  type OpenMode,
  openDatabase,
  sqliteCode,
  storageError,
} from './driver.ts';
import { identityOf } from './file-identity.ts';
import { columnsOf, findVersion } from './found-version.ts';
import { removeDeadOwnerLocks } from './owner-lock.ts';

/** How long a write waits for other processes. Each write is short, so this is reached only if one is stopped. */
const BUSY_TIMEOUT_MS = 60_000;
/** Changing the journal mode needs the file for oneself for a moment, and SQLite does not wait for that by itself. */
const JOURNAL_ATTEMPTS = 50;
const JOURNAL_PAUSE_MS = 20;
const CLOSE_ATTEMPTS = 20;
/** 32 MiB. A checkpoint is the only thing that waits for the disk, so it should be rare. */
const CHECKPOINT_PAGES = 8192;

const { version } = createRequire(import.meta.url)('thanos-hpo/package.json') as { version: string };

export interface StudyFile {
  readonly db: Database;
  /** The identity of the file that was opened, as `identityOf` gives it. */
  readonly identity: string;
  /** The identity of its write-ahead log; null if it has none. */
  readonly walIdentity: string | null;
  /** Why nothing can be written; null if it can. */
  readonly readonlyReason: string | null;
  /** A folder with the copy that is read in place of the file, if there is one. */
  readonly copy?: string | undefined;
}

/**
 * Opens a study file of ours or of Optuna's, or creates it. A file that is refused is not written to; one that this user may
 * not write is opened for reading.
 * @throws StorageError STORAGE_UNAVAILABLE, STORAGE_CORRUPT or SCHEMA_MISMATCH.
 */
export function openStudyFile(path: string): StudyFile {
  const readonlyReason = checkAccess(path);
  return readonlyReason === null ? openForWriting(path) : openForReading(path, readonlyReason);
}

function openForWriting(path: string): StudyFile {
  let db: Database | null = null;
  try {
    if (existsSync(`${path}-wal`)) {
      // Closing the only connection would move what a killed process left in the write-ahead log into the file. A
      // read-only one does not, so a file that is refused stays as it is.
      db = openDatabase(path, BUSY_TIMEOUT_MS, { readonly: true });
      isCurrent(db, path);
      db.close();
    }
    db = openDatabase(path, BUSY_TIMEOUT_MS);
    const current = isCurrent(db, path);
    // Off, as Optuna runs SQLite: its own deletions do not follow the references' order.
    db.pragma('foreign_keys = OFF');
    enterWal(db);
    db.pragma('synchronous = NORMAL');
    db.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    if (!current) createSchema(db, path);
    db.pragma('schema_version');
    const [identity, walIdentity] = [identityOf(path) ?? '', identityOf(`${path}-wal`)];
    return { db, identity, walIdentity, readonlyReason: null };
  } catch (error) {
    db?.close();
    throw storageError(path, error);
  }
}

/** Without a write-ahead log in good order SQLite cannot read a file that it cannot write: then a copy is read. */
function openForReading(path: string, readonlyReason: string): StudyFile {
  const file = { identity: identityOf(path) ?? '', walIdentity: null, readonlyReason };
  try {
    return { ...file, db: openCurrent(path, path, { readonly: true }, readonlyReason) };
  } catch (error) {
    if (!/^SQLITE_(CANTOPEN|READONLY)/.test(sqliteCode(error) ?? '')) throw storageError(path, error);
  }
  const copy = mkdtempSync(join(tmpdir(), 'thanos-copy-'));
  try {
    const target = join(copy, 'study.db');
    for (const suffix of ['', '-wal', '-journal'])
      if (existsSync(path + suffix)) copyFileSync(path + suffix, target + suffix);
    return { ...file, copy, db: openCurrent(target, path, {}, readonlyReason) };
  } catch (error) {
    rmSync(copy, { recursive: true, force: true });
    throw storageError(path, error);
  }
}

/** @param target what to open for `path`, of which errors speak. */
function openCurrent(target: string, path: string, mode: OpenMode, readonlyReason: string): Database {
  const db = openDatabase(target, BUSY_TIMEOUT_MS, mode);
  try {
    if (isCurrent(db, path)) return db;
    throw unavailable(path, `it holds no studies, and ${readonlyReason}`, ACCESS_REMEDY);
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Closes; the last connection leaves the file in rollback-journal mode, which every reader opens. */
export function closeStudyFile({ db, readonlyReason, copy }: StudyFile, path: string): void {
  if (readonlyReason !== null) {
    db.close();
    if (copy !== undefined) rmSync(copy, { recursive: true, force: true });
    return;
  }
  let open = db;
  for (let attempt = 1; ; attempt++) {
    const alone = leaveWal(open);
    if (alone) removeDeadOwnerLocks(path);
    open.close();
    // When several connections close at the same moment, each sees the others and none is alone. SQLite removes the
    // write-ahead log with the last connection, so whoever then finds it gone tries once more.
    if (alone || attempt === CLOSE_ATTEMPTS || existsSync(`${path}-wal`) || !existsSync(path)) return;
    try {
      open = openDatabase(path, 0, { mustExist: true });
    } catch {
      return;
    }
    sleep(attempt);
  }
}

/**
 * Closes the connection to a file that is not at its path any more. Its write-ahead log, if it is still there, would be taken
 * for that of whatever file is put at the path.
 */
export function abandonStudyFile({ db, walIdentity }: StudyFile, path: string): void {
  db.close();
  if (walIdentity === null || identityOf(`${path}-wal`) !== walIdentity) return;
  for (const suffix of ['-wal', '-shm']) rmSync(path + suffix, { force: true });
}

/** @throws InvalidArgumentError for what cannot be a path. */
export function assertPath(path: string): void {
  if (typeof path !== 'string' || path === '' || path.includes('\0'))
    throw new InvalidArgumentError(
      `the path of a database must be a string, not empty and without the character NUL, but is ${shown(path)}`,
    );
}

const ACCESS_REMEDY = 'change its permissions, or choose another path';

function unavailable(path: string, problem: string, remedy: string): StorageError {
  return new StorageError(
    'STORAGE_UNAVAILABLE',
    `the database ${path} cannot be opened: ${problem}; ${remedy}`,
  );
}

/**
 * Why the file can only be read; null if it can be written too, or created.
 * @throws StorageError if it can be neither.
 */
function checkAccess(path: string): string | null {
  const directory = dirname(path);
  const parent = statOf(directory, path);
  if (parent === undefined)
    throw unavailable(
      path,
      `its directory ${directory} does not exist`,
      'create the directory or choose another path',
    );
  if (!parent.isDirectory())
    throw unavailable(path, `${directory} is not a directory`, 'choose a path inside a directory');
  const file = statOf(path, path);
  if (file === undefined) {
    if (isAccessible(directory, constants.W_OK)) return null;
    throw unavailable(path, `it is not there, and ${directory} is not writable for this user`, ACCESS_REMEDY);
  }
  if (file.isDirectory()) throw unavailable(path, 'it is a directory', 'give the path of a file');
  // SQLite takes a file of one byte for an empty one, and would write over it.
  if (file.size === 1) throw notADatabase(path, 'it is a file of one byte');
  if (!isAccessible(path, constants.R_OK))
    throw unavailable(path, `${path} is not readable for this user`, ACCESS_REMEDY);
  const locked = [path, directory].find((target) => !isAccessible(target, constants.W_OK));
  return locked === undefined ? null : `${locked} is not writable for this user`;
}

function statOf(target: string, path: string): Stats | undefined {
  try {
    return statSync(target, { throwIfNoEntry: false });
  } catch (error) {
    throw unavailable(path, (error as Error).message, 'choose another path');
  }
}

function isAccessible(target: string, mode: number): boolean {
  try {
    accessSync(target, mode);
    return true;
  } catch {
    return false;
  }
}

/** Only reads. True if the schema is complete and stamped; false if it is to be created. */
function isCurrent(db: Database, path: string): boolean {
  const { verdict, isComplete, found, supported } = findVersion(db, path);
  if (verdict === 'older')
    throw new StorageError(
      'SCHEMA_MISMATCH',
      `the database was written by an older Optuna: ${found}; ${supported}; bring it up to date with ` +
        `\`thanos storage upgrade --storage sqlite:///${path}\`, which leaves a copy of it as it is`,
    );
  return isComplete;
}

function enterWal(db: Database): void {
  for (let attempt = 1; attempt <= JOURNAL_ATTEMPTS; attempt++) {
    try {
      if (db.pragma('journal_mode = WAL') === 'wal') return;
    } catch (error) {
      if (!sqliteCode(error)?.startsWith('SQLITE_BUSY')) throw error;
    }
    sleep(JOURNAL_PAUSE_MS);
  }
  // A tool that holds a read lock, or a file system without shared memory: a rollback journal is slower, not wrong.
}

function leaveWal(db: Database): boolean {
  try {
    db.pragma('busy_timeout = 0');
    return db.pragma('journal_mode = DELETE') === 'delete';
  } catch {
    return false;
  }
}

function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function createSchema(db: Database, path: string): void {
  db.exec('BEGIN IMMEDIATE');
  try {
    if (!isCurrent(db, path)) {
      for (const { name, sqlite } of TABLES) {
        if (columnsOf(db, name).length > 0) continue;
        db.exec(`CREATE TABLE ${name} (${sqlite})`);
        if (Object.hasOwn(INDEXES, name)) db.exec(INDEXES[name]);
      }
      db.prepare('INSERT OR IGNORE INTO version_info VALUES (1, ?, ?)').run(
        SCHEMA_VERSION,
        `thanos-hpo ${version}`,
      );
      db.prepare('INSERT OR IGNORE INTO alembic_version VALUES (?)').run(ALEMBIC_REVISION);
    }
    db.exec('COMMIT');
  } catch (error) {
    if (db.inTransaction) db.exec('ROLLBACK');
    throw error;
  }
}
