import type { Storage } from '../src/core/storage.ts';
import { storageFromUrl, storageResource } from './from-url.ts';

/** What URLs name, and the storage of it that was opened last. */
const opened = new Map<string, Storage>();
const opening = new Map<string, Promise<Storage>>();

/** The open storage of a URL: one for the whole process, opened again if it was closed. Throws as `storageFromUrl`. */
export async function sharedStorage(url: string): Promise<Storage> {
  const resource = storageResource(url);
  const known = opened.get(resource);
  if (known?.isClosed === false) return known;
  const underWay = opening.get(resource) ?? open(url, resource);
  opening.set(resource, underWay);
  return underWay;
}

async function open(url: string, resource: string): Promise<Storage> {
  try {
    const storage = await storageFromUrl(url);
    opened.set(resource, storage);
    return storage;
  } finally {
    opening.delete(resource);
  }
}
