/** Facts about a trial that are kept with it for the history of later ones. */
import { type Attrs, SYSTEM_ATTR } from './frozen-trial.ts';
import { NO_ATTRS } from './json.ts';
import type { RunningTrials } from './running-trials.ts';

/** What the history of later trials needs to know of this one; nothing in the common case. */
export function bookkeeping(running: RunningTrials, batchStart: number | null): Attrs {
  if (running.isEmpty && batchStart === null) return NO_ATTRS;
  return {
    ...(running.isEmpty ? {} : { [SYSTEM_ATTR.running]: running.toJson() }),
    ...(batchStart === null ? {} : { [SYSTEM_ATTR.batch]: batchStart }),
  };
}

/** Attributes as one object, which is shared where there are none. */
export function attrsTogether(...parts: readonly Attrs[]): Attrs {
  const some = parts.filter((part) => part !== NO_ATTRS);
  return some.length === 0 ? NO_ATTRS : Object.assign({}, ...some);
}
