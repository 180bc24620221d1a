/** Rebuilds the history that a trial saw when it was asked (the promise behind exact resume; see SamplerContext). */
import {
  type Distribution,
  distributionFromJson,
  distributionToJson,
  type ParamValue,
  type SearchSpace,
} from './distribution.ts';
import {
  type Attrs,
  type FrozenTrial,
  frozenTrial,
  type JsonValue,
  NO_INTERMEDIATE_VALUES,
  SYSTEM_ATTR,
} from './frozen-trial.ts';
import { NO_ATTRS, sharedJsonValue } from './json.ts';

/**
 * The trials below `trialNumber` as they were when it was asked: those in `running` are shown as RUNNING, with only
 * what was decided when they were asked.
 */
export function historyAtAsk(
  snapshot: readonly FrozenTrial[],
  trialNumber: number,
  running: readonly number[],
  declaredSpace: SearchSpace | null,
): readonly FrozenTrial[] {
  const trials = snapshot.slice(0, trialNumber);
  for (const number of running)
    if (number < trials.length) trials[number] = asRunning(trials[number], declaredSpace);
  return trials;
}

function asRunning(trial: FrozenTrial, declaredSpace: SearchSpace | null): FrozenTrial {
  const known = declaredSpace === null ? relativeFromAttrs(trial.systemAttrs) : within(trial, declaredSpace);
  return frozenTrial({
    trialId: trial.trialId,
    number: trial.number,
    state: 'RUNNING',
    params: known.params,
    distributions: known.distributions,
    values: null,
    userAttrs: NO_ATTRS,
    systemAttrs: trial.systemAttrs,
    intermediateValues: NO_INTERMEDIATE_VALUES,
    datetimeStart: trial.datetimeStart,
    datetimeComplete: null,
  });
}

interface KnownParams {
  readonly params: Readonly<Record<string, ParamValue>>;
  readonly distributions: Readonly<Record<string, Distribution>>;
}

function within(trial: FrozenTrial, space: SearchSpace): KnownParams {
  const names = Object.keys(trial.params).filter((name) => Object.hasOwn(space, name));
  return {
    params: Object.fromEntries(names.map((name) => [name, trial.params[name]])),
    distributions: Object.fromEntries(names.map((name) => [name, trial.distributions[name]])),
  };
}

interface RelativeAttr {
  readonly params: Readonly<Record<string, ParamValue>>;
  readonly distributions: Readonly<Record<string, string>>;
}

/** What a define-by-run trial keeps of its relative sample, so that later trials of its batch can see it. */
export function relativeToAttrs(params: Readonly<Record<string, ParamValue>>, space: SearchSpace): Attrs {
  for (const _ in params) return { [SYSTEM_ATTR.relativeParams]: { params, distributions: jsonOf(space) } };
  return NO_ATTRS;
}

const jsonOfSpaces = new WeakMap<SearchSpace, JsonValue>();

/** Of one space once: most trials of a study are drawn from the same. */
function jsonOf(space: SearchSpace): JsonValue {
  const known = jsonOfSpaces.get(space);
  if (known !== undefined) return known;
  const distributions = Object.entries(space).map(([name, d]) => [name, distributionToJson(d)]);
  const made = sharedJsonValue(SYSTEM_ATTR.relativeParams, Object.fromEntries(distributions));
  jsonOfSpaces.set(space, made);
  return made;
}

export function relativeFromAttrs(systemAttrs: Attrs): KnownParams {
  const attr = systemAttrs[SYSTEM_ATTR.relativeParams] as unknown as RelativeAttr | undefined;
  if (attr === undefined) return { params: {}, distributions: {} };
  const { params, distributions } = attr;
  return {
    params,
    distributions: Object.fromEntries(
      Object.keys(params).map((name) => [name, distributionFromJson(distributions[name])]),
    ),
  };
}
