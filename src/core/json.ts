/** What an attribute may hold: JSON, with NaN and infinities (as in Python's dialect). */
import { InvalidArgumentError } from './errors.ts';
import { assertName } from './names.ts';
import { shown } from './shown.ts';

/** What an attribute may hold. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };
/** Attributes by key. */
export type Attrs = Readonly<Record<string, JsonValue>>;

/** CPython's json.loads refuses about 1000; beyond this a value is cyclic or no attribute. */
const MAX_DEPTH = 500;

/** Made by `{…}` or without a prototype (in any realm), so not a Map, Date or other class. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/**
 * A deeply frozen copy of an attribute's value, so that later changes by the caller change nothing. Members of objects
 * that are undefined are left out, as by JSON.stringify.
 * @throws InvalidArgumentError naming the attribute, for what JSON cannot hold: undefined, bigint, function, symbol,
 *   instances of classes (Date, Map …), cycles.
 */
export function assertJsonValue(key: string, value: unknown): JsonValue {
  assertName('the key of an attribute', key);
  return frozenCopy(key, value, 0);
}

/** `assertJsonValue` of what many trials will hold: given again, the very same object is kept and not copied. */
export function sharedJsonValue(key: string, value: object): JsonValue {
  const copy = assertJsonValue(key, value);
  shared.add(copy as object);
  return copy;
}

const shared = new WeakSet<object>();

function frozenCopy(path: string, value: unknown, depth: number): JsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number')
    return value;
  if (shared.has(value as object)) return value as JsonValue;
  if (depth > MAX_DEPTH)
    throw new InvalidArgumentError(
      `an attribute must be a JSON value, but '${path.slice(0, 40)}…' contains itself or is nested more than ${MAX_DEPTH} ` +
        'levels deep; store a flat copy',
    );
  if (Array.isArray(value))
    return Object.freeze(Array.from(value, (item, i) => frozenCopy(`${path}[${i}]`, item, depth + 1)));
  if (isPlainObject(value)) {
    const copy: Record<string, JsonValue> = {};
    for (const name of Object.keys(value))
      if (value[name] !== undefined)
        setOwn(copy, name, frozenCopy(`${path}.${name}`, value[name], depth + 1));
    return Object.freeze(copy);
  }
  throw new InvalidArgumentError(
    `an attribute must be a JSON value (null, boolean, number, string, array, plain object), but '${path}' is ` +
      `${describe(value)}; convert it, e.g. a Date by toISOString(), a Map by Object.fromEntries()`,
  );
}

function describe(value: unknown): string {
  if (value === undefined) return 'undefined';
  if (typeof value !== 'object' || value === null) return `a ${typeof value}`;
  const made: unknown = value.constructor;
  return `an instance of ${typeof made === 'function' ? made.name : 'a class'}`;
}

/** What has no attributes. */
export const NO_ATTRS: Attrs = Object.freeze({});

/** `assertJsonValue` of every attribute. @throws InvalidArgumentError */
export function assertAttrs(attrs: Attrs = NO_ATTRS): Attrs {
  if (!isPlainObject(attrs))
    throw new InvalidArgumentError(`attributes must be an object { key: value }, but are ${shown(attrs)}`);
  const copy: Record<string, JsonValue> = {};
  let isEmpty = true;
  for (const key of Object.keys(attrs)) {
    setOwn(copy, key, assertJsonValue(key, attrs[key]));
    isEmpty = false;
  }
  return isEmpty ? NO_ATTRS : Object.freeze(copy);
}

/** Sets an own property of any name: plain assignment of `__proto__` would change the prototype. */
export function setOwn<V>(record: Record<string, V>, key: string, value: V): void {
  if (key === '__proto__')
    Object.defineProperty(record, key, { value, enumerable: true, configurable: true, writable: true });
  else record[key] = value;
}

export function isEmpty(record: object): boolean {
  for (const _ in record) return false;
  return true;
}
