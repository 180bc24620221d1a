import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { InvalidArgumentError, ThanosError } from '../core/errors.ts';
import { shown } from '../core/shown.ts';
import type { ArtifactStore } from './store.ts';

const ID = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** Keeps each artifact as the file `<basePath>/<id>`, as Optuna's class of this name does: both read the same folder. */
export class FileSystemArtifactStore implements ArtifactStore {
  readonly basePath: string;
  #writes = 0;

  /** @param basePath a folder; made when something is first written. */
  constructor(basePath: string) {
    if (typeof basePath !== 'string' || basePath === '')
      throw new InvalidArgumentError(
        `FileSystemArtifactStore needs the path of a folder, but got ${shown(basePath)}`,
      );
    this.basePath = resolve(basePath);
  }

  async write(artifactId: string, content: Readable): Promise<void> {
    const path = this.#pathOf(artifactId);
    await mkdir(this.basePath, { recursive: true });
    const unfinished = join(this.basePath, `.${artifactId}.${process.pid}-${this.#writes++}.part`);
    try {
      const file = await open(unfinished, 'w');
      try {
        await writeFile(file, content);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(unfinished, path);
    } catch (error) {
      await rm(unfinished, { force: true });
      throw error;
    }
  }

  async openReader(artifactId: string): Promise<Readable> {
    try {
      return (await open(this.#pathOf(artifactId), 'r')).createReadStream();
    } catch (error) {
      throw asNotFound(error, artifactId, this.basePath);
    }
  }

  async remove(artifactId: string): Promise<void> {
    try {
      await rm(this.#pathOf(artifactId));
    } catch (error) {
      throw asNotFound(error, artifactId, this.basePath);
    }
  }

  /** @throws InvalidArgumentError for an id that is not a plain file name, so that no path leads out of the folder. */
  #pathOf(artifactId: string): string {
    if (typeof artifactId !== 'string' || !ID.test(artifactId))
      throw new InvalidArgumentError(
        `an artifact's id must be letters, digits, '.', '_' and '-', as uploadArtifact returns it, but is ${shown(artifactId)}`,
      );
    return join(this.basePath, artifactId);
  }
}

function asNotFound(error: unknown, artifactId: string, basePath: string): unknown {
  return (error as NodeJS.ErrnoException).code === 'ENOENT'
    ? new ThanosError('ARTIFACT_NOT_FOUND', `there is no artifact '${artifactId}' in ${basePath}`)
    : error;
}
