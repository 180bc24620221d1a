/**
 * Attribute values as stored: JSON in Python's dialect, which has the bare tokens NaN, Infinity and -Infinity
 * (json.dumps writes them and json.loads reads them).
 */
import { InvalidArgumentError } from '../src/core/errors.ts';
import type { Attrs, JsonValue } from '../src/core/frozen-trial.ts';

/** A deeply frozen copy. @throws InvalidArgumentError for what JSON cannot hold. */
export function frozenJson(value: JsonValue): JsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number')
    return value;
  if (Array.isArray(value)) return Object.freeze(value.map(frozenJson));
  if (typeof value === 'object')
    return Object.freeze(
      Object.fromEntries(
        Object.entries(value)
          .filter(([, item]) => item !== undefined)
          .map(([key, item]) => [key, frozenJson(item)]),
      ),
    );
  throw new InvalidArgumentError(
    `an attribute must be a JSON value (null, boolean, number, string, array, object), but got ${typeof value}`,
  );
}

export function frozenAttrs(attrs: Attrs = {}): Attrs {
  return frozenJson(attrs) as Attrs;
}

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
    return frozenJson(JSON.parse(text) as JsonValue);
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
  return frozenJson(revived as JsonValue);
}
