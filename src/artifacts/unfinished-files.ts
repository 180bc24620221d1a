/** Files that an upload writes first and then renames, so that a reader sees all of an artifact or none. */
import { createHash } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { isRunning, pidNamespace } from '../core/processes.ts';

/** Nobody writes at a file any more that has not grown for so long. */
const ABANDONED_AFTER_MS = 24 * 3600 * 1000;

/** `.<id>.<place>-<pid>-<n>.part`; without a place it was written by an earlier version. */
const UNFINISHED = /^\..+\.(?:([0-9a-f]{8})-)?(\d+)-\d+\.part$/;

let count = 0;

/** A name of this process's own. */
export function unfinishedName(artifactId: string): string {
  return `.${artifactId}.${place()}-${process.pid}-${count++}.part`;
}

/**
 * Removes what killed uploads have left. A file of another host or container is left alone for a day, as it may be growing.
 * @param now of the folder's file system: when a file was last written there, in ms.
 */
export async function removeAbandoned(folder: string, now: number): Promise<void> {
  for (const name of await readdir(folder)) {
    const match = UNFINISHED.exec(name);
    if (match === null) continue;
    const path = join(folder, name);
    const isAbandoned = match[1] === place() ? !isRunning(Number(match[2])) : await isOld(path, now);
    if (isAbandoned) await rm(path, { force: true });
  }
}

async function isOld(path: string, now: number): Promise<boolean> {
  try {
    return now - (await stat(path)).mtimeMs > ABANDONED_AFTER_MS;
  } catch {
    // Finished or removed meanwhile.
    return false;
  }
}

let thisPlace: string | null = null;

/** Where process ids mean the same: host and, as containers may share its name, pid namespace. */
function place(): string {
  thisPlace ??= createHash('sha256')
    .update(`${hostname()} ${pidNamespace() ?? ''}`)
    .digest('hex')
    .slice(0, 8);
  return thisPlace;
}
