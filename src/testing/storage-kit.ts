/**
 * Conformance kit for storages: one test per clause of the contract in `core/storage.ts`, of the same number.
 *
 * ```ts
 * import { describe, it } from 'vitest';
 * storageConformance({ describe, it }, async () => new MyStorage(), { reopen: … });
 * ```
 */
import type { Storage } from '../core/storage.ts';
import type { StorageKitOptions } from './storage-clause-support.ts';
import { STORAGE_CLAUSES } from './storage-clauses.ts';

export type { StorageKitOptions };

/** The part of a test framework that the kit needs; Vitest, Jest, Mocha and node:test have it. */
export interface TestFrame {
  /** Groups the tests that `body` registers. */
  describe(name: string, body: () => void): unknown;
  /** Registers one test. */
  it(name: string, body: () => Promise<void>): unknown;
}

/**
 * Registers the tests S1 to S21.
 * @param makeStorage returns an open storage on a new, empty database; the kit closes it.
 */
export function storageConformance(
  { describe, it }: TestFrame,
  makeStorage: () => Promise<Storage>,
  options: StorageKitOptions = {},
): void {
  describe('storage contract', () => {
    for (const [title, check] of STORAGE_CLAUSES)
      it(title, async () => {
        const storage = await makeStorage();
        const other = options.reopen === undefined ? null : await options.reopen(storage);
        try {
          await check(storage, other, options);
        } finally {
          await other?.close();
          await storage.close();
        }
      });
  });
}
