/** Errors that say that a trial could not be given a parameter, as opposed to that it failed with those it has. */
import { types } from 'node:util';
import { contains, type Distribution, type ParamValue, toInternalRepr } from './distribution.ts';
import { InvalidArgumentError, ThanosError } from './errors.ts';
import { shown } from './shown.ts';

const refusals = new WeakSet<object>();

/** Marks an error as a refusal. Returns it. */
export function asRefusal(error: unknown): unknown {
  if (typeof error === 'object' && error !== null) refusals.add(error);
  return error;
}

/** Whether an error is a refusal: one that was marked, or of a distribution that the study cannot have. */
export function isRefusal(error: unknown): boolean {
  // Whatever is thrown: of a proxy even its class is a question to its author.
  if (
    types.isNativeError(error) &&
    error instanceof ThanosError &&
    /^(INVALID|INCOMPATIBLE)_DISTRIBUTION$/.test(error.code)
  )
    return true;
  return typeof error === 'object' && error !== null && refusals.has(error);
}

/** The value that was queued for a parameter. @throws an error that is a refusal if the distribution does not hold it. */
export function queuedValue(name: string, value: ParamValue, distribution: Distribution): ParamValue {
  try {
    if (contains(distribution, toInternalRepr(distribution, value))) return value;
  } catch (error) {
    throw asRefusal(error);
  }
  throw asRefusal(
    new InvalidArgumentError(
      `the enqueued value of '${name}' must lie in its distribution, but ${shown(value)} is outside ` +
        `${shown(distribution)}; enqueue a value inside, or widen the range`,
    ),
  );
}
