import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { InvalidDataError } from '../../src/core/errors.ts';

type Content = string | Uint8Array;

/**
 * Writes a file so that a killed process or a full disk leaves the old one or the new one, never a half. Makes the folder.
 * @throws InvalidDataError with the file and the system's reason.
 */
export function writeFileAtomic(path: string, content: Content): void {
  writeFilesAtomic({ [path]: content });
}

/** The same for files that belong together: none takes its place before all are written. Those that are there already stay. */
export function writeFilesAtomic(contents: Readonly<Record<string, Content>>): void {
  const changed = Object.entries(contents).filter(([path, content]) => !holds(path, content));
  const temporaries = changed.map(([path]) => [`${path}.${process.pid}.tmp`, path] as const);
  let current = '';
  try {
    for (const [i, [path, content]] of changed.entries()) {
      current = path;
      makeFolder(dirname(path));
      writeFileSync(temporaries[i][0], content);
    }
    for (const [temporary, path] of temporaries) {
      current = path;
      renameSync(temporary, path);
    }
  } catch (cause) {
    for (const [temporary] of temporaries) removeIfThere(temporary);
    throw unwritable(current, cause);
  }
}

/** @throws InvalidDataError with the file and the system's reason. */
export function appendLine(path: string, line: string): void {
  try {
    appendFileSync(path, `${line}\n`);
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

/** A folder, with those above it. @throws InvalidDataError with the system's reason. */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

function unwritable(path: string, cause: unknown): InvalidDataError {
  if (cause instanceof InvalidDataError) return cause;
  return new InvalidDataError(
    path,
    `this cannot be written (${(cause as Error).message}); make room, or choose a folder that can be written`,
    { cause },
  );
}

function removeIfThere(path: string): void {
  // `force` does not mind a file that is missing, but does a folder that is none.
  if (existsSync(path)) rmSync(path);
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
