/** Trials as plain data, for `--json` and exports, and as rows of tables. */
import { type FrozenTrial, SYSTEM_ATTR, totalViolation } from '../core/frozen-trial.ts';
import { metricNamesOf } from '../core/metric-names.ts';
import { namedConstraints } from '../core/named-constraints.ts';
import type { StudyRecord } from '../core/storage.ts';
import { durationSeconds } from '../core/trial-facts.ts';
import { type Cell, formatNumber, table } from './output.ts';

/** Full names of the studies that a trial owns. */
function childStudiesOf(trial: FrozenTrial, studyName: string): string[] {
  const children = trial.systemAttrs[SYSTEM_ATTR.children];
  // Whoever edits a database by hand may leave anything there.
  if (!Array.isArray(children)) return [];
  return children.map((child) => `${studyName}/${trial.number}/${child}`);
}

/** What of a study its tables need. */
export type ShownStudy = Pick<StudyRecord, 'directions' | 'systemAttrs'>;

export function trialData(trial: FrozenTrial, studyName: string): Record<string, unknown> {
  return {
    number: trial.number,
    state: trial.state,
    values: trial.values,
    params: trial.params,
    constraints: trial.constraints,
    namedConstraints: namedConstraints(trial),
    userAttrs: trial.userAttrs,
    intermediateValues: Object.fromEntries(trial.intermediateValues),
    datetimeStart: trial.datetimeStart?.toISOString() ?? null,
    datetimeComplete: trial.datetimeComplete?.toISOString() ?? null,
    durationSeconds: durationSeconds(trial),
    failReason: trial.systemAttrs[SYSTEM_ATTR.failReason] ?? null,
    childStudies: childStudiesOf(trial, studyName),
  };
}

/** Names of the parameters of any of the trials, in order of appearance. */
function paramNames(trials: readonly FrozenTrial[]): string[] {
  return [...new Set(trials.flatMap((trial) => Object.keys(trial.params)))];
}

/** Heads of the columns of values: the study's metric names, if it has any. */
function valueHeads({ directions, systemAttrs }: ShownStudy): readonly string[] {
  const names = metricNamesOf(systemAttrs, directions.length);
  if (names !== null) return names;
  return directions.length === 1 ? ['value'] : directions.map((_, k) => `value ${k}`);
}

/** With more parameters than this, they share one column. */
const MOST_PARAM_COLUMNS = 8;
const WIDEST_PARAMS = 90;

export function trialTable(trials: readonly FrozenTrial[], study: ShownStudy): string {
  const { directions } = study;
  const names = paramNames(trials);
  const isWide = names.length > MOST_PARAM_COLUMNS;
  const isConstrained = trials.some((trial) => trial.constraints !== null);
  const heads = [
    'number',
    'state',
    ...valueHeads(study),
    ...(isConstrained ? ['violation'] : []),
    'seconds',
    ...(isWide ? ['parameters'] : names),
  ];
  const rows = trials.map((trial): Cell[] => [
    String(trial.number),
    trial.state,
    ...directions.map((_, k) => trial.values?.[k]),
    ...(isConstrained ? [totalViolation(trial)] : []),
    durationSeconds(trial),
    ...(isWide ? [paramsLine(trial)] : names.map((name) => trial.params[name])),
  ]);
  return table(heads, rows);
}

function paramsLine(trial: FrozenTrial): string {
  const line = Object.entries(trial.params)
    .map(([name, value]) => `${name}=${typeof value === 'number' ? formatNumber(value) : String(value)}`)
    .join(' ');
  return line.length > WIDEST_PARAMS ? `${line.slice(0, WIDEST_PARAMS - 1)}…` : line;
}
