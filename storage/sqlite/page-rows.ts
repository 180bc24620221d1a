/** The rows of many trials in a row, by one query for each table. */
import type { AttrRow } from '../sql/mapping.ts';
import type { NumberRow, ParamRow, TrialDecoder, TrialRows } from '../sql/trial-decoder.ts';
import type { TrialHead } from '../sql/trial-numbers.ts';
import type { Database } from './driver.ts';
import { paramsInSpace } from './param-blocks.ts';
import { IN_RANGE, type InTurn, type Range } from './range.ts';

const NONE: readonly never[] = [];

/** `columns` end with the trial's id. */
function query(columns: string, table: string, order: string): string {
  return `SELECT ${columns}, c.trial_id FROM trials t CROSS JOIN ${table} c ON c.trial_id = t.trial_id
    WHERE ${IN_RANGE} ORDER BY t.trial_id, c.${order}`;
}

const attrs = (kind: 'user' | 'system'): string =>
  query('c."key", c.value_json', `trial_${kind}_attributes`, `trial_${kind}_attribute_id`);

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
  { space, lastAttr }: Pick<TrialDecoder, 'space' | 'lastAttr'>,
  paramsOf: (trialId: number) => readonly ParamRow[],
): InTurn<TrialRows> {
  const range = { studyId, firstId: heads[0][0], lastId: heads[heads.length - 1][0] };
  const inSpace = paramsInSpace(db, range, heads.length, space);
  const intermediateValues = rowsInTurn<NumberRow>(db, INTERMEDIATE_VALUES, range);
  const userAttrs = rowsInTurn<AttrRow>(db, USER_ATTRS, range);
  const systemAttrs =
    lastAttr !== null && allHave(db, range, lastAttr, heads.length)
      ? () => [lastAttr]
      : rowsInTurn<AttrRow>(db, SYSTEM_ATTRS, range);
  return (trialId) => ({
    params: inSpace(trialId) ?? paramsOf(trialId),
    intermediateValues: intermediateValues(trialId),
    userAttrs: userAttrs(trialId),
    systemAttrs: systemAttrs(trialId),
  });
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

const COUNT_SAME = `SELECT count(*), sum(c."key" IS ? AND c.value_json IS ?)
  FROM trials t LEFT JOIN trial_system_attributes c ON c.trial_id = t.trial_id WHERE ${IN_RANGE}`;

/**
 * Whether each of these trials has this system attribute and no other.
 *
 * Design note: most have their owner only, and one process has worked on many in a row; its text would cost more than the rest
 * of the trial's head.
 */
function allHave(
  db: Database,
  { studyId, firstId, lastId }: Range,
  [key, json]: AttrRow,
  nTrials: number,
): boolean {
  const [nRows, nSame] = db.prepare(COUNT_SAME).get(key, json, studyId, firstId, lastId) as [number, number];
  return nRows === nTrials && nSame === nTrials;
}
