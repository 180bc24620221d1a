/** Rows of Optuna's tables to trials. Rows come as tuples, in the column order of the types below. */
import { markDamaged } from '../../src/core/damage.ts';
import {
  contains,
  type Distribution,
  type ParamValue,
  type SearchSpace,
  toExternalRepr,
} from '../../src/core/distribution.ts';
import { type StorageError, ThanosError } from '../../src/core/errors.ts';
import {
  type Attrs,
  constraintsFromAttrs,
  type FrozenTrial,
  frozenTrial,
  NO_INTERMEDIATE_VALUES,
  type TrialState,
} from '../../src/core/frozen-trial.ts';
import { NO_ATTRS, setOwn } from '../../src/core/json.ts';
import type { TrialCursor, TrialOutcome } from '../../src/core/storage.ts';
import { corrupt, decodeDateOrNull, decodeNumber, decodeState } from './encoding.ts';
import { type AttrRow, attrsOf, parseDistribution } from './mapping.ts';
import { columnIs, DamageReport, oddRow, ofTrial, shownCell } from './odd-row.ts';
import { numberOf, type TrialHead } from './trial-numbers.ts';

export type ParamRow = [name: string, value: number | null, distributionJson: string];
/** `place` is the objective, or the step. */
export type NumberRow = [place: number, value: number | null, type: string];

/** The distributions of a trial, and the rows that they were read from. */
export interface StoredSpace {
  readonly names: readonly string[];
  readonly jsons: readonly string[];
  readonly distributions: SearchSpace;
}

/** The parameters of a trial whose names and distributions are known to be stored as these, in this order. */
export interface KnownSpaceParams {
  readonly space: StoredSpace;
  /** The values as they are stored. */
  readonly values: readonly unknown[];
}

/** What belongs to one trial, each list in the order of its place within the trial. */
export interface TrialRows {
  readonly params: readonly ParamRow[] | KnownSpaceParams;
  readonly values: readonly NumberRow[];
  readonly intermediateValues: readonly NumberRow[];
  readonly userAttrs: readonly AttrRow[];
  readonly systemAttrs: readonly AttrRow[];
}

/** What tells what became of a trial. */
export interface OutcomeRows {
  readonly values: readonly NumberRow[];
  /** The attributes that hold its constraints. */
  readonly constraints: readonly AttrRow[];
}

export interface StudyFacts {
  readonly studyId: number;
  readonly studyName: string;
  readonly nObjectives: number;
}

const NO_SPACE: StoredSpace = { names: [], jsons: [], distributions: Object.freeze({}) };

/**
 * Makes the trials of one study of their rows. Most trials have the distributions and attributes of the one before: then they
 * share these objects.
 *
 * A trial with rows that cannot be read is there without them, marked as damaged; without its parameters, values or state it
 * is no trial to learn from, so it is shown as FAILed.
 */
export class TrialDecoder {
  readonly #study: StudyFacts;
  #space = NO_SPACE;
  #attrs: { readonly key: string; readonly json: string | null; readonly attrs: Attrs } | null = null;

  constructor(study: StudyFacts) {
    this.#study = study;
  }

  /** That of the last whole trial whose space was a new one. */
  get space(): StoredSpace {
    return this.#space;
  }

  /** @param before the trial before it, if that is known; -1 is the number before the first. */
  decode(head: TrialHead, before: TrialCursor | null, rows: TrialRows): FrozenTrial {
    const report = new DamageReport();
    const [trialId, , , start, complete] = head;
    const number = numberOf(head, before, this.#study, report);
    const whose = `trial ${number} of study '${this.#study.studyName}'`;
    const { params, distributions, isWhole } =
      'space' in rows.params
        ? paramsIn(rows.params, trialId, whose, report)
        : this.#params(trialId, whose, rows.params, report);
    const outcome = this.#outcome(head, whose, rows.values, report);
    const trial = frozenTrial({
      trialId,
      number,
      state: isWhole ? outcome.state : 'FAIL',
      params,
      distributions,
      values: isWhole ? outcome.values : null,
      userAttrs: attrsOf(ofTrial('trial_user_attributes', trialId, whose), rows.userAttrs, report),
      systemAttrs: this.#systemAttrs(trialId, whose, rows.systemAttrs, report),
      intermediateValues: intermediateValuesOf(trialId, whose, rows.intermediateValues, report),
      datetimeStart: dateOf('datetime_start', start, trialId, whose, report),
      datetimeComplete: dateOf('datetime_complete', complete, trialId, whose, report),
    });
    return report.first === null ? trial : markDamaged(trial, report.first);
  }

  /** Returns the outcome that `decode` would give, of a trial of which only these rows are read. */
  decodeOutcome(
    head: TrialHead,
    { values, constraints }: OutcomeRows,
    before: TrialCursor | null,
  ): TrialOutcome {
    const report = new DamageReport();
    const [trialId, , , start, complete] = head;
    const number = numberOf(head, before, this.#study, report);
    const whose = `trial ${number} of study '${this.#study.studyName}'`;
    const outcome = {
      trialId,
      number,
      ...this.#outcome(head, whose, values, report),
      constraints: constraintsFromAttrs(this.#systemAttrs(trialId, whose, constraints, report)),
    };
    dateOf('datetime_start', start, trialId, whose, report);
    dateOf('datetime_complete', complete, trialId, whose, report);
    return report.first === null ? outcome : markDamaged(outcome, report.first);
  }

  #outcome(
    [trialId, , storedState]: TrialHead,
    whose: string,
    rows: readonly NumberRow[],
    report: DamageReport,
  ): Pick<TrialOutcome, 'state' | 'values'> {
    let state: TrialState = 'FAIL';
    const hasState = report.attempt(() => {
      state = stateOf(storedState, trialId, whose);
    });
    let values: readonly number[] | null = null;
    const hasValues = report.attempt(() => {
      values = this.#values(trialId, whose, state, rows);
    });
    return hasState && hasValues ? { state, values } : { state: 'FAIL', values: null };
  }

  #params(trialId: number, whose: string, rows: readonly ParamRow[], report: DamageReport): DecodedParams {
    const { names, jsons } = this.#space;
    let isKnown = names.length === rows.length;
    for (let i = 0; isKnown && i < rows.length; i++)
      isKnown = rows[i][0] === names[i] && rows[i][2] === jsons[i];
    if (isKnown)
      return paramsIn({ space: this.#space, values: rows.map((row) => row[1]) }, trialId, whose, report);
    const distributions: Record<string, Distribution> = {};
    const params: Record<string, ParamValue> = {};
    let isWhole = true;
    for (const row of rows) {
      const [name, internal] = row;
      const isRead = report.attempt(() => {
        const distribution = distributionOf(row, trialId, whose);
        setOwn(params, name, externalValue(distribution, internal, name, trialId, whose));
        setOwn(distributions, name, distribution);
      });
      isWhole &&= isRead;
    }
    Object.freeze(params);
    Object.freeze(distributions);
    if (isWhole)
      this.#space = { names: rows.map((row) => row[0]), jsons: rows.map((row) => row[2]), distributions };
    return { params, distributions, isWhole };
  }

  /** Null if there are none. @throws StorageError STORAGE_CORRUPT naming the row. */
  #values(
    trialId: number,
    whose: string,
    state: TrialState,
    rows: readonly NumberRow[],
  ): readonly number[] | null {
    const { nObjectives } = this.#study;
    const place = ofTrial('trial_values', trialId, whose);
    const giveUp = `UPDATE trials SET state = 'FAIL' WHERE trial_id = ${trialId}`;
    const values = rows.map(([objective, value, type], i) => {
      const number = decodeNumber(value, type);
      const key = `${columnIs('objective', objective)}; ${giveUp}`;
      if (number === null || Number.isNaN(number))
        throw oddRow(
          place,
          `objective value ${shownCell(objective)}`,
          key,
          `it must be a FINITE number, INF_POS or INF_NEG, but is ${shownCell(type)} ${shownCell(value)}`,
        );
      if (objective !== i || i >= nObjectives)
        throw oddRow(
          place,
          `objective value ${shownCell(objective)}`,
          key,
          `values are numbered from 0, one for each of the study's ${nObjectives} objective(s)`,
        );
      return number;
    });
    if (state === 'COMPLETE' && values.length !== nObjectives)
      throw corrupt(
        `the values of ${whose} cannot be read: a COMPLETE trial must have one for each of the study's ${nObjectives} ` +
          `objective(s), but has ${values.length}; add them, or let it count as failed: ${giveUp}`,
      );
    return values.length === 0 ? null : Object.freeze(values);
  }

  #systemAttrs(trialId: number, whose: string, rows: readonly AttrRow[], report: DamageReport): Attrs {
    if (rows.length === 0) return NO_ATTRS;
    const [key, json] = rows[0];
    const isSame = rows.length === 1 && this.#attrs?.key === key && this.#attrs.json === json;
    if (isSame) return this.#attrs!.attrs;
    const attrs = attrsOf(ofTrial('trial_system_attributes', trialId, whose), rows, report);
    if (rows.length === 1 && report.first === null) this.#attrs = { key, json, attrs };
    return attrs;
  }
}

type DecodedParams = Pick<FrozenTrial, 'params' | 'distributions'> & { readonly isWhole: boolean };

function paramsIn(
  { space: { names, distributions }, values }: KnownSpaceParams,
  trialId: number,
  whose: string,
  report: DamageReport,
): DecodedParams {
  const params: Record<string, ParamValue> = {};
  let nRead = 0;
  for (let i = 0; i < names.length; i++) {
    const name = names[i];
    const distribution = distributions[name];
    const internal = values[i];
    // The common case by itself: a closure for each value would cost more than all the rest.
    if (distribution.kind === 'float' && Number.isFinite(internal)) setOwn(params, name, internal as number);
    else if (
      !report.attempt(() => {
        setOwn(params, name, externalValue(distribution, internal, name, trialId, whose));
      })
    )
      continue;
    nRead++;
  }
  Object.freeze(params);
  if (nRead === names.length) return { params, distributions, isWhole: true };
  const own: Record<string, Distribution> = {};
  for (const name of Object.keys(params)) setOwn(own, name, distributions[name]);
  return { params, distributions: Object.freeze(own), isWhole: false };
}

function stateOf(stored: string, trialId: number, whose: string): TrialState {
  try {
    return decodeState(stored, whose);
  } catch (error) {
    throw corrupt(
      `${(error as Error).message}: UPDATE trials SET state = 'FAIL' WHERE trial_id = ${trialId}`,
      error,
    );
  }
}

function oddParam(name: string, trialId: number, whose: string, rule: string, cause?: unknown): StorageError {
  const key = columnIs('param_name', name);
  return oddRow(ofTrial('trial_params', trialId, whose), `parameter '${shownCell(name)}'`, key, rule, cause);
}

function distributionOf([name, , json]: ParamRow, trialId: number, whose: string): Distribution {
  if (typeof name !== 'string')
    throw oddParam(name, trialId, whose, `its name must be a text, but is ${shownCell(name)}`);
  try {
    return parseDistribution(json);
  } catch (error) {
    if (!(error instanceof ThanosError)) throw error;
    throw oddParam(name, trialId, whose, error.message, error);
  }
}

function externalValue(
  distribution: Distribution,
  internal: unknown,
  name: string,
  trialId: number,
  whose: string,
): ParamValue {
  if (
    Number.isFinite(internal) &&
    (distribution.kind !== 'categorical' || contains(distribution, internal as number))
  )
    return toExternalRepr(distribution, internal as number);
  const rule =
    distribution.kind === 'categorical'
      ? `its value must be the index of one of ${distribution.choices.length} choices, but is ${shownCell(internal)}`
      : `its value must be a finite number, but is ${shownCell(internal)}`;
  throw oddParam(name, trialId, whose, rule);
}

/** An intermediate value that is no number reads as NaN. */
function intermediateValuesOf(
  trialId: number,
  whose: string,
  rows: readonly NumberRow[],
  report: DamageReport,
): ReadonlyMap<number, number> {
  if (rows.length === 0) return NO_INTERMEDIATE_VALUES;
  const values = new Map<number, number>();
  for (const [step, value, type] of rows)
    if (Number.isSafeInteger(step)) values.set(step, decodeNumber(value, type) ?? Number.NaN);
    else
      report.add(
        oddRow(
          ofTrial('trial_intermediate_values', trialId, whose),
          `the intermediate value of step ${shownCell(step)}`,
          columnIs('step', step),
          'a step must be an integer',
        ),
      );
  return values;
}

function dateOf(
  column: 'datetime_start' | 'datetime_complete',
  text: string | null,
  trialId: number,
  whose: string,
  report: DamageReport,
): Date | null {
  try {
    return decodeDateOrNull(text, whose);
  } catch (error) {
    report.add(
      corrupt(
        `${(error as Error).message}: UPDATE trials SET ${column} = NULL WHERE trial_id = ${trialId}`,
        error,
      ),
    );
    return null;
  }
}
