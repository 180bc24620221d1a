import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolder, writeOutputFiles } from '../../src/core/output-file.ts';
import { isRunning } from '../../src/core/processes.ts';

type Content = string | Uint8Array;

/**
 * Writes a file so that a killed process or a full disk leaves the old one or the new one, never a half. Makes the folder.
 * @throws ThanosError FILE_NOT_WRITTEN
 */
export function writeFileAtomic(path: string, content: Content): void {
  writeFilesAtomic({ [path]: content });
}

/** Writes files that belong together as `writeFileAtomic` does: none takes its place before all are written. Those that are there already stay. */
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

/** The names of temporary files of what a run writes, by this version and by earlier ones; the number is the process. */
const TEMPORARY =
  /^(?:\.thanos-\d+|supernet-.+|tokenizer.+|(?:en|de)coder\.onnx|subtransformer\.yml|report\.html)\.(\d+)\.tmp$/;

/** Removes what writers that were killed have left in the folder of a run and in those of its exported models. */
export function removeStaleTemporaries(directory: string): void {
  if (!existsSync(directory)) return;
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory() && /^subtransformer-\d+$/.test(entry.name)) removeStaleTemporaries(path);
    const pid = TEMPORARY.exec(entry.name)?.[1];
    if (entry.isFile() && pid !== undefined && !isRunning(Number(pid))) rmSync(path, { force: true });
  }
}
