import type { ErrorCode } from '../core/errors.ts';
import { ThanosError } from '../core/errors.ts';
import { shownError } from '../core/shown.ts';

export interface ErrorData {
  readonly code: ErrorCode | 'UNEXPECTED' | 'USAGE';
  readonly message: string;
}

/** What a JSON document says of an error, under the key `error`. */
export function errorData(error: unknown): ErrorData {
  if (error instanceof ThanosError) return { code: error.code, message: oneLine(error.message) };
  return { code: 'UNEXPECTED', message: oneLine(shownError(error)) };
}

export function oneLine(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(' ');
}
