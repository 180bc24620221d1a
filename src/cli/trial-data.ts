/** Trials as plain data, for `--json` and exports, and as rows of tables. */
import { type FrozenTrial, type StudyDirection, SYSTEM_ATTR, totalViolation } from '../core/frozen-trial.ts';
import { type Cell, formatNumber, table } from './output.ts';

/** Seconds that a finished trial took. */
export function durationOf(trial: FrozenTrial): number | null {
  if (trial.datetimeStart === null || trial.datetimeComplete === null) return null;
  return (trial.datetimeComplete.getTime() - trial.datetimeStart.getTime()) / 1000;
}

/** Full names of the studies that a trial owns. */
function childStudiesOf(trial: FrozenTrial, studyName: string): string[] {
  const children = trial.systemAttrs[SYSTEM_ATTR.children];
  // Whoever edits a database by hand may leave anything there.
  if (!Array.isArray(children)) return [];
  return children.map((child) => `${studyName}/${trial.number}/${child}`);
}

export function trialData(trial: FrozenTrial, studyName: string): Record<string, unknown> {
  return {
    number: trial.number,
    state: trial.state,
    values: trial.values,
    params: trial.params,
    constraints: trial.constraints,
    userAttrs: trial.userAttrs,
    intermediateValues: Object.fromEntries(trial.intermediateValues),
    datetimeStart: trial.datetimeStart?.toISOString() ?? null,
    datetimeComplete: trial.datetimeComplete?.toISOString() ?? null,
    durationSeconds: durationOf(trial),
    failReason: trial.systemAttrs[SYSTEM_ATTR.failReason] ?? null,
    childStudies: childStudiesOf(trial, studyName),
  };
}

/** Names of the parameters of any of the trials, in order of appearance. */
export function paramNames(trials: readonly FrozenTrial[]): string[] {
  return [...new Set(trials.flatMap((trial) => Object.keys(trial.params)))];
}

export function valueHeads(directions: readonly StudyDirection[]): string[] {
  return directions.length === 1 ? ['value'] : directions.map((_, k) => `value ${k}`);
}

/** With more parameters than this, they share one column. */
const MOST_PARAM_COLUMNS = 8;
const WIDEST_PARAMS = 90;

export function trialTable(trials: readonly FrozenTrial[], directions: readonly StudyDirection[]): string {
  const names = paramNames(trials);
  const isWide = names.length > MOST_PARAM_COLUMNS;
  const isConstrained = trials.some((trial) => trial.constraints !== null);
  const heads = [
    'number',
    'state',
    ...valueHeads(directions),
    ...(isConstrained ? ['violation'] : []),
    'seconds',
    ...(isWide ? ['parameters'] : names),
  ];
  const rows = trials.map((trial): Cell[] => [
    String(trial.number),
    trial.state,
    ...directions.map((_, k) => trial.values?.[k]),
    ...(isConstrained ? [totalViolation(trial)] : []),
    durationOf(trial),
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
