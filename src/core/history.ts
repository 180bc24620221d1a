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
import type { RunningTrials } from './running-trials.ts';

export class TrialHistory {
  readonly #trials: readonly FrozenTrial[];
  /** Trials as RUNNING ones, of the same declared space. */
  #views = new WeakMap<FrozenTrial, FrozenTrial>();
  #viewedSpace: SearchSpace | null = null;
  /** The history of the next trial while nobody is at work here, and which of it are shown as RUNNING. */
  #shared: FrozenTrial[] = [];
  #sharedViews: readonly FrozenTrial[] = [];

  /** @param trials of the study, by number; grows while this is in use. */
  constructor(trials: readonly FrozenTrial[]) {
    this.#trials = trials;
  }

  /**
   * The trials below `trialNumber` as they were when it was asked: those in `running` are shown as RUNNING, with only
   * what was decided when they were asked.
   *
   * Design note: a sequential study hands out one array that grows, rather than a copy for every trial: no other trial is at
   * work here then (`isBusy`), and those that got the array earlier are finished.
   */
  atAsk(
    trialNumber: number,
    running: RunningTrials,
    declaredSpace: SearchSpace | null,
    isBusy: boolean,
  ): readonly FrozenTrial[] {
    const numbers = [...running].filter((number) => number < Math.min(trialNumber, this.#trials.length));
    const views = numbers.map((number) => this.#viewOf(this.#trials[number], declaredSpace));
    if (isBusy || trialNumber < this.#trials.length - 1 || trialNumber < this.#shared.length) {
      const trials = this.#trials.slice(0, trialNumber);
      for (const view of views) trials[view.number] = view;
      return trials;
    }
    const isSame =
      views.length === this.#sharedViews.length && views.every((view, i) => view === this.#sharedViews[i]);
    if (!isSame) {
      this.#shared = [];
      this.#sharedViews = views;
    }
    const shown = new Map(views.map((view) => [view.number, view]));
    for (let i = this.#shared.length; i < trialNumber; i++)
      this.#shared.push(shown.get(i) ?? this.#trials[i]);
    return this.#shared;
  }

  #viewOf(trial: FrozenTrial, declaredSpace: SearchSpace | null): FrozenTrial {
    if (this.#viewedSpace !== declaredSpace) {
      this.#viewedSpace = declaredSpace;
      this.#views = new WeakMap();
    }
    let view = this.#views.get(trial);
    if (view === undefined) {
      view = asRunning(trial, declaredSpace);
      this.#views.set(trial, view);
    }
    return view;
  }
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

/** Returns the space as JSON, made once for each: most trials of a study are drawn from the same. */
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
