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

/** Opens a storage for commands that only read, as `withStorage` does: a database that is not there is not created. */
export async function withExistingStorage<T>(
  url: string,
  work: (storage: Storage) => Promise<T>,
): Promise<T> {
  const another = `name another with --storage or ${STORAGE_VARIABLE}`;
  if (!(await storageExists(url)))
    throw new StorageError(
      'STORAGE_UNAVAILABLE',
      `there is no database at '${withoutSecrets(url)}'; run a study first, or ${another}`,
    );
  return withStorage(url, (storage) => {
    if (!storage.capabilities.durable)
      throw new StorageError(
        'STORAGE_UNAVAILABLE',
        `the storage '${withoutSecrets(url)}' keeps nothing from one process to the next, so there is nothing to read; ${another}`,
      );
    return work(storage);
  });
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
