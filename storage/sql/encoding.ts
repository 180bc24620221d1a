/** How single values stand in Optuna's tables. */
import { InvalidArgumentError, StorageError } from '../../src/core/errors.ts';
import { type StudyDirection, TRIAL_STATES, type TrialState } from '../../src/core/frozen-trial.ts';

/** ±Infinity and NaN are NULL with a type. NaN exists for intermediate values only. */
export type ValueType = 'FINITE' | 'INF_POS' | 'INF_NEG' | 'NAN';

/** @throws InvalidArgumentError for what is no number, which SQLite would store as NULL or text. */
export function encodeNumber(value: number): readonly [number | null, ValueType] {
  if (typeof value !== 'number')
    throw new InvalidArgumentError(`a stored number must be a number, but is of type ${typeof value}`);
  if (Number.isNaN(value)) return [null, 'NAN'];
  if (value === Number.POSITIVE_INFINITY) return [null, 'INF_POS'];
  if (value === Number.NEGATIVE_INFINITY) return [null, 'INF_NEG'];
  return [value, 'FINITE'];
}

/** Null if the row holds no number. */
export function decodeNumber(value: unknown, type: string): number | null {
  switch (type) {
    case 'FINITE':
      return typeof value === 'number' ? value : null;
    case 'INF_POS':
      return Number.POSITIVE_INFINITY;
    case 'INF_NEG':
      return Number.NEGATIVE_INFINITY;
    case 'NAN':
      return Number.NaN;
    default:
      return null;
  }
}

/** UTC with exactly six fractional digits: SQLAlchemy reads fewer as so many microseconds. */
export function encodeDate(date: Date): string {
  return `${date.toISOString().replace('T', ' ').slice(0, -1)}000`;
}

const STORED_DATE = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?$/;

/** The dates of a study lie close together, and parsing costs much: a minute is parsed once. */
let lastMinute = { text: '', ms: Number.NaN };

/** NaN if it is no date; microseconds are cut to milliseconds. */
export function millisecondsOf(text: unknown): number {
  if (typeof text !== 'string') return Number.NaN;
  // Design note: digit by digit, since pieces of texts for each of many dates cost more than the rest of reading them.
  const isUsual = text.length === USUAL_LENGTH && text[19] === '.' && text.startsWith(lastMinute.text);
  if (isUsual && lastMinute.text !== '' && text[16] === ':') {
    const seconds = digits(text, 17, 19);
    const milliseconds = digits(text, 20, 23);
    if (seconds < 60 && digits(text, 23, USUAL_LENGTH) >= 0)
      return lastMinute.ms + seconds * 1000 + milliseconds;
  }
  if (!STORED_DATE.test(text)) return Number.NaN;
  const minute = text.slice(0, 16);
  if (minute !== lastMinute.text)
    lastMinute = { text: minute, ms: Date.parse(`${minute.replace(' ', 'T')}:59Z`) - 59_000 };
  const seconds = Number(text.slice(17, 23));
  return seconds < 60 ? lastMinute.ms + Math.round(seconds * 1000) : Number.NaN;
}

const USUAL_LENGTH = 'YYYY-MM-DD HH:MM:SS.ffffff'.length;

/** The number that these digits say; NaN if one is none. */
function digits(text: string, from: number, to: number): number {
  let number = 0;
  for (let i = from; i < to; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return Number.NaN;
    number = 10 * number + digit;
  }
  return number;
}

function decodeDate(text: unknown, whose: string): Date {
  const date = new Date(millisecondsOf(text));
  if (Number.isNaN(date.getTime()))
    throw corrupt(
      `the stored times of ${whose} must be 'YYYY-MM-DD HH:MM:SS.ffffff', but one is '${String(text).slice(0, 80)}'; ` +
        'correct it in the table trials',
    );
  return date;
}

export const encodeDateOrNull = (date: Date | null): string | null =>
  date === null ? null : encodeDate(date);
export const decodeDateOrNull = (text: unknown, whose: string): Date | null =>
  text === null ? null : decodeDate(text, whose);

/** Null if it is none. Never the text itself: every row brings another one. */
export function knownState(text: unknown): TrialState | null {
  for (const state of TRIAL_STATES) if (state === text) return state;
  return null;
}

export function decodeState(text: string, whose: string): TrialState {
  const state = knownState(text);
  if (state !== null) return state;
  throw corrupt(
    `the stored state of ${whose} must be one of ${TRIAL_STATES.join(', ')}, but is '${String(text).slice(0, 80)}'; ` +
      'correct it in the table trials',
  );
}

export function encodeDirection(direction: StudyDirection): string {
  return direction === 'maximize' ? 'MAXIMIZE' : 'MINIMIZE';
}

/** Optuna's NOT_SET counts as minimize, as in its `create_study`. Null if it is no direction. */
export function decodeDirection(text: unknown): StudyDirection | null {
  if (text === 'MAXIMIZE') return 'maximize';
  return text === 'MINIMIZE' || text === 'NOT_SET' ? 'minimize' : null;
}

export function corrupt(message: string, cause?: unknown): StorageError {
  return new StorageError('STORAGE_CORRUPT', message, { cause });
}
