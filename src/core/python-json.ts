/**
 * JSON in Python's dialect, which has the bare tokens NaN, Infinity and -Infinity (json.dumps writes them and json.loads
 * reads them): the form of attributes and distributions in Optuna's tables.
 */
import type { JsonValue } from './json.ts';

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

const STRING_OR_BARE_TOKEN = /"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g;

/** @throws SyntaxError if it is not JSON even in Python's dialect. The result is deeply frozen. */
export function parsePythonJson(text: string): JsonValue {
  try {
    return deepFreeze(JSON.parse(text) as JsonValue);
  } catch (error) {
    if (!/Infinity|NaN/.test(text)) throw error;
  }
  let mark = '#';
  while (text.includes(mark)) mark += '#';
  const quoted = text.replace(STRING_OR_BARE_TOKEN, (token) =>
    token.startsWith('"') ? token : `"${mark}${token}"`,
  );
  const revived: unknown = JSON.parse(quoted, (_key, item: unknown) =>
    typeof item === 'string' && item.startsWith(mark) ? Number(item.slice(mark.length)) : item,
  );
  return deepFreeze(revived as JsonValue);
}

function deepFreeze(value: JsonValue): JsonValue {
  if (typeof value !== 'object' || value === null) return value;
  for (const item of Object.values(value) as JsonValue[]) deepFreeze(item);
  return Object.freeze(value);
}
