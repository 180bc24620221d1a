import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolder, writeOutputFiles } from '../../src/core/output-file.ts';

type Content = string | Uint8Array;

/**
 * Writes a file so that a killed process or a full disk leaves the old one or the new one, never a half. Makes the folder.
 * @throws ThanosError FILE_NOT_WRITTEN
 */
export function writeFileAtomic(path: string, content: Content): void {
  writeFilesAtomic({ [path]: content });
}

/** The same for files that belong together: none takes its place before all are written. Those that are there already stay. */
export function writeFilesAtomic(contents: Readonly<Record<string, Content>>): void {
  const changed = Object.entries(contents).filter(([path, content]) => !holds(path, content));
  for (const [path] of changed) makeFolder(dirname(path));
  writeOutputFiles(Object.fromEntries(changed));
}

function holds(path: string, content: Content): boolean {
  try {
    return readFileSync(path).equals(Buffer.from(content));
  } catch {
    return false;
  }
}

/** Removes what writers of {@link writeFileAtomic} and of checkpoints left in a folder when they were killed. */
export function removeStaleTemporaries(directory: string): void {
  if (!existsSync(directory)) return;
  for (const name of readdirSync(directory)) {
    const pid = /\.(\d+)\.tmp$/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(directory, name), { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
