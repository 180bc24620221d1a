/** The only file that knows better-sqlite3. */
import BetterSqlite3 from 'better-sqlite3';
import { StorageError } from '../../src/core/errors.ts';
import { entry } from './entry.ts';

type SqlValue = string | number | null;

interface Statement {
  run(...values: SqlValue[]): { readonly changes: number; readonly lastInsertRowid: number | bigint };
  /** The first row as a tuple. */
  get(...values: SqlValue[]): unknown;
  /** All rows as tuples. */
  all(...values: SqlValue[]): unknown[];
}

export interface Database {
  /** A statement whose rows are tuples; repeated calls with the same text return the same one. */
  prepare(sql: string): Statement;
  /** A statement whose rows are the values of their first column, not tuples. */
  column(sql: string): Statement;
  /** Runs statements that return nothing. */
  exec(sql: string): void;
  /** Value of the first column of a pragma's first row. */
  pragma(source: string): unknown;
  readonly inTransaction: boolean;
  close(): void;
}

export interface OpenMode {
  readonly readonly?: boolean | undefined;
  /** Without it, or `readonly`, a file that is not there is created. */
  readonly mustExist?: boolean | undefined;
}

/** Opens a database file; `busyTimeoutMs` is how long a statement waits for the locks of other processes. */
export function openDatabase(path: string, busyTimeoutMs: number, mode: OpenMode = {}): Database {
  const { readonly = false, mustExist = readonly } = mode;
  const db = new BetterSqlite3(path, { timeout: busyTimeoutMs, readonly, fileMustExist: mustExist });
  const statements = new Map<string, Statement>();
  const columns = new Map<string, Statement>();
  return {
    prepare: (sql) =>
      entry(statements, sql, () => {
        const statement = db.prepare<SqlValue[]>(sql);
        return statement.reader ? statement.raw(true) : statement;
      }),
    column: (sql) => entry(columns, sql, () => db.prepare<SqlValue[]>(sql).pluck(true)),
    exec: (sql) => void db.exec(sql),
    pragma: (source) => db.pragma(source, { simple: true }),
    get inTransaction() {
      return db.inTransaction;
    },
    close: () => void db.close(),
  };
}

/** SQLite's result code, such as SQLITE_BUSY; null if the error is not the driver's. */
export function sqliteCode(error: unknown): string | null {
  return error instanceof BetterSqlite3.SqliteError ? error.code : null;
}

const REMEDY: readonly (readonly [code: string, remedy: string])[] = [
  ['SQLITE_BUSY', 'another process held it for longer than the time-out; end that process or try again'],
  ['SQLITE_LOCKED', 'another connection holds it; try again'],
  ['SQLITE_READONLY', 'make the file and its directory writable'],
  ['SQLITE_CANTOPEN', 'check that the path is a file in an existing, writable directory'],
  ['SQLITE_PERM', 'make the file and its directory writable'],
  ['SQLITE_FULL', 'free some disk space'],
  ['SQLITE_IOERR', 'check the disk, and that nobody removed the file'],
];

export function notADatabase(path: string, detail: string, cause?: unknown): StorageError {
  return new StorageError(
    'STORAGE_CORRUPT',
    `a study database must be a SQLite file, but ${path} is not one: ${detail}; it was left as it is, choose another path`,
    { cause },
  );
}

/** Turns an error of the driver into a StorageError that names the file; returns others as they are. */
export function storageError(path: string, error: unknown): unknown {
  const code = sqliteCode(error);
  if (code === null) return error;
  const detail = `${(error as Error).message} (${code})`;
  if (code.startsWith('SQLITE_NOTADB')) return notADatabase(path, detail, error);
  if (code.startsWith('SQLITE_CORRUPT'))
    return new StorageError(
      'STORAGE_CORRUPT',
      `the database ${path} is damaged: ${detail}; restore it from a backup, or rescue what can be read with ` +
        '`sqlite3 FILE .recover`',
      { cause: error },
    );
  const remedy = REMEDY.find(([prefix]) => code.startsWith(prefix))?.[1] ?? 'check the file';
  return new StorageError(
    'STORAGE_UNAVAILABLE',
    `the database ${path} cannot be used: ${detail}; ${remedy}`,
    { cause: error },
  );
}
