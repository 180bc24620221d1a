/** Where studies are kept. */
export { storageExists, storageFromUrl, upgradeStorage } from './from-url.ts';
export { InMemoryStorage } from './in-memory.ts';
export { badStorageUrl, registerStorage, type StorageDriver } from './register.ts';
export { SqliteStorage } from './sqlite/sqlite-storage.ts';
export type { UpgradeResult } from './sqlite/upgrade.ts';
