import { nearestName } from '../src/core/did-you-mean.ts';
import { checkOption, type OptionRule } from '../src/core/option-rules.ts';
import type { Storage } from '../src/core/storage.ts';
import { badStorageUrl, type StorageDriver, storageRegistry } from './register.ts';

const URL_TEXT: OptionRule = { what: 'a string', accepts: (value) => typeof value === 'string' };

/**
 * Opens the storage of a URL: `sqlite:///relative.db`, `sqlite:////absolute.db`, one of a registered scheme; `memory` or nothing
 * for this process's memory.
 * @throws InvalidArgumentError for any other URL; StorageError if it cannot be used.
 */
export async function storageFromUrl(url = 'memory'): Promise<Storage> {
  return driverOf(url).open(url);
}

/** Whether what a URL names is there, as far as that can be told without making it. @throws InvalidArgumentError */
export async function storageExists(url: string): Promise<boolean> {
  return (await driverOf(url).exists?.(url)) ?? true;
}

function driverOf(url: string): StorageDriver {
  checkOption('the storage URL', url, URL_TEXT);
  const [scheme] = url.split(':');
  const known = storageRegistry.names();
  if (known.includes(scheme)) return storageRegistry.get(scheme);
  if (!url.includes(':')) throw badStorageUrl(url);
  const meant = nearestName(scheme, known);
  throw badStorageUrl(
    url,
    meant === null ? '; registerStorage makes other schemes known' : `; did you mean '${meant}:'?`,
  );
}
