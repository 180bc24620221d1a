/** Which version of the schema a file has. */
import { StorageError } from '../../src/core/errors.ts';
import { shown } from '../../src/core/shown.ts';
import {
  ALEMBIC_REVISION,
  judgeVersion,
  SCHEMA_VERSION,
  TABLES,
  type VersionVerdict,
} from '../sql/schema.ts';
import type { Database } from './driver.ts';

export interface FoundSchema {
  readonly verdict: VersionVerdict;
  /** Null if the file names none. */
  readonly revision: string | null;
  /** Whether all tables are there, and stamped as those of today. */
  readonly isComplete: boolean;
  /** What was found, for messages. */
  readonly found: string;
  readonly supported: string;
}

export function columnsOf(db: Database, table: string): readonly string[] {
  return (db.prepare('SELECT name FROM pragma_table_info(?)').all(table) as [string][]).map(([name]) => name);
}

/**
 * Only reads.
 * @throws StorageError SCHEMA_MISMATCH for a file of another program, or of a newer Optuna.
 */
export function findVersion(db: Database, path: string): FoundSchema {
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
  if (verdict === 'older') return { verdict, revision, isComplete: false, found, supported };
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
  const isComplete = verdict === 'current' && present.size === TABLES.length;
  return { verdict, revision, isComplete, found, supported };
}
