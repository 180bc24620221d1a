/** Files kept beside a study. */
export {
  type ArtifactMeta,
  type DownloadOptions,
  downloadArtifact,
  listArtifacts,
  type UploadOptions,
  uploadArtifact,
} from './artifacts.ts';
export { FileSystemArtifactStore } from './file-system-store.ts';
export type { ArtifactStore } from './store.ts';
