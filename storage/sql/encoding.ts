/** How single values stand in Optuna's tables. */
import { StorageError } from '../../src/core/errors.ts';
import type { StudyDirection, TrialState } from '../../src/core/frozen-trial.ts';

/** ±Infinity and NaN are NULL with a type. NaN exists for intermediate values only. */
export type ValueType = 'FINITE' | 'INF_POS' | 'INF_NEG' | 'NAN';

export function encodeNumber(value: number): readonly [number | null, ValueType] {
  if (Number.isNaN(value)) return [null, 'NAN'];
  if (value === Number.POSITIVE_INFINITY) return [null, 'INF_POS'];
  if (value === Number.NEGATIVE_INFINITY) return [null, 'INF_NEG'];
  return [value, 'FINITE'];
}

export function decodeNumber(value: number | null, type: string): number {
  switch (type) {
    case 'FINITE':
      if (value !== null) return value;
      break;
    case 'INF_POS':
      return Number.POSITIVE_INFINITY;
    case 'INF_NEG':
      return Number.NEGATIVE_INFINITY;
    case 'NAN':
      return Number.NaN;
  }
  throw corrupt(
    `a stored number must be FINITE with a value, INF_POS, INF_NEG or NAN, but is ${type} ${value}`,
  );
}

/** UTC with exactly six fractional digits: SQLAlchemy reads fewer as so many microseconds. */
export function encodeDate(date: Date): string {
  return `${date.toISOString().replace('T', ' ').slice(0, -1)}000`;
}

/** Microseconds are cut to milliseconds. */
export function decodeDate(text: string): Date {
  const date = new Date(`${text.slice(0, 23).replace(' ', 'T')}Z`);
  if (Number.isNaN(date.getTime()))
    throw corrupt(`a stored time must be 'YYYY-MM-DD HH:MM:SS.ffffff', but is '${text}'`);
  return date;
}

export const encodeDateOrNull = (date: Date | null): string | null =>
  date === null ? null : encodeDate(date);
export const decodeDateOrNull = (text: string | null): Date | null =>
  text === null ? null : decodeDate(text);

const STATES: ReadonlySet<string> = new Set<TrialState>(['RUNNING', 'WAITING', 'COMPLETE', 'PRUNED', 'FAIL']);

export function decodeState(text: string): TrialState {
  if (STATES.has(text)) return text as TrialState;
  throw corrupt(`a stored trial state must be one of ${[...STATES].join(', ')}, but is '${text}'`);
}

export function encodeDirection(direction: StudyDirection): string {
  return direction === 'maximize' ? 'MAXIMIZE' : 'MINIMIZE';
}

/** Optuna's NOT_SET counts as minimise, as in its `create_study`. */
export function decodeDirection(text: string): StudyDirection {
  return text === 'MAXIMIZE' ? 'maximize' : 'minimize';
}

export function corrupt(message: string): StorageError {
  return new StorageError('STORAGE_CORRUPT', `${message}; restore the database from a backup`);
}
