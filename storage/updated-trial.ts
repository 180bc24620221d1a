import { type FrozenTrial, frozenTrial } from '../src/core/frozen-trial.ts';
import { type Attrs, assertAttrs, isEmpty } from '../src/core/json.ts';
import type { TrialUpdate } from '../src/core/storage.ts';
import { bySteps, storedDistributions, storedParams, transition } from './new-trial.ts';

/** The trial after an update; what it keeps is frozen. The update has been checked (`checkNumbers`, `assertOwner`). */
export function updatedTrial(before: FrozenTrial, update: TrialUpdate, now: Date): FrozenTrial {
  const { state, values, intermediateValues } = update;
  const { params, distributions } = withParams(before, update);
  return frozenTrial({
    trialId: before.trialId,
    number: before.number,
    params,
    distributions,
    values: values === undefined ? before.values : values === null ? null : Object.freeze([...values]),
    userAttrs: withAttrs(before.userAttrs, update.userAttrs),
    systemAttrs: withoutAttrs(withAttrs(before.systemAttrs, update.systemAttrs), update.dropSystemAttrs),
    intermediateValues:
      intermediateValues === undefined
        ? before.intermediateValues
        : bySteps(new Map([...before.intermediateValues, ...intermediateValues])),
    ...(state === undefined
      ? {
          state: before.state,
          datetimeStart: before.datetimeStart,
          datetimeComplete: before.datetimeComplete,
        }
      : transition(state, before.datetimeStart, now)),
  });
}

function withParams(before: FrozenTrial, update: TrialUpdate): Pick<FrozenTrial, 'params' | 'distributions'> {
  if (update.params === undefined) return before;
  const given = update.distributions ?? {};
  const params = storedParams(update.params, given);
  const distributions = storedDistributions(params, given);
  if (isEmpty(before.params)) return { params, distributions };
  return {
    params: Object.freeze({ ...before.params, ...params }),
    distributions: Object.freeze({ ...before.distributions, ...distributions }),
  };
}

function withAttrs(before: Attrs, update: Attrs | undefined): Attrs {
  return update === undefined ? before : Object.freeze({ ...before, ...assertAttrs(update) });
}

function withoutAttrs(attrs: Attrs, keys: readonly string[] = []): Attrs {
  if (!keys.some((key) => Object.hasOwn(attrs, key))) return attrs;
  return Object.freeze(Object.fromEntries(Object.entries(attrs).filter(([key]) => !keys.includes(key))));
}
