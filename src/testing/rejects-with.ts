import assert from 'node:assert/strict';
import { type ErrorCode, ThanosError } from '../core/errors.ts';

/** Asserts that a call is refused with a ThanosError of this code. */
export async function rejectsWith(code: ErrorCode, call: () => Promise<unknown>): Promise<void> {
  await assert.rejects(call, (error) => {
    assert.ok(error instanceof ThanosError, `expected a ThanosError with code ${code}, but got ${error}`);
    assert.equal(error.code, code);
    return true;
  });
}
