/** A study in a few lines, without storage: what the sampler kit drives a sampler with. */
import { NO_CONDITIONS } from '../core/conditions.ts';
import {
  type Attrs,
  type FrozenTrial,
  frozenTrial,
  isSingle,
  type ParamValue,
  type Sampler,
  type SamplerContext,
  type SearchSpace,
  type StudyDirection,
  SYSTEM_ATTR,
  singleValue,
  type TrialState,
} from '../core/index.ts';

/** What a trial came to; `COMPLETE` with values unless it says otherwise. */
export interface Outcome {
  /** How the trial ended. Default COMPLETE. */
  readonly state?: TrialState | undefined;
  /** One value per direction; null or absent for a trial that failed. */
  readonly values?: readonly number[] | null | undefined;
  /** What it reported on the way, by step. */
  readonly intermediateValues?: ReadonlyMap<number, number> | undefined;
  /** Constraint values; <= 0 is feasible. */
  readonly constraints?: readonly number[] | undefined;
}

/** What `runSamplerLoop` runs. */
export interface LoopOptions {
  /** The sampler to drive. */
  readonly sampler: Sampler;
  /** All parameters of a trial, by name. */
  readonly space: SearchSpace;
  /** One per value. */
  readonly directions: readonly StudyDirection[];
  /** Trials to add to the history. */
  readonly nTrials: number;
  /** The objective: what becomes of a trial with these parameters and number. */
  readonly evaluate: (params: Readonly<Record<string, ParamValue>>, number: number) => Outcome;
  /** Trials to go on from. */
  readonly history?: readonly FrozenTrial[] | undefined;
  /** Whether the space is known to the sampler (define-and-run). Default true. */
  readonly declared?: boolean | undefined;
  /** This many trials are asked before any of them is told; default 1. */
  readonly batchSize?: number | undefined;
  /** Hears what the sampler was asked and what it answered. */
  readonly onSuggest?: ((context: SamplerContext, suggestion: Suggestion) => void) | undefined;
}

/** What a sampler answered for one trial. */
export interface Suggestion {
  /** A value per parameter. */
  readonly params: Readonly<Record<string, ParamValue>>;
  /** What the sampler wants to be kept with the trial. */
  readonly systemAttrs: Attrs;
}

/** Asks a sampler for one trial, as a Study does. */
export function suggest(sampler: Sampler, context: SamplerContext, space: SearchSpace): Suggestion {
  const relativeSpace = sampler.inferRelativeSearchSpace(context);
  const { params: relative, systemAttrs = {} } = sampler.sampleRelative(context, relativeSpace);
  const params: Record<string, ParamValue> = {};
  for (const [name, distribution] of Object.entries(space)) {
    if (isSingle(distribution)) params[name] = singleValue(distribution);
    else if (name in relative) params[name] = relative[name];
    else params[name] = sampler.sampleIndependent(context, name, distribution, params);
  }
  return { params, systemAttrs };
}

/** Runs `nTrials` more trials and returns the whole history. */
export function runSamplerLoop(options: LoopOptions): readonly FrozenTrial[] {
  const {
    sampler,
    space,
    directions,
    nTrials,
    evaluate,
    declared = true,
    batchSize = 1,
    onSuggest,
  } = options;
  const trials = [...(options.history ?? [])];
  const end = trials.length + nTrials;
  while (trials.length < end) {
    const first = trials.length;
    while (trials.length < Math.min(first + batchSize, end)) {
      const context = {
        directions,
        trialNumber: trials.length,
        trials,
        declaredSpace: declared ? space : null,
        conditions: NO_CONDITIONS,
        attempt: 0,
      };
      const suggestion = suggest(sampler, context, space);
      onSuggest?.(context, suggestion);
      trials.push(makeTrial(trials.length, space, suggestion, { state: 'RUNNING' }));
    }
    for (let i = first; i < trials.length; i++)
      trials[i] = makeTrial(i, space, trials[i], evaluate(trials[i].params, i));
  }
  return trials;
}

/** A trial of a history made by hand. */
export function makeTrial(
  number: number,
  space: SearchSpace,
  suggestion: Suggestion,
  outcome: Outcome,
): FrozenTrial {
  const { state = 'COMPLETE', values = null, intermediateValues = new Map(), constraints } = outcome;
  return frozenTrial({
    trialId: number,
    number,
    state,
    params: suggestion.params,
    distributions: Object.fromEntries(Object.keys(suggestion.params).map((name) => [name, space[name]])),
    values,
    userAttrs: {},
    systemAttrs:
      constraints === undefined
        ? suggestion.systemAttrs
        : { ...suggestion.systemAttrs, [SYSTEM_ATTR.constraints]: constraints },
    intermediateValues,
    datetimeStart: new Date(0),
    datetimeComplete: state === 'RUNNING' ? null : new Date(0),
  });
}
