import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { InvalidArgumentError } from '../core/errors.ts';

/** Before the work whose result it is to hold. @throws InvalidArgumentError unless it can be a file in a folder that is there. */
export function assertWritableFile(option: string, path: string): void {
  const refuse = (what: string): never => {
    throw new InvalidArgumentError(`${option} must be a file to write, but ${what}`);
  };
  if (path === '') refuse('it is empty');
  if (isFolder(path)) refuse(`${resolve(path)} is a folder; name a file in it`);
  const folder = dirname(resolve(path));
  if (!isFolder(folder)) refuse(`there is no folder ${folder}; make it first`);
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
