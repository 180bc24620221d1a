/** What every storage does with a template or an update before it keeps it. */
import {
  checkedDistribution,
  type Distribution,
  type ParamValue,
  toExternalRepr,
  toInternalRepr,
} from '../src/core/distribution.ts';
import { InvalidArgumentError } from '../src/core/errors.ts';
import {
  type FrozenTrial,
  frozenTrial,
  isFinished,
  isStorableDate,
  NO_INTERMEDIATE_VALUES,
  SYSTEM_ATTR,
  type TrialState,
} from '../src/core/frozen-trial.ts';
import { type Attrs, assertAttrs, NO_ATTRS, setOwn } from '../src/core/json.ts';
import { assertName } from '../src/core/names.ts';
import { shown } from '../src/core/shown.ts';
import type { CreateCondition, TrialTemplate, TrialUpdate } from '../src/core/storage.ts';

/**
 * Parameters as they will be read back (an int is whole, a categorical is its choice), frozen: the very object that was given
 * if it is frozen and needs no change.
 */
export function storedParams(
  params: Readonly<Record<string, ParamValue>>,
  distributions: Readonly<Record<string, Distribution>>,
): Readonly<Record<string, ParamValue>> {
  if (Object.isFrozen(params) && isStored(params, distributions)) return params;
  const stored: Record<string, ParamValue> = {};
  for (const name of Object.keys(params))
    setOwn(stored, name, storedValue(distributionOf(distributions, name), params[name]));
  return Object.freeze(stored);
}

function isStored(
  params: Readonly<Record<string, ParamValue>>,
  distributions: Readonly<Record<string, Distribution>>,
): boolean {
  for (const name in params)
    if (!Object.is(storedValue(distributionOf(distributions, name), params[name]), params[name]))
      return false;
  return true;
}

function storedValue(distribution: Distribution, value: ParamValue): ParamValue {
  if (distribution.kind === 'float' && typeof value === 'number' && !Number.isNaN(value)) return value;
  return toExternalRepr(distribution, toInternalRepr(distribution, value));
}

/** The distributions of some parameters: the very object if it is frozen and holds no others. */
export function storedDistributions(
  params: Readonly<Record<string, ParamValue>>,
  distributions: Readonly<Record<string, Distribution>>,
): Readonly<Record<string, Distribution>> {
  if (Object.isFrozen(distributions) && isChecked(distributions, sizeOf(params))) return distributions;
  const stored: Record<string, Distribution> = {};
  for (const name of Object.keys(params)) setOwn(stored, name, distributionOf(distributions, name));
  return Object.freeze(stored);
}

/** Whether there are this many distributions, and none of them needs a change. */
function isChecked(distributions: Readonly<Record<string, Distribution>>, size: number): boolean {
  for (const name in distributions)
    if (checkedDistribution(distributions[name]) !== distributions[name]) return false;
  return sizeOf(distributions) === size;
}

function sizeOf(record: object): number {
  let size = 0;
  for (const _ in record) size++;
  return size;
}

/** @throws InvalidArgumentError if there is none; ThanosError INVALID_DISTRIBUTION for what could not be read back. */
export function distributionOf(
  distributions: Readonly<Record<string, Distribution>> | undefined,
  name: string,
): Distribution {
  const distribution =
    distributions !== undefined && Object.hasOwn(distributions, name) ? distributions[name] : undefined;
  if (distribution === undefined)
    throw new InvalidArgumentError(
      `every parameter needs its distribution, but '${name}' has none; pass it in 'distributions'`,
    );
  assertName('the name of a parameter', name);
  return checkedDistribution(distribution);
}

/** @throws InvalidArgumentError for NaN, which the format cannot hold as an objective value, for no numbers, and for bad steps. */
export function checkNumbers(update: Pick<TrialUpdate, 'values' | 'intermediateValues'>): void {
  if (update.values != null && !Array.isArray(update.values))
    throw new InvalidArgumentError(
      `objective values must be a list of numbers, but are ${shown(update.values)}; pass [value]`,
    );
  if (update.values != null)
    for (const value of update.values)
      if (typeof value !== 'number' || Number.isNaN(value))
        throw new InvalidArgumentError(
          `objective values must be numbers other than NaN, but one is ${shown(value)}; tell the trial as FAIL`,
        );
  if (update.intermediateValues === undefined) return;
  for (const [step, value] of update.intermediateValues) {
    if (!Number.isSafeInteger(step))
      throw new InvalidArgumentError(
        `a step of an intermediate value must be an integer, but got ${shown(step)}`,
      );
    if (typeof value !== 'number')
      throw new InvalidArgumentError(
        `an intermediate value must be a number, but that of step ${step} is ${shown(value)}; report a number (NaN if there is none)`,
      );
  }
}

const NO_PARAMS = Object.freeze({});

/** Optuna's column. */
const MAX_NAME_LENGTH = 512;

/** @throws InvalidArgumentError for a name that a new study cannot have. */
export function checkNewName(studyName: string): void {
  checkName(studyName);
  const { length } = [...studyName];
  if (length === 0 || length > MAX_NAME_LENGTH)
    throw new InvalidArgumentError(
      `a study name must have 1 to ${MAX_NAME_LENGTH} characters, but has ${length}` +
        `${length === 0 ? '' : ` ('${studyName.slice(0, 40)}…')`}; choose another`,
    );
}

/** @throws InvalidArgumentError for what cannot be looked up: SQLite would take the number 5 for '5.0'. */
export function checkName(studyName: string): void {
  assertName('a study name', studyName);
}

/** Returns a copy in increasing order of step. */
export function bySteps(values: ReadonlyMap<number, number> | undefined): ReadonlyMap<number, number> {
  if (values === undefined || values.size === 0) return NO_INTERMEDIATE_VALUES;
  return new Map([...values].sort(([a], [b]) => a - b));
}

/** Whether the next trial, which would get this number, may be created. */
export function mayCreate(
  condition: CreateCondition,
  nextNumber: number,
  countForeign: () => number,
): boolean {
  const { number = nextNumber, fewerThan = Number.POSITIVE_INFINITY } = condition;
  return number === nextNumber && (nextNumber < fewerThan || nextNumber - countForeign() < fewerThan);
}

/** The trial that a template describes. */
export function trialFromTemplate(
  ids: { readonly trialId: number; readonly number: number },
  template: TrialTemplate,
  owner: string,
  now: Date,
): FrozenTrial {
  checkNumbers(template);
  for (const date of [template.datetimeStart, template.datetimeComplete])
    if (date !== undefined && !isStorableDate(date))
      throw new InvalidArgumentError(
        `a stored time must be a Date of the years 1 to 9999, but is ${shown(date)}`,
      );
  const { state, params = NO_PARAMS, distributions = NO_PARAMS } = template;
  const started = state !== 'WAITING';
  return frozenTrial({
    trialId: ids.trialId,
    number: ids.number,
    state,
    params: storedParams(params, distributions),
    distributions: storedDistributions(params, distributions),
    values: template.values ? Object.freeze([...template.values]) : null,
    userAttrs: assertAttrs(template.userAttrs),
    systemAttrs:
      state === 'RUNNING' ? ownedBy(owner, template.systemAttrs) : assertAttrs(template.systemAttrs),
    intermediateValues: bySteps(template.intermediateValues),
    datetimeStart: template.datetimeStart ?? (started ? now : null),
    datetimeComplete: template.datetimeComplete ?? (isFinished(state) ? now : null),
  });
}

/** Attributes of a RUNNING trial; most have no others, and share one object. */
function ownedBy(owner: string, systemAttrs: Attrs = NO_ATTRS): Attrs {
  if (systemAttrs !== NO_ATTRS) return assertAttrs({ ...systemAttrs, [SYSTEM_ATTR.owner]: owner });
  if (ownerOnly[SYSTEM_ATTR.owner] !== owner) ownerOnly = Object.freeze({ [SYSTEM_ATTR.owner]: owner });
  return ownerOnly;
}

let ownerOnly: Attrs = NO_ATTRS;

/** State and times of a trial that takes on a state. */
export function transition(
  state: TrialState,
  datetimeStart: Date | null,
  now: Date,
): Pick<FrozenTrial, 'state' | 'datetimeStart' | 'datetimeComplete'> {
  return {
    state,
    datetimeStart: datetimeStart ?? (state === 'RUNNING' ? now : null),
    datetimeComplete: isFinished(state) ? now : null,
  };
}
