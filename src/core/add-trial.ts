/** Trials that were evaluated elsewhere: made by hand or read from another study, checked, and stored. */
import {
  assertCompatible,
  checkedDistribution,
  contains,
  type Distribution,
  extendsChoices,
  type ParamValue,
  toInternalRepr,
} from './distribution.ts';
import { InvalidArgumentError } from './errors.ts';
import {
  type Attrs,
  type FrozenTrial,
  frozenTrial,
  isFinished,
  isStorableDate,
  type StudyDirection,
  SYSTEM_ATTR,
  type TrialState,
} from './frozen-trial.ts';
import { assertAttrs, isPlainObject } from './json.ts';
import { constraintKey } from './named-constraints.ts';
import { assertName } from './names.ts';
import { assertKnownOptions } from './option-rules.ts';
import { shown } from './shown.ts';
import type { TrialTemplate } from './storage.ts';

/** What `createTrial` takes: a trial that was evaluated elsewhere. */
export interface NewTrial {
  /** Default COMPLETE. */
  readonly state?: TrialState | undefined;
  /** The value of a COMPLETE trial (of a PRUNED one if it has any); or `values`, one for each objective. */
  readonly value?: number | undefined;
  /** One for each objective of a COMPLETE trial. */
  readonly values?: readonly number[] | undefined;
  /** Parameters by name, as the user sees them. Default: none. */
  readonly params?: Readonly<Record<string, ParamValue>> | undefined;
  /** One for each of `params`, which must lie in it. */
  readonly distributions?: Readonly<Record<string, Distribution>> | undefined;
  /** Facts to keep with the trial. Default: none. */
  readonly userAttrs?: Attrs | undefined;
  /** System attributes as another study had them. Default: none. */
  readonly systemAttrs?: Attrs | undefined;
  /** step -> value. */
  readonly intermediateValues?: ReadonlyMap<number, number> | Readonly<Record<number, number>> | undefined;
  /** <= 0 is feasible; a list, or an object of names and values. */
  readonly constraints?: readonly number[] | Readonly<Record<string, number>> | undefined;
  /** Default: when the trial is added. */
  readonly datetimeStart?: Date | undefined;
  /** Default: when the trial is added, if it is finished. */
  readonly datetimeComplete?: Date | undefined;
}

const FIELDS = [
  'state',
  'value',
  'values',
  'params',
  'distributions',
  'userAttrs',
  'systemAttrs',
  'intermediateValues',
  'constraints',
  'datetimeStart',
  'datetimeComplete',
] as const satisfies readonly (keyof NewTrial)[];

/**
 * A trial for `study.addTrial`; it belongs to no study yet, so `number` and `trialId` are -1. Optuna: `create_trial`.
 * @throws InvalidArgumentError
 */
export function createTrial(fields: NewTrial): FrozenTrial {
  assertKnownOptions('createTrial', fields, FIELDS);
  const { value, values, params = {}, distributions = {}, constraints } = fields;
  if (value !== undefined && values !== undefined)
    throw new InvalidArgumentError('give either value or values, not both');
  if (!isPlainObject(params)) refuse('params must be an object { name: value }', params);
  if (!isPlainObject(distributions))
    refuse('distributions must be an object { name: distribution }', distributions);
  const trial = frozenTrial({
    trialId: -1,
    number: -1,
    state: fields.state ?? 'COMPLETE',
    params: { ...params },
    distributions: checkedDistributions(distributions),
    values: value === undefined ? (values ?? null) : [value],
    userAttrs: assertAttrs(fields.userAttrs),
    systemAttrs: assertAttrs(
      constraints === undefined
        ? fields.systemAttrs
        : { ...fields.systemAttrs, ...constraintAttrs(constraints) },
    ),
    intermediateValues: bySteps(fields.intermediateValues ?? {}),
    datetimeStart: fields.datetimeStart ?? null,
    datetimeComplete: fields.datetimeComplete ?? null,
  });
  checkTrial(trial);
  return trial;
}

function checkedDistributions(given: Readonly<Record<string, Distribution>>): Record<string, Distribution> {
  return Object.fromEntries(Object.entries(given).map(([name, d]) => [name, checkedDistribution(d)]));
}

function constraintAttrs(given: NonNullable<NewTrial['constraints']>): Attrs {
  if (Array.isArray(given)) return { [SYSTEM_ATTR.constraints]: given };
  if (!isPlainObject(given))
    refuse('constraints must be a list of numbers, or an object { name: number }', given);
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [constraintKey(name), value]));
}

function bySteps(given: NonNullable<NewTrial['intermediateValues']>): ReadonlyMap<number, number> {
  if (given instanceof Map) return new Map([...given].sort(([a], [b]) => a - b));
  if (!isPlainObject(given)) refuse('intermediateValues must be a Map or an object { step: value }', given);
  return bySteps(new Map(Object.entries(given).map(([step, value]) => [Number(step), value as number])));
}

/** What the trials of a study must fit. */
interface Host {
  readonly directions: readonly StudyDirection[];
  knownDistribution(name: string): Distribution | undefined;
}

/** Facts about a trial's place in the study that it comes from. */
const BOOKKEEPING: ReadonlySet<string> = new Set([
  SYSTEM_ATTR.owner,
  SYSTEM_ATTR.running,
  SYSTEM_ATTR.batch,
  SYSTEM_ATTR.relativeParams,
  SYSTEM_ATTR.children,
]);

/** The trials as templates for the storage of a study. @throws InvalidArgumentError, ThanosError INCOMPATIBLE_DISTRIBUTION */
export function importedTrials(trials: readonly FrozenTrial[], host: Host): readonly TrialTemplate[] {
  if (!Array.isArray(trials as unknown)) refuse('addTrials needs a list of trials', trials);
  const known = new Map<string, Distribution>();
  return trials.map((trial) => {
    checkTrial(trial);
    const { values, systemAttrs } = trial;
    const distributions = checkedDistributions(trial.distributions);
    if (values !== null && values.length !== host.directions.length)
      throw new InvalidArgumentError(
        `a trial needs one value for each of the study's ${host.directions.length} objective(s), but has ` +
          `${values.length}: [${values.join(', ')}]`,
      );
    for (const [name, distribution] of Object.entries(distributions)) {
      const before = known.get(name) ?? host.knownDistribution(name);
      // A trial from before choices were added is welcome too.
      if (before !== undefined && extendsChoices(distribution, before)) continue;
      if (before !== undefined) assertCompatible(name, before, distribution);
      known.set(name, distribution);
    }
    return {
      state: trial.state,
      params: trial.params,
      distributions,
      values,
      userAttrs: trial.userAttrs,
      systemAttrs: Object.fromEntries(Object.entries(systemAttrs).filter(([key]) => !BOOKKEEPING.has(key))),
      intermediateValues: trial.intermediateValues,
      datetimeStart: trial.datetimeStart ?? undefined,
      datetimeComplete: trial.datetimeComplete ?? undefined,
    };
  });
}

function refuse(rule: string, actual: unknown): never {
  throw new InvalidArgumentError(`${rule}, but got ${shown(actual)}`);
}

function checkTrial(trial: FrozenTrial): void {
  const isTrial =
    typeof trial?.state === 'string' &&
    trial.intermediateValues instanceof Map &&
    [trial.params, trial.distributions, trial.userAttrs, trial.systemAttrs].every((part) =>
      isPlainObject(part),
    );
  if (!isTrial) refuse('a trial must be made by createTrial({ … }) or read from a study', trial);
  if (!isFinished(trial.state) && trial.state !== 'RUNNING' && trial.state !== 'WAITING')
    refuse('the state of a trial must be COMPLETE, PRUNED, FAIL, RUNNING or WAITING', trial.state);
  checkValues(trial);
  checkParams(trial);
  for (const [step, value] of trial.intermediateValues) {
    if (!Number.isSafeInteger(step) || step < 0)
      refuse('a step must be an integer >= 0 (up to 2^53 - 1)', step);
    if (typeof value !== 'number') refuse(`the intermediate value of step ${step} must be a number`, value);
  }
  for (const value of trial.constraints ?? [])
    if (typeof value !== 'number' || Number.isNaN(value)) refuse('a constraint must be a number', value);
  for (const date of [trial.datetimeStart, trial.datetimeComplete])
    if (date !== null && !isStorableDate(date))
      refuse('datetimeStart and datetimeComplete must be valid Dates of the years 1 to 9999', date);
  if (trial.datetimeComplete !== null && !isFinished(trial.state))
    refuse('datetimeComplete is for finished trials', trial.state);
}

function checkValues({ state, values }: FrozenTrial): void {
  if (values === null) {
    if (state === 'COMPLETE') refuse('a COMPLETE trial needs value or values', 'neither');
    return;
  }
  if (state !== 'COMPLETE' && state !== 'PRUNED')
    refuse('only COMPLETE and PRUNED trials have values', state);
  if (!Array.isArray(values) || values.length === 0) refuse('values must be a list of numbers', values);
  for (const value of values)
    if (typeof value !== 'number' || Number.isNaN(value))
      refuse('a value must be a number other than NaN', value);
}

function checkParams({ params, distributions }: FrozenTrial): void {
  for (const name of Object.keys(distributions))
    if (!Object.hasOwn(params, name)) refuse('each of distributions needs its parameter in params', name);
  for (const [name, value] of Object.entries(params)) {
    assertName('the name of a parameter', name);
    if (!Object.hasOwn(distributions, name)) refuse('each of params needs its distribution', name);
    const distribution = checkedDistribution(distributions[name]);
    if (!contains(distribution, toInternalRepr(distribution, value)))
      throw new InvalidArgumentError(
        `the value of '${name}' must lie in its distribution, but ${shown(value)} is outside ` +
          `${shown(distribution)}; correct it, or give the distribution that it was drawn from`,
      );
  }
}
