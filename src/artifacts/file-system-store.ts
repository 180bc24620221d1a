import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { InvalidArgumentError, StorageError, ThanosError } from '../core/errors.ts';
import { shown } from '../core/shown.ts';
import type { ArtifactStore } from './store.ts';
import { removeAbandoned, unfinishedName } from './unfinished-files.ts';

/** File names may have 255 bytes, and an unfinished file has some more than its artifact. */
const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/;

/** Keeps each artifact as the file `<basePath>/<id>`, as Optuna's class of this name does: both read the same folder. */
export class FileSystemArtifactStore implements ArtifactStore {
  /** The folder's absolute path. */
  readonly basePath: string;
  /** Once for each store: a folder may hold very many files. */
  #tidied: Promise<void> | null = null;

  /** @param basePath a folder; made when something is first written. */
  constructor(basePath: string) {
    if (typeof basePath !== 'string' || basePath === '')
      throw new InvalidArgumentError(
        `FileSystemArtifactStore needs the path of a folder, but got ${shown(basePath)}`,
      );
    this.basePath = resolve(basePath);
  }

  /** @throws ThanosError STORAGE_UNAVAILABLE if it cannot be written; nothing is left of it then. */
  async write(artifactId: string, content: Readable): Promise<void> {
    const path = this.#pathOf(artifactId);
    const unfinished = join(this.basePath, unfinishedName(artifactId));
    try {
      await mkdir(this.basePath, { recursive: true });
      const file = await open(unfinished, 'w');
      try {
        const { mtimeMs } = await file.stat();
        this.#tidied ??= removeAbandoned(this.basePath, mtimeMs).catch(() => {});
        await this.#tidied;
        await writeFile(file, content);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(unfinished, path);
    } catch (error) {
      await rm(unfinished, { force: true }).catch(() => {});
      throw new StorageError(
        'STORAGE_UNAVAILABLE',
        `artifact '${artifactId}' cannot be written to ${this.basePath}: ${(error as Error).message}; the folder must be writable ` +
          'and have room',
        { cause: error },
      );
    }
  }

  async openReader(artifactId: string): Promise<Readable> {
    try {
      const file = await open(this.#pathOf(artifactId), 'r');
      if ((await file.stat()).isFile()) return file.createReadStream();
      await file.close();
      throw notFound(artifactId, this.basePath);
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
        `an artifact's id must be 1 to 200 letters, digits, '.', '_' and '-', as uploadArtifact returns it, but is ${shown(artifactId)}`,
      );
    return join(this.basePath, artifactId);
  }
}

function asNotFound(error: unknown, artifactId: string, basePath: string): unknown {
  return (error as NodeJS.ErrnoException).code === 'ENOENT' ? notFound(artifactId, basePath) : error;
}

function notFound(artifactId: string, basePath: string): ThanosError {
  return new ThanosError('ARTIFACT_NOT_FOUND', `there is no artifact '${artifactId}' in ${basePath}`);
}
