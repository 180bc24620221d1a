import { InvalidArgumentError } from '../src/core/errors.ts';
import { checkOption, type OptionRule } from '../src/core/option-rules.ts';
import { shown } from '../src/core/shown.ts';
import type { Storage } from '../src/core/storage.ts';
import { InMemoryStorage } from './in-memory.ts';
import { SqliteStorage } from './sqlite/sqlite-storage.ts';

export const SQLITE_PREFIX = 'sqlite:///';

const URL_TEXT: OptionRule = { what: 'a string', accepts: (value) => typeof value === 'string' };

/**
 * The storage of a URL in SQLAlchemy's form: `sqlite:///relative.db`, `sqlite:////absolute.db`; `memory` or nothing
 * for this process's memory.
 * @throws InvalidArgumentError for any other URL; StorageError if the file cannot be used.
 */
export async function storageFromUrl(url?: string): Promise<Storage> {
  if (url === undefined || url === 'memory') return new InMemoryStorage();
  checkOption('the storage URL', url, URL_TEXT);
  const path = url.startsWith(SQLITE_PREFIX) ? url.slice(SQLITE_PREFIX.length) : '';
  if (path === '' || path === ':memory:' || /[?#\0]/.test(path))
    throw new InvalidArgumentError(
      "a storage URL must be 'sqlite:///relative.db', 'sqlite:////absolute.db' (without ? or #) or 'memory', " +
        `but got ${shown(withoutSecrets(url))}`,
    );
  return new SqliteStorage(path);
}

/** User and password, which may hold an '@' or a '/', and passwords among the parameters are nobody else's business. */
function withoutSecrets(url: string): string {
  return url
    .replace(/^([a-z][\w+.-]*:(?:\/\/)?).*@/is, '$1***@')
    .replaceAll(/([?&;](?:[\w-]*(?:password|passwd|pwd|secret|token|key))=)[^&;#]*/gi, '$1***');
}
