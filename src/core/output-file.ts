/** Files that hold a result: a reader sees the old one or the new one, whatever happens while it is written. */
import {
  accessSync,
  appendFileSync,
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { ThanosError } from './errors.ts';

/** What to do about an error of the file system, by its code. */
const REMEDY: Readonly<Record<string, string>> = {
  ENOENT: 'make its folder first, or name another file',
  ENOTDIR: 'a part of the path is a file, not a folder; name another',
  EISDIR: 'it is a folder; name a file',
  EEXIST: 'a file has this name; name a folder',
  ENOSPC: 'the disk is full; make room',
  EDQUOT: 'the quota is used up; make room',
  EFBIG: 'files may not be so large here; name another disk',
  ENAMETOOLONG: 'the path is too long; give a shorter one',
  EROFS: 'the file system is read-only; name another place',
};
const OTHER_REMEDY = 'make the file and its folder writable for this user, or name another place';

const MOST_BYTES_AT_ONCE = 2 ** 30;
let staged = 0;

/** A file that is written and durable, but beside its place. */
interface StagedFile {
  /** Moves it there. */
  place(): void;
  discard(): void;
}

/** Text, bytes, or bytes in several pieces. */
export type FileContent = string | Uint8Array | readonly Uint8Array[];

/**
 * Writes a file beside its place, makes it durable, and moves it there. On an error the file that was there stays as it was. What is
 * no regular file (a terminal, a pipe, `/dev/null`) is written to as it is.
 * @throws ThanosError FILE_NOT_WRITTEN
 */
export function writeOutputFile(path: string, content: FileContent): void {
  writeOutputFiles({ [path]: content });
}

/** Writes files that belong together as `writeOutputFile` does: none takes its place before all are written. @throws ThanosError FILE_NOT_WRITTEN */
export function writeOutputFiles(contents: Readonly<Record<string, FileContent>>): void {
  const files: [path: string, file: StagedFile][] = [];
  try {
    for (const [path, content] of Object.entries(contents))
      writingTo(path, () => files.push([path, stage(path, content)]));
    for (const [path, file] of files) writingTo(path, () => file.place());
  } catch (error) {
    for (const [, file] of files) file.discard();
    throw error;
  }
}

/** Writes a text that is made while it is written, as `writeOutputFile` does. @throws ThanosError FILE_NOT_WRITTEN, or what `parts` throws. */
export async function writeOutputFileInParts(path: string, parts: AsyncIterable<string>): Promise<void> {
  let target = { temporary: path, place: path, mode: undefined as number | undefined, isStaged: false };
  let file = -1;
  writingTo(path, () => {
    const old = assertReplaceable(path);
    const isStaged = old === undefined || old.isFile();
    const place = old === undefined ? path : realpathSync(path);
    const temporary = isStaged ? temporaryBeside(place) : path;
    target = { temporary, place, mode: old?.mode, isStaged };
    if (isStaged) rmSync(temporary, { force: true });
    file = openSync(temporary, isStaged ? 'wx' : 'w');
  });
  const { temporary, place, mode, isStaged } = target;
  try {
    for await (const part of parts) writingTo(path, () => writeAllSync(file, Buffer.from(part)));
    if (isStaged)
      writingTo(path, () => {
        if (mode !== undefined) fchmodSync(file, mode);
        fsyncSync(file);
        renameSync(temporary, place);
        syncFolder(dirname(place));
      });
  } catch (error) {
    if (isStaged) rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
}

/** Finds out before long work whether `writeOutputFile` can write here. @throws ThanosError FILE_NOT_WRITTEN */
export function assertOutputFile(path: string): void {
  writingTo(path, () => {
    const old = assertReplaceable(path);
    if (old !== undefined && !old.isFile()) return;
    const temporary = temporaryBeside(old ? realpathSync(path) : path);
    closeSync(openSync(temporary, 'w'));
    rmSync(temporary);
  });
}

/** Adds text to the end of a file, which is made if it is not there. @throws ThanosError FILE_NOT_WRITTEN */
export function appendOutputFile(path: string, text: string): void {
  writingTo(path, () => appendFileSync(path, text));
}

/** Makes a folder, and those above it, unless it is there. @throws ThanosError FILE_NOT_WRITTEN */
export function makeFolder(path: string): void {
  writingTo(path, () => mkdirSync(path, { recursive: true }));
}

function writeAllSync(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; )
    done += writeSync(file, bytes, done, Math.min(bytes.length - done, MOST_BYTES_AT_ONCE));
}

/** What is at the path now. @throws an error of the file system if it must not be overwritten. */
function assertReplaceable(path: string): Stats | undefined {
  const old = statSync(path, { throwIfNoEntry: false });
  if (path === '') throw notWritten(path, 'ENOENT', 'ENOENT: it has no name');
  if (old?.isDirectory()) throw notWritten(path, 'EISDIR', 'EISDIR: is a folder');
  if (old !== undefined) accessSync(path, constants.W_OK);
  return old;
}

function stage(path: string, content: FileContent): StagedFile {
  const parts = typeof content === 'string' ? [Buffer.from(content)] : [content].flat();
  const old = assertReplaceable(path);
  if (old !== undefined && !old.isFile())
    return { place: () => writeParts(path, 'w', parts), discard: () => {} };
  // A link stays one.
  const place = old === undefined ? path : realpathSync(path);
  const temporary = temporaryBeside(place);
  const discard = (): void => rmSync(temporary, { force: true });
  // One of this name is left of a process that was killed.
  discard();
  try {
    writeParts(temporary, 'wx', parts, old?.mode);
  } catch (error) {
    discard();
    throw error;
  }
  return {
    place: () => {
      renameSync(temporary, place);
      syncFolder(dirname(place));
    },
    discard,
  };
}

/** Its name is short, so that a path as long as may be can be replaced, too, and says whose it is. */
function temporaryBeside(path: string): string {
  return join(dirname(path), `.thanos-${staged++}.${process.pid}.tmp`);
}

function writeParts(path: string, flags: 'w' | 'wx', parts: readonly Uint8Array[], mode?: number): void {
  const file = openSync(path, flags);
  try {
    for (const bytes of parts) writeAllSync(file, bytes);
    if (flags === 'w') return;
    if (mode !== undefined) fchmodSync(file, mode);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Makes the move durable; Windows has no such call on a folder. */
function syncFolder(path: string): void {
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function writingTo(path: string, work: () => void): void {
  try {
    work();
  } catch (cause) {
    if (cause instanceof ThanosError) throw cause;
    const { code = '', message } = cause as NodeJS.ErrnoException;
    // What follows the comma is the call, on a file that nobody has named.
    const [reason] = message.split(',');
    throw notWritten(path, code, reason, { cause });
  }
}

function notWritten(path: string, code: string, reason: string, options?: ErrorOptions): ThanosError {
  const remedy = REMEDY[code] ?? OTHER_REMEDY;
  return new ThanosError('FILE_NOT_WRITTEN', `'${path}' cannot be written (${reason}): ${remedy}`, options);
}
