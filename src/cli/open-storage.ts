import { storageExists, storageFromUrl } from '../../storage/index.ts';
import { withoutSecrets } from '../../storage/register.ts';
import { StorageError } from '../core/errors.ts';
import type { Storage, StudyRecord } from '../core/storage.ts';
import { isChildStudy } from '../core/stored-studies.ts';

export const STORAGE_VARIABLE = 'THANOS_STORAGE';
export const DEFAULT_STORAGE = 'sqlite:///thanos.db';

const MOST_NAMES_LISTED = 20;

/** Opens a storage that may be new, hands it to `work`, and closes it. */
export async function withStorage<T>(url: string, work: (storage: Storage) => Promise<T>): Promise<T> {
  const storage = await storageFromUrl(url);
  try {
    return await work(storage);
  } finally {
    await storage.close();
  }
}

const ANOTHER = `name another with --storage or ${STORAGE_VARIABLE}`;

/** Opens a storage, as `withStorage` does, that another command is to find what is written in. */
export function withLastingStorage<T>(url: string, work: (storage: Storage) => Promise<T>): Promise<T> {
  return withStorage(url, (storage) => {
    if (storage.capabilities.durable) return work(storage);
    throw new StorageError(
      'STORAGE_UNAVAILABLE',
      `this command needs a storage that outlives it, but '${withoutSecrets(url)}' keeps nothing from one process to the ` +
        `next; ${ANOTHER}`,
    );
  });
}

/** Opens a lasting storage for commands that make none: a database that is not there is not created. */
export async function withExistingStorage<T>(
  url: string,
  work: (storage: Storage) => Promise<T>,
): Promise<T> {
  if (!(await storageExists(url)))
    throw new StorageError(
      'STORAGE_UNAVAILABLE',
      `there is no database at '${withoutSecrets(url)}'; run a study first, or ${ANOTHER}`,
    );
  return withLastingStorage(url, work);
}

/** @throws StorageError STUDY_NOT_FOUND with the names that there are. */
export async function findStudy(storage: Storage, name: string): Promise<StudyRecord> {
  const record = await storage.findStudy(name);
  if (record !== null) return record;
  const names = (await storage.listStudies())
    .filter((study) => !isChildStudy(study))
    .map((study) => study.studyName);
  const listed = names.slice(0, MOST_NAMES_LISTED).join(', ');
  const more = names.length > MOST_NAMES_LISTED ? ` and ${names.length - MOST_NAMES_LISTED} more` : '';
  throw new StorageError(
    'STUDY_NOT_FOUND',
    `there is no study '${name}'; the storage holds: ${names.length === 0 ? 'none' : listed + more}`,
  );
}
