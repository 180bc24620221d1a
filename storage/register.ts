/** Storages by the scheme of their URLs; those that this package brings are the first. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { InvalidArgumentError } from '../src/core/errors.ts';
import { checkOption, FUNCTION, listOf, type OptionRule } from '../src/core/option-rules.ts';
import { defineOptions, type OptionsOf, optional, required } from '../src/core/options.ts';
import { Registry } from '../src/core/registry.ts';
import { shown } from '../src/core/shown.ts';
import type { Storage } from '../src/core/storage.ts';
import { InMemoryStorage } from './in-memory.ts';
import { SqliteStorage } from './sqlite/sqlite-storage.ts';
import { type UpgradeResult, upgradeFile } from './sqlite/upgrade.ts';

const DRIVER = defineOptions('the driver of a storage', {
  /** What URLs of this scheme look like, for error messages: `['redis://host:6379/0']`. */
  forms: required<readonly string[]>(listOf('URLs', (form) => typeof form === 'string')),
  /**
   * Opens what the URL names, and makes what is not there yet.
   * @throws InvalidArgumentError for a URL of another form (`badStorageUrl`); StorageError if it cannot be used.
   */
  open: required<(url: string) => Storage | Promise<Storage>>(FUNCTION),
  /** Says whether what the URL names is there already: a command that only reads makes nothing. Always, if left out. */
  exists: optional<(url: string) => boolean | Promise<boolean>>(FUNCTION),
  /** Returns what the URL names, as a text that is the same for all URLs of it: studies share one storage. The URL, if left out. */
  resource: optional<(url: string) => string>(FUNCTION),
  /** Brings what an older version has written up to date, and leaves a copy of it as it was. Left out: there is no such thing. */
  upgrade: optional<(url: string) => UpgradeResult | Promise<UpgradeResult>>(FUNCTION),
});

/** How the storages of one URL scheme are opened. */
export interface StorageDriver extends OptionsOf<typeof DRIVER> {}

const SCHEME: OptionRule<string> = {
  what: "the scheme of a URL in small letters, as 'redis' of redis://host",
  accepts: (value) => typeof value === 'string' && /^[a-z][a-z0-9+.-]*$/.test(value),
};

export const storageRegistry: Registry<StorageDriver> = new Registry<StorageDriver>('storage');

/**
 * Makes URLs of a scheme known to `createStudy` and to whatever else takes the URL of a storage, in this process.
 *
 * ```ts
 * registerStorage('redis', { forms: ['redis://host:6379/0'], open: (url) => RedisStorage.connect(url) });
 * const study = await createStudy({ studyName: 'demo', storage: 'redis://localhost:6379/0' });
 * ```
 *
 * @throws InvalidArgumentError if the scheme is taken or is none.
 */
export function registerStorage(scheme: string, driver: StorageDriver): void {
  checkOption('scheme', scheme, SCHEME);
  storageRegistry.register(scheme, DRIVER.read(driver));
}

const SQLITE_PREFIX = 'sqlite:///';

/** The file of a URL in SQLAlchemy's form. */
function sqlitePath(url: string): string {
  const path = url.startsWith(SQLITE_PREFIX) ? url.slice(SQLITE_PREFIX.length) : '';
  if (path === '' || path === ':memory:' || /[?#\0]/.test(path)) throw badStorageUrl(url);
  return path;
}

registerStorage('sqlite', {
  forms: ['sqlite:///relative.db', 'sqlite:////absolute.db'],
  open: (url) => new SqliteStorage(sqlitePath(url)),
  exists: (url) => existsSync(sqlitePath(url)),
  resource: (url) => `${SQLITE_PREFIX}${resolve(sqlitePath(url))}`,
  upgrade: (url) => upgradeFile(sqlitePath(url)),
});
registerStorage('memory', {
  forms: ['memory'],
  open: (url) => {
    if (url !== 'memory') throw badStorageUrl(url);
    return new InMemoryStorage();
  },
});

/** The error for a URL that names no storage: it lists what a URL may look like, and shows no password. */
export function badStorageUrl(url: string, hint = ''): InvalidArgumentError {
  const forms = storageRegistry.values().flatMap((driver) => driver.forms);
  const quoted = forms.map((form) => `'${form}'`);
  return new InvalidArgumentError(
    `a storage URL must be ${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)} (a path without ? or #), but got ` +
      `${shown(withoutSecrets(url))}${hint}`,
  );
}

/** User and password, which may hold an '@' or a '/', and passwords among the parameters are nobody else's business. */
export function withoutSecrets(url: string): string {
  return url
    .replace(/^([a-z][\w+.-]*:(?:\/\/)?).*@/is, '$1***@')
    .replaceAll(/([?&;](?:[\w-]*(?:password|passwd|pwd|secret|token|key))=)[^&;#]*/gi, '$1***');
}
