import type { Distribution, ParamValue } from './distribution.ts';
import type { Attrs } from './json.ts';

export type { Attrs, JsonValue } from './json.ts';

/** The states of a trial, the finished ones first, under Optuna's names. */
export const TRIAL_STATES = ['COMPLETE', 'PRUNED', 'FAIL', 'RUNNING', 'WAITING'] as const;
/** COMPLETE, PRUNED and FAIL are finished; RUNNING is at work or to be re-entered; WAITING is enqueued. */
export type TrialState = (typeof TRIAL_STATES)[number];
/** Whether an objective is to be small or large. */
export type StudyDirection = 'minimize' | 'maximize';

/** Parameters by name, as a trial keeps them. */
export type Params = Readonly<Record<string, ParamValue>>;

/**
 * A trial as it was when it was read: never changes. A study of a declared space types its parameters (`P`), and its number of
 * directions the values (`V`).
 */
export interface FrozenTrial<P = Params, V extends readonly number[] = readonly number[]> {
  /** Unique in the storage. */
  readonly trialId: number;
  /** 0, 1, 2 … within its study. */
  readonly number: number;
  /** What has become of the trial so far. */
  readonly state: TrialState;
  /** Parameters by name; a `choice` as its label, those of its branch as `<name>.<label>.<parameter>`. */
  readonly params: P;
  /** The distribution of each of `params`. */
  readonly distributions: Readonly<Record<string, Distribution>>;
  /** One value per objective; null until COMPLETE (a PRUNED trial has its last intermediate value, if any). */
  readonly values: V | null;
  /** The value of a single-objective trial; null otherwise. */
  readonly value: number | null;
  /** What `trial.setUserAttr` has kept with it. */
  readonly userAttrs: Attrs;
  /** What THANOS, samplers and Optuna keep with it. */
  readonly systemAttrs: Attrs;
  /** step -> value, in increasing order of step. */
  readonly intermediateValues: ReadonlyMap<number, number>;
  /** <= 0 is feasible; null if none were recorded. `namedConstraints(trial)` has their names. */
  readonly constraints: readonly number[] | null;
  /** When it was first begun; null while it is WAITING. */
  readonly datetimeStart: Date | null;
  /** When it was finished; null until then. */
  readonly datetimeComplete: Date | null;
}

/** A trial that was evaluated to its end. */
export interface CompleteTrial<P = Params, V extends readonly number[] = readonly number[]>
  extends FrozenTrial<P, V> {
  /** Evaluated to its end. */
  readonly state: 'COMPLETE';
  readonly values: V;
}

/** The best trial of a single objective. */
export interface BestTrial<P = Params> extends CompleteTrial<P, readonly [number]> {
  readonly value: number;
}

/** Whether a trial in this state will never change again. */
export function isFinished(state: TrialState): boolean {
  return state === 'COMPLETE' || state === 'PRUNED' || state === 'FAIL';
}

/** The years that both JavaScript and Python can write in four digits. */
const [FIRST_MS, END_MS] = [Date.parse('0001-01-01T00:00:00Z'), Date.parse('+010000-01-01T00:00:00Z')];

/** Whether it is a date that can be stored and read back, by Optuna too. */
export function isStorableDate(date: unknown): date is Date {
  if (!(date instanceof Date)) return false;
  const ms = date.getTime();
  return ms >= FIRST_MS && ms < END_MS;
}

/** Keys of system attributes that carry meaning. Those under `thanos:` are ours; the others are Optuna's. */
export const SYSTEM_ATTR = {
  /** Constraint values as a list, the form that every Optuna version and optuna-dashboard read; see named-constraints.ts. */
  constraints: 'constraints',
  /** Parameters fixed by `enqueueTrial`. */
  fixedParams: 'fixed_params',
  /** Which process works on a RUNNING trial; null once released. See Storage clause S6. */
  owner: 'thanos:owner',
  /** Numbers < this trial's that were not finished when it was asked; absent if there were none. See SamplerContext. */
  running: 'thanos:running',
  /** Relative parameters drawn at ask for a define-by-run trial, kept for later trials of its batch. */
  relativeParams: 'thanos:relative_params',
  /** Number of the trial that began this trial's batch; absent for batches of one. */
  batch: 'thanos:batch',
  /** Why a trial FAILed. */
  failReason: 'thanos:fail_reason',
  /** True on a trial that FAILed because its parameters could not be given: it was never evaluated. */
  refused: 'thanos:refused',
  /** How many owners of an unfinished trial have died, and how far it had got. See crash-loop.ts. */
  deaths: 'thanos:deaths',
  /** Names of the child studies of a trial. */
  children: 'thanos:children',
  /** The { study, trial } that owns a child study. */
  parent: 'thanos:parent',
  /** The sampler that a study was last run with. */
  sampler: 'thanos:sampler',
} as const;

/**
 * Whether a trial has failed at parameters that are known: samplers count these as bad. Not if it has none, or if they were
 * refused, which says nothing of the objective.
 */
export function failedAtParams({ state, params, systemAttrs }: FrozenTrial): boolean {
  if (state !== 'FAIL' || systemAttrs[SYSTEM_ATTR.refused] === true) return false;
  for (const _ in params) return true;
  return false;
}

/** Sum of positive violations; 0 if feasible; null if the trial recorded no constraints. */
export function totalViolation(trial: Pick<FrozenTrial, 'constraints'>): number | null {
  if (trial.constraints === null) return null;
  let sum = 0;
  for (const c of trial.constraints) if (c > 0) sum += c;
  return sum;
}

const KEYED_CONSTRAINT = `${SYSTEM_ATTR.constraints}:`;

/**
 * Constraints of a trial from its system attributes: Optuna's list `constraints`, then 5.0's `constraints:<name>`, of which
 * those called '0', '1' … take the place of what is in the list.
 */
export function constraintsFromAttrs(systemAttrs: Attrs): readonly number[] | null {
  const list = systemAttrs[SYSTEM_ATTR.constraints];
  const listed = Array.isArray(list) ? (list as readonly number[]) : null;
  let values: number[] | null = null;
  for (const key in systemAttrs) {
    if (!key.startsWith(KEYED_CONSTRAINT)) continue;
    values ??= [...(listed ?? [])];
    const place = listed === null ? -1 : listed.findIndex((_, i) => key === `${KEYED_CONSTRAINT}${i}`);
    values[place < 0 ? values.length : place] = Number(systemAttrs[key]);
  }
  return values ?? listed;
}

/** Fills in what follows from the rest (`value`, `constraints`) and freezes. */
export function frozenTrial(fields: Omit<FrozenTrial, 'value' | 'constraints'>): FrozenTrial {
  const { values } = fields;
  // Design note: named one by one, so that every trial has one shape; spreading costs several times as much.
  return Object.freeze({
    trialId: fields.trialId,
    number: fields.number,
    state: fields.state,
    params: fields.params,
    distributions: fields.distributions,
    values,
    value: values !== null && values.length === 1 ? values[0] : null,
    userAttrs: fields.userAttrs,
    systemAttrs: fields.systemAttrs,
    intermediateValues: fields.intermediateValues,
    constraints: constraintsFromAttrs(fields.systemAttrs),
    datetimeStart: fields.datetimeStart,
    datetimeComplete: fields.datetimeComplete,
  });
}

/** The intermediate values of a trial that reported nothing. */
export const NO_INTERMEDIATE_VALUES: ReadonlyMap<number, number> = new Map();
