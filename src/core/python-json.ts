/**
 * JSON in Python's dialect, which has the bare tokens NaN, Infinity and -Infinity (json.dumps writes them and json.loads
 * reads them): the form of attributes and distributions in Optuna's tables.
 */
import { ThanosError } from './errors.ts';
import { type JsonValue, setOwn } from './json.ts';

export function stringifyPythonJson(value: JsonValue): string {
  if (typeof value === 'number')
    return Number.isNaN(value) ? 'NaN' : Object.is(value, -0) ? '-0.0' : String(value);
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(stringifyPythonJson).join(', ')}]`;
  const entries = Object.entries(value).map(
    ([key, item]) => `${JSON.stringify(key)}: ${stringifyPythonJson(item)}`,
  );
  return `{${entries.join(', ')}}`;
}

/** A string without its end, which is no JSON anyway, runs to the end of the text, so that it is looked at once. */
const STRING_OR_BARE_TOKEN = /"(?:[^"\\]|\\.)*(?:"|$)|-?Infinity|NaN/gs;

/** The depth that CPython's json.loads goes to by default, and twice as deep as we write. */
const MAX_DEPTH = 1000;

/** @throws SyntaxError if it is not JSON even in Python's dialect; ThanosError INVALID_DATA if it is nested too deep. The result is deeply frozen. */
export function parsePythonJson(text: string): JsonValue {
  let parsed: JsonValue;
  try {
    parsed = JSON.parse(text) as JsonValue;
  } catch (error) {
    if (!/Infinity|NaN/.test(text)) throw error;
    const mark = '#'.repeat(1 + longestRunOf('#', text));
    const quoted = text.replace(STRING_OR_BARE_TOKEN, (token) =>
      token.startsWith('"') ? token : `"${mark}${token}"`,
    );
    return finished(JSON.parse(quoted) as JsonValue, mark, 0);
  }
  return finished(parsed, null, 0);
}

function longestRunOf(character: string, text: string): number {
  let longest = 0;
  for (let i = 0, run = 0; i < text.length; i++) {
    run = text[i] === character ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return longest;
}

/** Deeply frozen, with the numbers that were marked. */
function finished(value: JsonValue, mark: string | null, depth: number): JsonValue {
  if (mark !== null && typeof value === 'string' && value.startsWith(mark))
    return Number(value.slice(mark.length));
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH)
    throw new ThanosError('INVALID_DATA', `it is nested more than ${MAX_DEPTH} levels deep`);
  for (const key of Object.keys(value)) {
    const item = (value as Readonly<Record<string, JsonValue>>)[key];
    const done = finished(item, mark, depth + 1);
    if (done !== item) setOwn(value as Record<string, JsonValue>, key, done);
  }
  return Object.freeze(value);
}
