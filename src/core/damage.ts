/**
 * What a storage could not read of a record. One odd row must not hide the rest: the record is handed out with what is
 * readable, and its damage is kept beside it, for whoever shows the record or goes on with its study.
 */
import type { StorageError } from './errors.ts';

const damages = new WeakMap<object, StorageError>();

/** Returns the record, after noting the first thing that is wrong with it (STORAGE_CORRUPT: which row, and how it is mended). */
export function markDamaged<T extends object>(record: T, damage: StorageError): T {
  damages.set(record, damage);
  return record;
}

/** What is wrong with a trial or the record of a study as it was read; null if nothing is. */
export function damageOf(record: object): StorageError | null {
  return damages.get(record) ?? null;
}
