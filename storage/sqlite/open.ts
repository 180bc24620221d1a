/** Opening and closing a study file: what is checked before the first byte is written, and the journal mode. */
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { StorageError } from '../../src/core/errors.ts';
import { shown } from '../../src/core/shown.ts';
import { ALEMBIC_REVISION, INDEXES, judgeVersion, SCHEMA_VERSION, TABLES } from '../sql/schema.ts';
import { type Database, openDatabase, sqliteCode, storageError } from './driver.ts';

/** How long a write waits for other processes. Each write is short, so this is reached only if one is stopped. */
const BUSY_TIMEOUT_MS = 60_000;
/** Changing the journal mode needs the file for oneself for a moment, and SQLite does not wait for that by itself. */
const JOURNAL_ATTEMPTS = 50;
const JOURNAL_PAUSE_MS = 20;
const CLOSE_ATTEMPTS = 3;
/** 32 MiB. A checkpoint is the only thing that waits for the disk, so it should be rare. */
const CHECKPOINT_PAGES = 8192;

const { version } = createRequire(import.meta.url)('thanos-hpo/package.json') as { version: string };

/**
 * Opens a study file of ours or of Optuna's, or creates it. A file that is refused is not written to.
 * @throws StorageError STORAGE_UNAVAILABLE, STORAGE_CORRUPT or SCHEMA_MISMATCH.
 */
export function openStudyFile(path: string): Database {
  assertUsablePath(path);
  let db: Database | null = null;
  try {
    if (existsSync(`${path}-wal`)) {
      // Closing the only connection would move what a killed process left in the write-ahead log into the file. A
      // read-only one does not, so a file that is refused stays as it is.
      db = openDatabase(path, BUSY_TIMEOUT_MS, true);
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
    return db;
  } catch (error) {
    db?.close();
    throw storageError(path, error);
  }
}

/** Closes; the last connection leaves the file in rollback-journal mode, which every reader opens. */
export function closeStudyFile(db: Database, path: string): void {
  let open = db;
  for (let attempt = 1; ; attempt++) {
    const alone = leaveWal(open);
    open.close();
    // When two connections close at the same moment, each sees the other and neither is alone. SQLite removes the
    // write-ahead log with the last connection, so whoever then finds it gone tries once more.
    if (alone || attempt === CLOSE_ATTEMPTS || existsSync(`${path}-wal`) || !existsSync(path)) return;
    try {
      open = openDatabase(path, 0);
    } catch {
      return;
    }
  }
}

function assertUsablePath(path: string): void {
  const unavailable = (problem: string, remedy: string): never => {
    throw new StorageError(
      'STORAGE_UNAVAILABLE',
      `the database ${path} cannot be opened: ${problem}; ${remedy}`,
    );
  };
  const directory = dirname(path);
  const parent = statSync(directory, { throwIfNoEntry: false });
  if (parent === undefined)
    unavailable(`its directory ${directory} does not exist`, 'create the directory or choose another path');
  if (!parent?.isDirectory())
    unavailable(`${directory} is not a directory`, 'choose a path inside a directory');
  const file = statSync(path, { throwIfNoEntry: false });
  if (file?.isDirectory()) unavailable('it is a directory', 'give the path of a file');
  for (const target of file === undefined ? [directory] : [directory, path]) {
    try {
      accessSync(target, constants.R_OK | constants.W_OK);
    } catch {
      unavailable(`${target} is not readable and writable for this user`, 'change its permissions');
    }
  }
}

function columnsOf(db: Database, table: string): readonly string[] {
  return (db.prepare('SELECT name FROM pragma_table_info(?)').all(table) as [string][]).map(([name]) => name);
}

/** Only reads. True if the schema is complete and stamped; false if it is to be created. */
function isCurrent(db: Database, path: string): boolean {
  const present = new Map<string, readonly string[]>();
  for (const { name } of TABLES) {
    const columns = columnsOf(db, name);
    if (columns.length > 0) present.set(name, columns);
  }
  const scalar = (table: string, column: string): unknown =>
    present.get(table)?.includes(column)
      ? ((db.prepare(`SELECT ${column} FROM ${table} LIMIT 1`).get() as [unknown] | undefined)?.[0] ?? null)
      : null;
  const revision = scalar('alembic_version', 'version_num') as string | null;
  const schemaVersion = scalar('version_info', 'schema_version') as number | null;
  const hasStudies = present.has('studies') && scalar('studies', 'study_id') !== null;
  const verdict = judgeVersion({ revision, schemaVersion, hasStudies });
  const found = `${path} has alembic revision ${revision ?? '(none)'} and schema_version ${schemaVersion ?? '(none)'}`;
  const supported = `supported are ${ALEMBIC_REVISION} and ${SCHEMA_VERSION} (Optuna 3.2 and later)`;
  if (verdict === 'older')
    throw new StorageError(
      'SCHEMA_MISMATCH',
      `the database was written by an older Optuna: ${found}; ${supported}; back the file up, then run ` +
        `\`optuna storage upgrade --storage sqlite:///${path}\``,
    );
  // Many programs keep their schema's version in a table of this name.
  if (verdict === 'newer' && !present.get('version_info')?.includes('schema_version'))
    throw new StorageError(
      'SCHEMA_MISMATCH',
      `a study database must be one of THANOS or Optuna, but ${path} is of another program: its alembic_version is ` +
        `${shown(revision)}, and it has no version_info; it was left as it is, choose another path`,
    );
  if (verdict === 'newer')
    throw new StorageError(
      'SCHEMA_MISMATCH',
      `the database was written by a newer program: ${found}; ${supported}; update thanos-hpo, or use another file`,
    );
  for (const { name, columns } of TABLES) {
    const missing = columns.filter((column) => present.has(name) && !present.get(name)!.includes(column));
    if (missing.length > 0)
      throw new StorageError(
        'SCHEMA_MISMATCH',
        `the tables of ${path} are not those of a study database: found '${name}' without ${missing.join(', ')}; ` +
          `${supported}; it was left as it is, choose another path`,
      );
  }
  return verdict === 'current' && present.size === TABLES.length;
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
