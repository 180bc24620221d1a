/** Files that belong to a study or a trial. Their metadata are attributes, in Optuna's form, so that its dashboard shows them. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rm, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ARTIFACT_PREFIX, RECORD_ARTIFACT } from '../core/artifact-attr.ts';
import { InvalidArgumentError, StorageError } from '../core/errors.ts';
import type { Attrs, JsonValue } from '../core/frozen-trial.ts';
import { isPlainObject } from '../core/json.ts';
import {
  assertKnownOptions,
  checkOption,
  checkOptions,
  type OptionRule,
  objectWith,
} from '../core/option-rules.ts';
import { parsePythonJson, stringifyPythonJson } from '../core/python-json.ts';
import { shown } from '../core/shown.ts';
import type { Trial } from '../core/trial.ts';
import { guessMediaType } from './media-types.ts';
import type { ArtifactStore } from './store.ts';

const DEFAULT_TYPE = 'application/octet-stream';

/** What a study keeps about an uploaded file. */
export interface ArtifactMeta {
  /** The id under which the store keeps the file; `downloadArtifact` takes it. */
  readonly artifactId: string;
  /** Name of the file that was uploaded, without its folder. */
  readonly filename: string;
  /** The media type, for example `image/png`; `application/octet-stream` if it is not known. */
  readonly mimetype: string;
  /** The Content-Encoding, `gzip` for example; null if the content is as the type says. */
  readonly encoding: string | null;
}

/** What is asked of a `Study`. */
interface StudyOwner {
  /** The study's name, from which an artifact's id follows. */
  readonly studyName: string;
  /** The study's system attributes, which hold what is known of its artifacts. */
  readonly systemAttrs: Attrs;
  /** Writes one system attribute. */
  setSystemAttr(key: string, value: JsonValue): Promise<void>;
}

/** What is asked of a running `Trial`. */
type TrialOwner = Pick<Trial, 'studyName' | 'number' | 'signal' | 'systemAttrs'>;

function recordsArtifacts(
  trial: unknown,
): trial is { [RECORD_ARTIFACT](artifactId: string, meta: JsonValue): Promise<void> } {
  return typeof trial === 'object' && trial !== null && RECORD_ARTIFACT in trial;
}

/** What `uploadArtifact` takes: a file, a store, and either the study or the running trial that it belongs to. */
export type UploadOptions = {
  /** Where the file is copied to. */
  readonly store: ArtifactStore;
  /** The file, readable. */
  readonly filePath: string;
  /** Default: by the file's extension. */
  readonly mimetype?: string | undefined;
  /** The Content-Encoding, `gzip` for example. Default: by the file's extension; null if it names none. */
  readonly encoding?: string | undefined;
} & (
  | {
      /** The study that the file belongs to. */
      readonly study: StudyOwner;
      /** Absent: the file belongs to the study. */
      readonly trial?: undefined;
    }
  | {
      /** The running trial that the file belongs to. */
      readonly trial: TrialOwner;
      /** Absent: the file belongs to the trial. */
      readonly study?: undefined;
    }
);

/** What `downloadArtifact` takes. */
export interface DownloadOptions {
  /** Where the file was uploaded to. */
  readonly store: ArtifactStore;
  /** What `uploadArtifact` returned, or `listArtifacts` shows. */
  readonly artifactId: string;
  /** Must not exist. */
  readonly filePath: string;
}

const TEXT: OptionRule = {
  what: 'a non-empty string',
  accepts: (value) => typeof value === 'string' && value !== '',
};
const STORE = objectWith('an ArtifactStore, as new FileSystemArtifactStore(folder)', 'write', 'openReader');
const UPLOAD_RULES: Readonly<Record<keyof UploadOptions, OptionRule>> = {
  store: STORE,
  study: objectWith('a Study', 'setSystemAttr'),
  trial: { what: 'a running trial, as an objective gets it', accepts: recordsArtifacts },
  filePath: TEXT,
  mimetype: TEXT,
  encoding: TEXT,
};
const DOWNLOAD_RULES = { store: STORE, artifactId: TEXT, filePath: TEXT };

/**
 * Keeps a copy of the file in the store, then says so in the study or running trial. Its id follows from the study's name, the trial's
 * number, the file's name and content: a trial that is re-entered and uploads the same again has it once. Optuna:
 * `upload_artifact`.
 * @throws InvalidArgumentError if the file cannot be read; ThanosError TRIAL_FINISHED.
 */
export async function uploadArtifact(options: UploadOptions): Promise<string> {
  checkOptions<UploadOptions>('uploadArtifact', options, UPLOAD_RULES);
  const { store, study, trial, filePath } = options;
  checkOption('store', store, STORE);
  checkOption('filePath', filePath, TEXT);
  if ((study === undefined) === (trial === undefined))
    throw new InvalidArgumentError(
      'uploadArtifact needs either a study or a running trial that the file belongs to',
    );
  const filename = basename(filePath);
  const place = study === undefined ? [trial!.studyName, trial!.number] : [study.studyName];
  const artifactId = idOf([...place, filename, await hashOf(filePath)]);
  await store.write(artifactId, createReadStream(filePath));
  const guessed = guessMediaType(filename);
  const meta = stringifyPythonJson({
    artifact_id: artifactId,
    filename,
    mimetype: options.mimetype ?? guessed.mimetype ?? DEFAULT_TYPE,
    encoding: options.encoding ?? guessed.encoding,
  });
  if (recordsArtifacts(trial)) await trial[RECORD_ARTIFACT](artifactId, meta);
  else await study?.setSystemAttr(ARTIFACT_PREFIX + artifactId, meta);
  return artifactId;
}

/**
 * Writes an artifact to a new file. Optuna: `download_artifact`.
 * @throws InvalidArgumentError if the file exists; ThanosError ARTIFACT_NOT_FOUND.
 */
export async function downloadArtifact(options: DownloadOptions): Promise<void> {
  checkOptions('downloadArtifact', options, DOWNLOAD_RULES);
  const { store, artifactId, filePath } = options;
  checkOption('store', store, STORE);
  checkOption('filePath', filePath, TEXT);
  const content = await store.openReader(artifactId);
  try {
    const file = await openNew(filePath);
    try {
      await writeFile(file, content);
    } catch (error) {
      await rm(filePath, { force: true });
      throw error;
    } finally {
      await file.close();
    }
  } finally {
    content.destroy();
  }
}

/**
 * What a study itself, or one trial, keeps. Optuna: `get_all_artifact_meta`.
 * @throws StorageError STORAGE_CORRUPT for an attribute that describes no artifact.
 */
export function listArtifacts(
  options:
    | { readonly study: { readonly systemAttrs: Attrs } }
    | { readonly trial: { readonly systemAttrs: Attrs } },
): readonly ArtifactMeta[] {
  assertKnownOptions('listArtifacts', options, ['study', 'trial']);
  const owner: unknown = 'study' in options ? options.study : options.trial;
  const systemAttrs = (owner as { readonly systemAttrs?: unknown } | null | undefined)?.systemAttrs;
  if (!isPlainObject(systemAttrs))
    throw new InvalidArgumentError(`listArtifacts needs a study or a trial, but got ${shown(owner)}`);
  return Object.entries(systemAttrs).flatMap(([key, value]) =>
    key.startsWith(ARTIFACT_PREFIX) ? (metaOf(key, value) ?? []) : [],
  );
}

/** Null for what optuna-dashboard leaves of a deleted artifact: `null`. */
function metaOf(key: string, value: unknown): ArtifactMeta | null {
  const stored = typeof value === 'string' ? parsedOrText(value) : value;
  if (stored === null) return null;
  const { artifact_id: artifactId, filename, mimetype, encoding } = isPlainObject(stored) ? stored : {};
  if (typeof artifactId !== 'string' || typeof filename !== 'string')
    throw new StorageError(
      'STORAGE_CORRUPT',
      `the attribute '${key}' must describe an artifact as JSON { "artifact_id", "filename", "mimetype", "encoding" }, but is ` +
        `${shown(value)}; correct it, or set it to null`,
    );
  return {
    artifactId,
    filename: fileNameIn(filename) ?? artifactId,
    mimetype: typeof mimetype === 'string' ? mimetype : DEFAULT_TYPE,
    encoding: typeof encoding === 'string' ? encoding : null,
  };
}

function parsedOrText(text: string): JsonValue {
  try {
    return parsePythonJson(text);
  } catch {
    return text;
  }
}

/** Whoever wrote the database may have put a path there, of any system; null if no name remains without the folder. */
function fileNameIn(path: string): string | null {
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
  return ['', '.', '..'].includes(name) ? null : name;
}

async function hashOf(filePath: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(filePath), hash);
  } catch (error) {
    throw new InvalidArgumentError(`filePath must name a readable file, but: ${(error as Error).message}`);
  }
  return hash.digest('hex');
}

/** In the form of a random UUID, which is what Optuna's tools expect. */
function idOf(parts: readonly (string | number)[]): string {
  const bytes = createHash('sha256').update(JSON.stringify(parts)).digest().subarray(0, 16);
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

async function openNew(filePath: string): Promise<FileHandle> {
  try {
    return await open(filePath, 'wx');
  } catch (error) {
    throw new InvalidArgumentError(
      `filePath must name a file that can be made and is not there, but is ${shown(filePath)}: ${(error as Error).message}`,
    );
  }
}
