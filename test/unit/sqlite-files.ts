/** Study files in a temporary directory, for tests. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../../storage/sqlite/driver.ts';

export interface SqliteFiles {
  readonly directory: string;
  newPath(): string;
  /** Runs SQL on a file as another program would; the rows of a SELECT or PRAGMA. */
  sql(path: string, text: string): unknown[][];
  remove(): void;
}

export function sqliteFiles(): SqliteFiles {
  const directory = mkdtempSync(join(tmpdir(), 'thanos-sqlite-'));
  let files = 0;
  return {
    directory,
    newPath: () => join(directory, `${files++}.db`),
    sql(path, text) {
      const db = openDatabase(path, 5000);
      db.pragma('foreign_keys = OFF');
      try {
        if (/^(SELECT|PRAGMA)/.test(text)) return db.prepare(text).all() as unknown[][];
        db.exec(text);
        return [];
      } finally {
        db.close();
      }
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
