/** Bringing a study file of an older Optuna to the schema of today, with a copy of it left beside it. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { StorageError } from '../../src/core/errors.ts';
import { ALEMBIC_REVISION } from '../sql/schema.ts';
import { type Database, openDatabase, storageError } from './driver.ts';
import { findVersion } from './found-version.ts';
import { migrateTables } from './migrations.ts';
import { assertPath } from './open.ts';

/** What `upgradeFile` found and did. */
export interface UpgradeResult {
  /** Absolute path of the database. */
  readonly path: string;
  /** The alembic revision that was found; null if the file named none. */
  readonly from: string | null;
  /** The alembic revision that the file has now. */
  readonly to: string;
  /** Path of the copy of the file as it was; null if it was up to date, and nothing was written. */
  readonly backup: string | null;
}

const BUSY_TIMEOUT_MS = 60_000;

/**
 * Upgrades a file of Optuna 0.9 to 3.1 so that THANOS and Optuna 3.2 and later open it. All happens in one transaction, after the
 * file has been copied to `<path>.<revision>.bak`; nothing is changed if anything is wrong.
 * @throws StorageError STORAGE_UNAVAILABLE, STORAGE_CORRUPT, SCHEMA_MISMATCH.
 */
export function upgradeFile(path: string): UpgradeResult {
  assertPath(path);
  const absolute = resolve(path);
  if (!existsSync(absolute))
    throw new StorageError(
      'STORAGE_UNAVAILABLE',
      `there is no database ${absolute} to upgrade; check the path`,
    );
  let db: Database | null = null;
  try {
    db = openDatabase(absolute, BUSY_TIMEOUT_MS, { readonly: true });
    const found = findVersion(db, absolute);
    db.close();
    const done = { path: absolute, from: found.revision, to: ALEMBIC_REVISION };
    if (found.verdict !== 'older') return { ...done, backup: null };
    db = openDatabase(absolute, BUSY_TIMEOUT_MS, { mustExist: true });
    const backup = freeFileName(`${absolute}.${found.revision ?? 'old'}.bak`);
    db.prepare('VACUUM INTO ?').run(backup);
    upgradeIn(db, absolute);
    return { ...done, backup };
  } catch (error) {
    throw storageError(absolute, error);
  } finally {
    db?.close();
  }
}

function upgradeIn(db: Database, path: string): void {
  // References are kept by name while tables are made anew.
  db.pragma('foreign_keys = OFF');
  db.exec('BEGIN IMMEDIATE');
  try {
    // Another process may have been faster.
    if (findVersion(db, path).verdict === 'older') migrateTables(db);
    findVersion(db, path);
    db.exec('COMMIT');
  } catch (error) {
    if (db.inTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

function freeFileName(name: string): string {
  if (!existsSync(name)) return name;
  for (let k = 1; ; k++) if (!existsSync(`${name}.${k}`)) return `${name}.${k}`;
}
