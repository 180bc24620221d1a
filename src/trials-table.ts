/** Trials as a table for pandas, a spreadsheet or any other tool. */
import { InvalidArgumentError } from './core/errors.ts';
import type { Attrs, FrozenTrial, JsonValue, StudyDirection } from './core/frozen-trial.ts';
import { metricNamesOf } from './core/metric-names.ts';
import { constraintNames } from './core/named-constraints.ts';
import { checkOptions, listOf } from './core/option-rules.ts';
import { stringifyPythonJson } from './core/python-json.ts';
import { shown } from './core/shown.ts';
import { durationSeconds } from './core/trial-facts.ts';

/** A value in a table: plain data, a time, or undefined where a trial has no such thing. */
export type TableCell = JsonValue | Date | undefined;

/** Parts of a trial that become columns, in the order of Optuna's, which has no constraints. */
export const TABLE_ATTRS = [
  'number',
  'value',
  'datetime_start',
  'datetime_complete',
  'duration',
  'params',
  'user_attrs',
  'system_attrs',
  'constraints',
  'state',
] as const;

/** A part of a trial, which becomes one or several columns. */
export type TableAttr = (typeof TABLE_ATTRS)[number];

/** Options of {@link trialsTable}. */
export interface TrialsTableOptions {
  /** Which columns, in this order. Default: Optuna's, which is all but constraints. */
  readonly attrs?: readonly TableAttr[] | undefined;
}

/** A study, or what is read of one; or its trials. */
export type TableSource =
  | readonly FrozenTrial[]
  | {
      /** The rows, in this order. */
      readonly trials: readonly FrozenTrial[];
      /** One per objective. */
      readonly directions: readonly StudyDirection[];
      /** Hold the metric names, if `setMetricNames` gave any. */
      readonly systemAttrs?: Attrs | undefined;
    };

const DEFAULT_ATTRS = TABLE_ATTRS.filter((attr) => attr !== 'constraints');

/** A column, before it is filled. */
export interface Column {
  /** The header, as in Optuna's `trials_dataframe`. */
  readonly name: string;
  /** Returns the cell of a trial. */
  readonly of: (trial: FrozenTrial) => TableCell;
}

/** Trials as rows and columns, for pandas, a spreadsheet or any other tool; made by {@link trialsTable}. */
export class TrialsTable {
  /** The headers, in order. */
  readonly columns: readonly string[];
  /** One per trial, a cell per column; undefined where the trial has no such thing. Durations are seconds. */
  readonly rows: readonly (readonly TableCell[])[];

  constructor(columns: readonly string[], rows: readonly (readonly TableCell[])[]) {
    this.columns = columns;
    this.rows = rows;
  }

  /** A plain object per trial, without the cells that it lacks. */
  records(): Record<string, TableCell>[] {
    return this.rows.map((row) =>
      Object.fromEntries(
        row.flatMap((cell, k) => (cell === undefined ? [] : [[this.columns[k], cell] as const])),
      ),
    );
  }

  /** RFC 4180. Empty where a trial has no value; `inf`, `-inf`, `nan`; times in ISO 8601, UTC; lists and objects as JSON (with NaN and Infinity, as Python reads it). */
  toCsv(): string {
    return [this.columns, ...this.rows].map(csvLine).join('');
  }

  /** `records()` as JSON; what it cannot hold becomes the strings "Infinity", "-Infinity", "NaN". */
  toJson(): string {
    return JSON.stringify(this.records(), (_, value: unknown) =>
      typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
    );
  }
}

/**
 * One row per trial; the columns have the names of Optuna's `trials_dataframe`: `number`, `value` (or `values_0` …),
 * `datetime_start`, `params_x`, `user_attrs_x`, `state` … Given a study, its metric names are used too.
 * @throws InvalidArgumentError on unknown `attrs`.
 */
export function trialsTable(source: TableSource, options: TrialsTableOptions = {}): TrialsTable {
  checkOptions('trialsTable', options, { attrs: ATTRS });
  const { attrs = DEFAULT_ATTRS } = options;
  const isList = (given: TableSource): given is readonly FrozenTrial[] => Array.isArray(given);
  const trials = isList(source) ? source : source?.trials;
  if (!Array.isArray(trials))
    throw new InvalidArgumentError(
      `trialsTable needs a study, or a list of trials, but got ${shown(source)}`,
    );
  const nObjectives = isList(source) ? mostValues(trials) : source.directions.length;
  const metrics = isList(source) ? null : metricNamesOf(source.systemAttrs ?? {}, nObjectives);
  const shape = new TableShape(nObjectives, metrics);
  shape.add(trials);
  const columns = columnsOf(shape, attrs);
  return new TrialsTable(
    columns.map((column) => column.name),
    trials.map((trial) => columns.map((column) => column.of(trial))),
  );
}

/** Which columns the trials of a study need, for tables that are made in pages. */
export class TableShape {
  /** Names of parameters. */
  readonly params = new Set<string>();
  /** Keys of user attributes. */
  readonly userAttrs = new Set<string>();
  /** Keys of system attributes. */
  readonly systemAttrs = new Set<string>();
  /** Names of constraints. */
  readonly constraints = new Set<string>();
  /** Values of a trial. */
  readonly nObjectives: number;
  /** Names of the objectives; null if they have none. */
  readonly metrics: readonly string[] | null;

  /** @param metrics names of the objectives, if they have any. */
  constructor(nObjectives: number, metrics: readonly string[] | null = null) {
    this.nObjectives = nObjectives;
    this.metrics = metrics;
  }

  /** Takes note of what these trials have. */
  add(trials: readonly FrozenTrial[]): void {
    for (const trial of trials) {
      for (const name in trial.params) this.params.add(name);
      for (const key in trial.userAttrs) this.userAttrs.add(key);
      for (const key in trial.systemAttrs) this.systemAttrs.add(key);
      for (const name of constraintNames(trial.systemAttrs)?.keys() ?? []) this.constraints.add(name);
    }
  }
}

/** Returns the columns that these parts of a trial need. */
export function columnsOf(shape: TableShape, attrs: readonly TableAttr[]): readonly Column[] {
  return attrs.flatMap((attr) => COLUMNS[attr](shape));
}

const ATTRS = listOf(`some of ${TABLE_ATTRS.join(', ')}`, (attr) => TABLE_ATTRS.includes(attr as TableAttr));

const COLUMNS: Readonly<Record<TableAttr, (shape: TableShape) => readonly Column[]>> = {
  number: () => [{ name: 'number', of: (trial) => trial.number }],
  value: ({ nObjectives, metrics }) => valueColumns(nObjectives, metrics),
  datetime_start: () => [{ name: 'datetime_start', of: (trial) => trial.datetimeStart ?? undefined }],
  datetime_complete: () => [
    { name: 'datetime_complete', of: (trial) => trial.datetimeComplete ?? undefined },
  ],
  duration: () => [{ name: 'duration', of: (trial) => durationSeconds(trial) ?? undefined }],
  params: (shape) => entryColumns('params', shape.params, (trial) => trial.params),
  user_attrs: (shape) => entryColumns('user_attrs', shape.userAttrs, (trial) => trial.userAttrs),
  system_attrs: (shape) => entryColumns('system_attrs', shape.systemAttrs, (trial) => trial.systemAttrs),
  constraints: (shape) => constraintColumns(shape.constraints),
  state: () => [{ name: 'state', of: (trial) => trial.state }],
};

function valueColumns(nObjectives: number, names: readonly string[] | null): readonly Column[] {
  if (nObjectives === 1)
    return [{ name: names === null ? 'value' : `value_${names[0]}`, of: (trial) => trial.values?.[0] }];
  return Array.from({ length: nObjectives }, (_, k) => ({
    name: `values_${names?.[k] ?? k}`,
    of: (trial) => trial.values?.[k],
  }));
}

/** A column for each key that any of the trials has, in order of name. */
function entryColumns(
  prefix: string,
  keys: ReadonlySet<string>,
  entriesOf: (trial: FrozenTrial) => Attrs,
): readonly Column[] {
  return [...keys].sort().map((key) => ({
    name: `${prefix}_${key}`,
    of: (trial) => (Object.hasOwn(entriesOf(trial), key) ? entriesOf(trial)[key] : undefined),
  }));
}

/** In order of appearance: constraints without names are called 0, 1 … */
function constraintColumns(names: ReadonlySet<string>): readonly Column[] {
  return [...names].map((name) => ({
    name: `constraints_${name}`,
    of: (trial) => constraintNames(trial.systemAttrs)?.get(name),
  }));
}

function mostValues(trials: readonly FrozenTrial[]): number {
  return trials.reduce((most, { values }) => Math.max(most, values?.length ?? 0), 1);
}

/** RFC 4180. */
export function csvLine(cells: readonly TableCell[]): string {
  return `${cells.map(csvField).join(',')}\r\n`;
}

function csvField(cell: TableCell): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell === 'number' && !Number.isFinite(cell))
    return Number.isNaN(cell) ? 'nan' : cell > 0 ? 'inf' : '-inf';
  const text =
    cell instanceof Date
      ? cell.toISOString()
      : typeof cell === 'object'
        ? stringifyPythonJson(cell)
        : String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
