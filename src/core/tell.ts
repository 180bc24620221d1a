/** From what an objective returned, or a user told, to a state and values. */
import type { Directions, ObjectiveValue, ValuesOf } from './directions.ts';
import { InvalidArgumentError, StorageError } from './errors.ts';
import { type FrozenTrial, isFinished } from './frozen-trial.ts';
import { isPlainObject } from './json.ts';
import type { Outcome } from './optimize.ts';
import { assertKnownOptions, BOOLEAN, checkOptions } from './option-rules.ts';
import { shown, shownError } from './shown.ts';

/** What `tell` accepts: the objective's value(s), or a state. */
export type TellResult<D extends Directions = Directions> =
  | ObjectiveValue<D>
  | {
      /** The trial has no values: it was given up, or it went wrong. */
      readonly state: 'PRUNED' | 'FAIL';
    }
  | {
      /** The trial was evaluated to its end. */
      readonly state: 'COMPLETE';
      /** One per objective. */
      readonly values: ValuesOf<D>;
    };

/** Options of `study.tell`. */
export interface TellOptions {
  /** Leave a trial as it is that is finished already, instead of throwing TRIAL_FINISHED. Default false. */
  readonly skipIfFinished?: boolean | undefined;
}

/** @throws InvalidArgumentError */
export function checkTellOptions(options: TellOptions): void {
  checkOptions('tell', options, { skipIfFinished: BOOLEAN });
}

export type ToldOutcome = Exclude<Outcome, { kind: 'interrupted' }>;

/** @throws InvalidArgumentError for what is neither values nor a known state: the trial stays as it is. */
export function outcomeOfTold(result: TellResult): ToldOutcome {
  if (result === null || result === undefined)
    throw new InvalidArgumentError(`tell needs value(s) or { state }, but got ${shown(result)}`);
  if (!isPlainObject(result)) return { kind: 'values', values: result };
  assertKnownOptions('tell', result, ['state', 'values']);
  const { state, values } = result as { readonly state?: unknown; readonly values?: unknown };
  if (state === 'COMPLETE') return { kind: 'values', values };
  if (state !== 'PRUNED' && state !== 'FAIL')
    throw new InvalidArgumentError(
      `tell takes the state 'COMPLETE' (with values), 'PRUNED' or 'FAIL', but got ${shown(state)}`,
    );
  if (values !== undefined && values !== null)
    throw new InvalidArgumentError(
      `a trial that is told to be ${state} has no values, but got ${shown(values)}; report them before, or tell 'COMPLETE'`,
    );
  return state === 'PRUNED' ? { kind: 'pruned' } : { kind: 'error', error: TOLD_TO_FAIL };
}

const TOLD_TO_FAIL = 'told to FAIL';

export interface TrialResult {
  readonly state: 'COMPLETE' | 'PRUNED' | 'FAIL';
  readonly values: readonly number[] | null;
  /** Why it is FAIL. */
  readonly reason?: string | undefined;
}

/** Returns the result of a trial that an error ended. */
export function failedBy(error: unknown): TrialResult {
  return { state: 'FAIL', values: null, reason: shownError(error) };
}

/** NaN, what is no number, and the wrong number of values FAIL the trial. A PRUNED one has its last intermediate value. */
export function resultOf(
  outcome: ToldOutcome,
  lastIntermediateValue: number | null,
  nObjectives: number,
): TrialResult {
  if (outcome.kind === 'error') return failedBy(outcome.error);
  if (outcome.kind === 'pruned') {
    const hasValue = lastIntermediateValue !== null && !Number.isNaN(lastIntermediateValue);
    return { state: 'PRUNED', values: hasValue ? [lastIntermediateValue] : null };
  }
  const values: unknown[] = Array.isArray(outcome.values) ? outcome.values : [outcome.values];
  const fail = (reason: string): TrialResult => ({ state: 'FAIL', values: null, reason });
  if (values.length !== nObjectives)
    return fail(`${nObjectives} value(s) were expected, but got ${values.length}: ${shown(values)}`);
  const bad = values.findIndex((value) => typeof value !== 'number' || Number.isNaN(value));
  if (bad >= 0) return fail(`value ${bad} is ${shown(values[bad])}, not a number`);
  return { state: 'COMPLETE', values: values as number[] };
}

/** @throws StorageError TRIAL_NOT_FOUND, TRIAL_FINISHED; InvalidArgumentError for a trial that is queued. */
export function assertCanBeTold(
  trial: FrozenTrial | undefined,
  number: number,
  studyName: string,
): asserts trial is FrozenTrial {
  if (trial === undefined)
    throw new StorageError('TRIAL_NOT_FOUND', `study '${studyName}' has no trial ${number}`);
  if (isFinished(trial.state))
    throw new StorageError('TRIAL_FINISHED', `trial ${number} is ${trial.state} and can no longer be told`);
  if (trial.state === 'WAITING')
    throw new InvalidArgumentError(`trial ${number} is queued: ask for it before it is told`);
}
