/** From what an objective returned, or a user told, to a state and values. */
import { InvalidArgumentError } from './errors.ts';
import type { Outcome } from './optimize.ts';
import { shown } from './options.ts';

export type ObjectiveValue = number | readonly number[];

/** What `tell` accepts: the objective's value(s), or a state. */
export type TellResult =
  | ObjectiveValue
  | { readonly state: 'PRUNED' | 'FAIL' }
  | { readonly state: 'COMPLETE'; readonly values: readonly number[] };

export type ToldOutcome = Exclude<Outcome, { kind: 'interrupted' }>;

/** @throws InvalidArgumentError for what is neither values nor a known state: the trial stays as it is. */
export function outcomeOfTold(result: TellResult): ToldOutcome {
  if (typeof result !== 'object' || result === null || Array.isArray(result)) {
    if (result === null || result === undefined)
      throw new InvalidArgumentError(`tell needs value(s) or { state }, but got ${String(result)}`);
    return { kind: 'values', values: result };
  }
  const { state } = result as { state: string };
  if (state === 'PRUNED') return { kind: 'pruned' };
  if (state === 'FAIL') return { kind: 'error', error: 'told to FAIL' };
  if (state === 'COMPLETE') return { kind: 'values', values: (result as { values: unknown }).values };
  throw new InvalidArgumentError(
    `tell takes the state 'COMPLETE' (with values), 'PRUNED' or 'FAIL', but got ${shown(state)}`,
  );
}

export interface TrialResult {
  readonly state: 'COMPLETE' | 'PRUNED' | 'FAIL';
  readonly values: readonly number[] | null;
  /** Why it is FAIL. */
  readonly reason?: string;
}

/** NaN, what is no number, and the wrong number of values FAIL the trial. A PRUNED one has its last intermediate value. */
export function resultOf(
  outcome: ToldOutcome,
  lastIntermediateValue: number | null,
  nObjectives: number,
): TrialResult {
  if (outcome.kind === 'error') return { state: 'FAIL', values: null, reason: shown(outcome.error) };
  if (outcome.kind === 'pruned') {
    const hasValue = lastIntermediateValue !== null && !Number.isNaN(lastIntermediateValue);
    return { state: 'PRUNED', values: hasValue ? [lastIntermediateValue] : null };
  }
  const values: unknown[] = Array.isArray(outcome.values) ? outcome.values : [outcome.values];
  const fail = (reason: string): TrialResult => ({ state: 'FAIL', values: null, reason });
  if (values.length !== nObjectives)
    return fail(`${nObjectives} value(s) were expected, but got ${values.length}`);
  const bad = values.findIndex((value) => typeof value !== 'number' || Number.isNaN(value));
  if (bad >= 0) return fail(`value ${bad} is ${shown(values[bad])}, not a number`);
  return { state: 'COMPLETE', values: values as number[] };
}
