import { nearestName } from '../src/core/did-you-mean.ts';
import { ThanosError } from '../src/core/errors.ts';
import { checkOption, type OptionRule } from '../src/core/option-rules.ts';
import type { Storage } from '../src/core/storage.ts';
import { badStorageUrl, type StorageDriver, storageRegistry, withoutSecrets } from './register.ts';
import type { UpgradeResult } from './sqlite/upgrade.ts';

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

/**
 * Brings a database that an older Optuna has written up to date, in one transaction; a copy of it as it was is left beside it.
 * One that is up to date stays as it is.
 * @param url As `sqlite:///old.db`.
 * @throws InvalidArgumentError for any other URL; ThanosError UNSUPPORTED for a storage without older versions; StorageError
 *   SCHEMA_MISMATCH, STORAGE_CORRUPT, STORAGE_UNAVAILABLE.
 */
export async function upgradeStorage(url: string): Promise<UpgradeResult> {
  const { upgrade } = driverOf(url);
  if (upgrade === undefined)
    throw new ThanosError(
      'UNSUPPORTED',
      `there are no older versions of a storage like '${withoutSecrets(url)}' to upgrade; name a database, as sqlite:///old.db`,
    );
  return upgrade(url);
}

/** What a URL names, as a text: the same for every URL that means the same. @throws InvalidArgumentError */
export function storageResource(url: string): string {
  return driverOf(url).resource?.(url) ?? url;
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
