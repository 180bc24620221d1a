/**
 * The rows of many trials in a row, by one query for each table.
 *
 * Design note: most of the time goes where a row becomes an object of JavaScript. Parameters are by far the most rows, so those
 * of a trial that has the space of the others come as one row with their values; SQLite compares names and distributions.
 */
import type { AttrRow } from '../sql/mapping.ts';
import type { NumberRow, ParamRow, StoredSpace, TrialRows } from '../sql/trial-decoder.ts';
import type { TrialHead } from '../sql/trial-numbers.ts';
import type { Database } from './driver.ts';

/** The trials of one study from one id to another. */
interface Range {
  readonly studyId: number;
  readonly firstId: number;
  readonly lastId: number;
}

/** Answers for trial after trial, in the order of their ids. */
type InTurn<T> = (trialId: number) => T;

const NONE: readonly never[] = [];
const IN_RANGE = 't.study_id = ? AND t.trial_id BETWEEN ? AND ?';

/** `columns` end with the trial's id. */
function query(columns: string, table: string, order: string): string {
  return `SELECT ${columns}, c.trial_id FROM trials t CROSS JOIN ${table} c ON c.trial_id = t.trial_id
    WHERE ${IN_RANGE} ORDER BY t.trial_id, c.${order}`;
}

const attrs = (kind: 'user' | 'system'): string =>
  query('c."key", c.value_json', `trial_${kind}_attributes`, `trial_${kind}_attribute_id`);

const VALUES = query('c.objective, c.value, c.value_type', 'trial_values', 'objective');
const INTERMEDIATE_VALUES = query(
  'c.step, c.intermediate_value, c.intermediate_value_type',
  'trial_intermediate_values',
  'step',
);
const USER_ATTRS = attrs('user');
const SYSTEM_ATTRS = attrs('system');

/** @param heads those of all trials of the study in their range, in the order of their ids. */
export function pageRows(
  db: Database,
  studyId: number,
  heads: readonly TrialHead[],
  space: StoredSpace,
  paramsOf: (trialId: number) => readonly ParamRow[],
): InTurn<TrialRows> {
  const range = { studyId, firstId: heads[0][0], lastId: heads[heads.length - 1][0] };
  const inSpace = paramsInSpace(db, range, space);
  const values = rowsInTurn<NumberRow>(db, VALUES, range);
  const intermediateValues = rowsInTurn<NumberRow>(db, INTERMEDIATE_VALUES, range);
  const userAttrs = rowsInTurn<AttrRow>(db, USER_ATTRS, range);
  const systemAttrs = rowsInTurn<AttrRow>(db, SYSTEM_ATTRS, range);
  return (trialId) => {
    const known = inSpace(trialId);
    return {
      params: known === null ? paramsOf(trialId) : { space, values: known },
      values: values(trialId),
      intermediateValues: intermediateValues(trialId),
      userAttrs: userAttrs(trialId),
      systemAttrs: systemAttrs(trialId),
    };
  };
}

function rowsInTurn<Row extends readonly unknown[]>(
  db: Database,
  sql: string,
  { studyId, firstId, lastId }: Range,
): InTurn<readonly Row[]> {
  const rows = db.prepare(sql).all(studyId, firstId, lastId) as Row[];
  if (rows.length === 0) return () => NONE;
  const idColumn = rows[0].length - 1;
  let next = 0;
  return (trialId) => {
    const first = next;
    while (next < rows.length && rows[next][idColumn] === trialId) next++;
    return first === next ? NONE : rows.slice(first, next);
  };
}

/** SQLite joins 64 tables at most. */
const MOST_PARAMS = 60;

/**
 * The stored values of the parameters of a trial whose rows follow each other and are those of the space, no more and no fewer;
 * null for other trials.
 */
function paramsInSpace(
  db: Database,
  { studyId, firstId, lastId }: Range,
  { names, jsons }: StoredSpace,
): InTurn<readonly unknown[] | null> {
  const nParams = names.length;
  if (nParams === 0 || nParams > MOST_PARAMS) return () => null;
  const rows = db
    .prepare(inSpaceSql(nParams))
    .all(studyId, firstId, lastId, ...names.flatMap((name, k) => [name, jsons[k]])) as unknown[][];
  const others = db.prepare(OTHER_COUNT).all(studyId, firstId, lastId, nParams) as [number][];
  const hasOtherCount = new Set(others.map(([trialId]) => trialId));
  let next = 0;
  return (trialId) => {
    if (next === rows.length || rows[next][nParams] !== trialId) return null;
    const values = rows[next++];
    return hasOtherCount.has(trialId) ? null : values;
  };
}

const OTHER_COUNT = `SELECT t.trial_id FROM trials t CROSS JOIN trial_params c ON c.trial_id = t.trial_id
  WHERE ${IN_RANGE} GROUP BY t.trial_id HAVING count(*) <> ?`;

function inSpaceSql(nParams: number): string {
  const places = Array.from({ length: nParams }, (_, k) => k);
  const tables = places.map((k) => `CROSS JOIN trial_params p${k}`);
  const conditions = places.map(
    (k) =>
      `${k === 0 ? '' : `p${k}.param_id = p0.param_id + ${k} AND `}p${k}.trial_id = t.trial_id
        AND p${k}.param_name = ? AND p${k}.distribution_json = ?`,
  );
  return `SELECT ${places.map((k) => `p${k}.param_value`).join(', ')}, t.trial_id FROM trials t ${tables.join(' ')}
    WHERE ${IN_RANGE} AND ${conditions.join(' AND ')} ORDER BY t.trial_id`;
}
