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
import {
  corrupt,
  decodeDateOrNull,
  decodeNumber,
  decodeState,
  knownState,
  millisecondsOf,
} from './encoding.ts';
import { type AttrRow, attrsOf, parseDistribution } from './mapping.ts';
import { columnIs, DamageReport, oddRow, ofTrial, type Place, shownCell } from './odd-row.ts';
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
  /** The values as they are stored, from place `first` on. */
  readonly values: readonly unknown[];
  readonly first: number;
}

/** What belongs to one trial besides its values, each list in the order of its place within the trial. */
export interface TrialRows {
  readonly params: readonly ParamRow[] | KnownSpaceParams;
  readonly intermediateValues: readonly NumberRow[];
  readonly userAttrs: readonly AttrRow[];
  readonly systemAttrs: readonly AttrRow[];
}

/**
 * The objective values of a trial: `plain` if they are known to be a finite number for each objective or, unless it is
 * COMPLETE, none.
 */
export type TrialValues =
  | { readonly plain: readonly number[] | null }
  | { readonly rows: readonly NumberRow[] };

/** What tells what became of a trial. */
export interface OutcomeRows {
  readonly values: TrialValues;
  /** The attributes that hold its constraints. */
  readonly constraints: readonly AttrRow[];
}

/** What is wrong with one trial, and how it is called in errors. */
class TrialReport extends DamageReport {
  readonly trialId: number;
  readonly #studyName: string;
  number = 0;

  constructor(trialId: number, studyName: string) {
    super();
    this.trialId = trialId;
    this.#studyName = studyName;
  }

  get whose(): string {
    return `trial ${this.number} of study '${this.#studyName}'`;
  }

  place(table: string): Place {
    return ofTrial(table, this.trialId, this.whose);
  }
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
  #lastAttr: AttrRow | null = null;
  #lastAttrs = NO_ATTRS;

  constructor(study: StudyFacts) {
    this.#study = study;
  }

  /** That of the last whole trial whose space was a new one. */
  get space(): StoredSpace {
    return this.#space;
  }

  /** The only system attribute of the last trial that had a single one and another than the trial before. */
  get lastAttr(): AttrRow | null {
    return this.#lastAttr;
  }

  /** @param before the trial before it, if that is known; -1 is the number before the first. */
  decode(head: TrialHead, before: TrialCursor | null, values: TrialValues, rows: TrialRows): FrozenTrial {
    const [trialId, , , start, complete] = head;
    const report = new TrialReport(trialId, this.#study.studyName);
    const number = numberOf(head, before, this.#study, report);
    report.number = number;
    const { params, distributions, isWhole } =
      'space' in rows.params ? paramsIn(rows.params, report) : this.#params(rows.params, report);
    const outcome = this.#outcome(head, values, report);
    const trial = frozenTrial({
      trialId,
      number,
      state: isWhole ? outcome.state : 'FAIL',
      params,
      distributions,
      values: isWhole ? outcome.values : null,
      userAttrs: userAttrsOf(rows.userAttrs, report),
      systemAttrs: this.#systemAttrs(rows.systemAttrs, report),
      intermediateValues: intermediateValuesOf(rows.intermediateValues, report),
      datetimeStart: dateOf('datetime_start', start, report),
      datetimeComplete: dateOf('datetime_complete', complete, report),
    });
    return report.first === null ? trial : markDamaged(trial, report.first);
  }

  /** Returns the outcome that `decode` would give, of a trial of which only these rows are read. */
  decodeOutcome(
    head: TrialHead,
    { values, constraints }: OutcomeRows,
    before: TrialCursor | null,
  ): TrialOutcome {
    const [trialId, , , start, complete] = head;
    const report = new TrialReport(trialId, this.#study.studyName);
    const number = numberOf(head, before, this.#study, report);
    report.number = number;
    const outcome = {
      trialId,
      number,
      ...this.#outcome(head, values, report),
      constraints: constraintsFromAttrs(this.#systemAttrs(constraints, report)),
    };
    dateOf('datetime_start', start, report);
    dateOf('datetime_complete', complete, report);
    return report.first === null ? outcome : markDamaged(outcome, report.first);
  }

  #outcome(
    head: TrialHead,
    values: TrialValues,
    report: TrialReport,
  ): Pick<TrialOutcome, 'state' | 'values'> {
    // The common cases by themselves: closures for each trial would cost more than all the rest.
    const known = knownState(head[2]);
    if (known !== null && 'plain' in values) return { state: known, values: values.plain };
    let state: TrialState = 'FAIL';
    const hasState = report.attempt(() => {
      state = stateOf(head[2], report);
    });
    if ('plain' in values) return { state: 'FAIL', values: null };
    let read: readonly number[] | null = null;
    const hasValues = report.attempt(() => {
      read = this.#values(state, values.rows, report);
    });
    return hasState && hasValues ? { state, values: read } : { state: 'FAIL', values: null };
  }

  #params(rows: readonly ParamRow[], report: TrialReport): DecodedParams {
    const { names, jsons } = this.#space;
    let isKnown = names.length === rows.length;
    for (let i = 0; isKnown && i < rows.length; i++)
      isKnown = rows[i][0] === names[i] && rows[i][2] === jsons[i];
    if (isKnown) return paramsIn({ space: this.#space, values: rows.map((row) => row[1]), first: 0 }, report);
    const distributions: Record<string, Distribution> = {};
    const params: Record<string, ParamValue> = {};
    let isWhole = true;
    for (const row of rows) {
      const [name, internal] = row;
      const isRead = report.attempt(() => {
        const distribution = distributionOf(row, report);
        setOwn(params, name, externalValue(distribution, internal, name, report));
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
  #values(state: TrialState, rows: readonly NumberRow[], report: TrialReport): readonly number[] | null {
    const { nObjectives } = this.#study;
    const place = report.place('trial_values');
    const giveUp = `UPDATE trials SET state = 'FAIL' WHERE trial_id = ${report.trialId}`;
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
        `the values of ${report.whose} cannot be read: a COMPLETE trial must have one for each of the study's ${nObjectives} ` +
          `objective(s), but has ${values.length}; add them, or let it count as failed: ${giveUp}`,
      );
    return values.length === 0 ? null : Object.freeze(values);
  }

  #systemAttrs(rows: readonly AttrRow[], report: TrialReport): Attrs {
    if (rows.length === 0) return NO_ATTRS;
    const [key, json] = rows[0];
    const isSame = rows.length === 1 && this.#lastAttr?.[0] === key && this.#lastAttr[1] === json;
    if (isSame) return this.#lastAttrs;
    const attrs = attrsOf(report.place('trial_system_attributes'), rows, report);
    if (rows.length === 1 && report.first === null) {
      this.#lastAttr = [key, json];
      this.#lastAttrs = attrs;
    }
    return attrs;
  }
}

type DecodedParams = Pick<FrozenTrial, 'params' | 'distributions'> & { readonly isWhole: boolean };

function paramsIn(
  { space: { names, distributions }, values, first }: KnownSpaceParams,
  report: TrialReport,
): DecodedParams {
  const params: Record<string, ParamValue> = {};
  let nRead = 0;
  for (let i = 0; i < names.length; i++) {
    const name = names[i];
    const distribution = distributions[name];
    const internal = values[first + i];
    // The common case by itself: a closure for each value would cost more than all the rest.
    if (distribution.kind === 'float' && Number.isFinite(internal)) setOwn(params, name, internal as number);
    else if (
      !report.attempt(() => {
        setOwn(params, name, externalValue(distribution, internal, name, report));
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

function userAttrsOf(rows: readonly AttrRow[], report: TrialReport): Attrs {
  return rows.length === 0 ? NO_ATTRS : attrsOf(report.place('trial_user_attributes'), rows, report);
}

function stateOf(stored: string, report: TrialReport): TrialState {
  try {
    return decodeState(stored, report.whose);
  } catch (error) {
    throw corrupt(
      `${(error as Error).message}: UPDATE trials SET state = 'FAIL' WHERE trial_id = ${report.trialId}`,
      error,
    );
  }
}

function oddParam(name: string, report: TrialReport, rule: string, cause?: unknown): StorageError {
  const key = columnIs('param_name', name);
  return oddRow(report.place('trial_params'), `parameter '${shownCell(name)}'`, key, rule, cause);
}

function distributionOf([name, , json]: ParamRow, report: TrialReport): Distribution {
  if (typeof name !== 'string')
    throw oddParam(name, report, `its name must be a text, but is ${shownCell(name)}`);
  try {
    return parseDistribution(json);
  } catch (error) {
    if (!(error instanceof ThanosError)) throw error;
    throw oddParam(name, report, error.message, error);
  }
}

function externalValue(
  distribution: Distribution,
  internal: unknown,
  name: string,
  report: TrialReport,
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
  throw oddParam(name, report, rule);
}

/** An intermediate value that is no number reads as NaN. */
function intermediateValuesOf(rows: readonly NumberRow[], report: TrialReport): ReadonlyMap<number, number> {
  if (rows.length === 0) return NO_INTERMEDIATE_VALUES;
  const values = new Map<number, number>();
  for (const [step, value, type] of rows)
    if (Number.isSafeInteger(step)) values.set(step, decodeNumber(value, type) ?? Number.NaN);
    else
      report.add(
        oddRow(
          report.place('trial_intermediate_values'),
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
  report: TrialReport,
): Date | null {
  if (text === null) return null;
  const ms = millisecondsOf(text);
  if (!Number.isNaN(ms)) return new Date(ms);
  try {
    return decodeDateOrNull(text, report.whose);
  } catch (error) {
    report.add(
      corrupt(
        `${(error as Error).message}: UPDATE trials SET ${column} = NULL WHERE trial_id = ${report.trialId}`,
        error,
      ),
    );
    return null;
  }
}
