import { InvalidArgumentError } from '../src/core/errors.ts';
import type { Storage } from '../src/core/storage.ts';
import { InMemoryStorage } from './in-memory.ts';
import { SqliteStorage } from './sqlite/sqlite-storage.ts';

const SQLITE_PREFIX = 'sqlite:///';

/**
 * The storage of a URL in SQLAlchemy's form: `sqlite:///relative.db`, `sqlite:////absolute.db`; `memory` or nothing
 * for this process's memory.
 * @throws InvalidArgumentError for any other URL; StorageError if the file cannot be used.
 */
export async function storageFromUrl(url?: string): Promise<Storage> {
  if (url === undefined || url === 'memory') return new InMemoryStorage();
  const path = url.startsWith(SQLITE_PREFIX) ? url.slice(SQLITE_PREFIX.length) : '';
  if (path === '' || path === ':memory:' || /[?#]/.test(path))
    throw new InvalidArgumentError(
      "a storage URL must be 'sqlite:///relative.db', 'sqlite:////absolute.db' (without ? or #) or 'memory', " +
        `but got '${url.replace(/\/\/[^@/]*@/, '//***@')}'`,
    );
  return new SqliteStorage(path);
}
