/** What is done for a study whose file was deleted, moved or replaced while it was open: SQLite itself goes on without a word. */
import { existsSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { StorageLostError } from '../../src/core/errors.ts';
import type { Database } from './driver.ts';
import { identityOf } from './file-identity.ts';

/** Writes all that the open connection still reads to a new file; returns the error that names it. */
export function rescued(db: Database, path: string, identity: string): StorageLostError {
  const what =
    identityOf(path) === null
      ? 'it was deleted or moved while it was open'
      : 'another file was put in its place while it was open';
  return new StorageLostError(`the database ${path} is gone: ${what}; ${copied(db, path, identity)}`);
}

/** Each worker on the lost file writes the same copy; the last one is the most complete. */
function copied(db: Database, path: string, identity: string): string {
  const directory = existsSync(dirname(path)) ? dirname(path) : tmpdir();
  const target = join(directory, `${basename(path)}.rescued-${identity.split(':')[1]}`);
  const part = `${target}.part-${process.pid}`;
  try {
    rmSync(part, { force: true });
    db.prepare('VACUUM INTO ?').run(part);
    renameSync(part, target);
    return `all that it held was saved to ${target}; move that file back to go on`;
  } catch (error) {
    rmSync(part, { force: true });
    return `what it held could not be saved to ${target}: ${(error as Error).message}`;
  }
}
