import { inspect, types } from 'node:util';

/** An error is read by people: more than this of a value only hides the rest of it. */
const MAX_SHOWN_CHARACTERS = 300;

/**
 * A value as an error message shows it, so that `"3"`, `3`, `3n` and `[ 3 ]` are told apart. Never throws, whatever the value is.
 */
export function shown(value: unknown): string {
  const text = textOf(value);
  return text.length > MAX_SHOWN_CHARACTERS ? `${text.slice(0, MAX_SHOWN_CHARACTERS)}…` : text;
}

/** What was thrown, as the reason of a failure: name and message of an error in full. Never throws. */
export function shownError(error: unknown): string {
  return types.isNativeError(error) ? textOf(error) : shown(error);
}

function textOf(value: unknown): string {
  try {
    if (typeof value === 'string') return JSON.stringify(value);
    // `inspect` would show the stack too, of what a promise was rejected with as well.
    if (types.isNativeError(value)) return String(value);
    if (types.isPromise(value)) return 'a Promise';
    return inspect(value, {
      depth: 2,
      breakLength: Number.POSITIVE_INFINITY,
      compact: true,
      maxArrayLength: 10,
      maxStringLength: 100,
      customInspect: false,
    });
  } catch {
    return `a value of type ${typeof value}`;
  }
}
