import type { Readable } from 'node:stream';

/** Where the files of artifacts are kept, by id. */
export interface ArtifactStore {
  /** Keeps the content; a reader sees all of it or none. The same id again replaces it. */
  write(artifactId: string, content: Readable): Promise<void>;
  /** @throws ThanosError ARTIFACT_NOT_FOUND */
  openReader(artifactId: string): Promise<Readable>;
  /** @throws ThanosError ARTIFACT_NOT_FOUND */
  remove(artifactId: string): Promise<void>;
}
