/** Where studies are kept. */
export { storageFromUrl } from './from-url.ts';
export { InMemoryStorage } from './in-memory.ts';
export { SqliteStorage } from './sqlite/sqlite-storage.ts';
