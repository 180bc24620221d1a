/**
 * What became of all trials of a study, at one row for each.
 *
 * Design note: texts cost most on the way into JavaScript, and nearly all trials hold the same few, so SQLite checks them and
 * hands out numbers. A trial with anything else in its rows is read row by row.
 */
import { TRIAL_STATES } from '../../src/core/frozen-trial.ts';
import type { TrialCursor, TrialOutcome } from '../../src/core/storage.ts';
import type { AttrRow } from '../sql/mapping.ts';
import type { NumberRow, OutcomeRows, StudyFacts, TrialDecoder } from '../sql/trial-decoder.ts';
import type { TrialHead } from '../sql/trial-numbers.ts';
import type { Database } from './driver.ts';
import { plainValues } from './plain-values.ts';

const NONE: readonly never[] = [];

type PlainRow = readonly [
  trialId: number,
  number: number,
  /** Index of the state; null if the trial is not plain. */
  state: number | null,
  constraints: string | null,
  /** One for each objective; null if the trial has none. */
  ...values: (number | null)[],
];

/** The outcomes of the next trials after this one. */
export function outcomesAfter(
  db: Database,
  decoder: TrialDecoder,
  { studyId, nObjectives }: StudyFacts,
  after: TrialCursor,
  limit: number,
): readonly TrialOutcome[] {
  const rows = db.prepare(plainSql(nObjectives)).all(studyId, after.trialId, limit) as PlainRow[];
  let last = after;
  return rows.map((row) => {
    const [trialId, number, state, constraints] = row;
    const isPlain = state !== null && constraints === null && number === last.number + 1;
    const outcome: TrialOutcome = isPlain
      ? { trialId, number, state: TRIAL_STATES[state], values: valuesOf(row), constraints }
      : decoder.decodeOutcome(...rowsOf(db, row), last);
    last = outcome;
    return outcome;
  });
}

const FIRST_VALUE = 4;

const valuesOf = (row: PlainRow): readonly number[] | null =>
  row[FIRST_VALUE] === null ? null : (row.slice(FIRST_VALUE) as number[]);

function rowsOf(db: Database, row: PlainRow): [TrialHead, OutcomeRows] {
  const [trialId, number, state, constraints] = row;
  if (state === null) return oddRows(db, trialId);
  return [
    [trialId, number, TRIAL_STATES[state], null, null],
    {
      values: { plain: valuesOf(row) },
      constraints: constraints === null ? NONE : [['constraints', constraints]],
    },
  ];
}

const HEAD =
  'SELECT trial_id, number, state, datetime_start, datetime_complete FROM trials WHERE trial_id = ?';
const VALUES = 'SELECT objective, value, value_type FROM trial_values WHERE trial_id = ? ORDER BY objective';
/** `constraints` and `constraints:<key>`; ';' comes after ':'. */
const CONSTRAINTS = `SELECT "key", value_json FROM trial_system_attributes
  WHERE trial_id = ? AND "key" >= 'constraints' AND "key" < 'constraints;' ORDER BY trial_system_attribute_id`;

function oddRows(db: Database, trialId: number): [TrialHead, OutcomeRows] {
  return [
    db.prepare(HEAD).get(trialId) as TrialHead,
    {
      values: { rows: db.prepare(VALUES).all(trialId) as NumberRow[] },
      constraints: db.prepare(CONSTRAINTS).all(trialId) as AttrRow[],
    },
  ];
}

/** A trial is plain if its dates are dates and its values are plain. */
function plainSql(nObjectives: number): string {
  const values = plainValues(nObjectives);
  const hasKeyedConstraint = `EXISTS (SELECT 1 FROM trial_system_attributes k
    WHERE k.trial_id = t.trial_id AND k."key" > 'constraints' AND k."key" < 'constraints;')`;
  const isPlain = `${isDate('t.datetime_start')} AND ${isDate('t.datetime_complete')} AND ${values.isPlain}
    AND NOT ${hasKeyedConstraint}`;
  const state = `CASE t.state ${TRIAL_STATES.map((name, i) => `WHEN '${name}' THEN ${i}`).join(' ')} END`;
  return `SELECT t.trial_id, t.number, CASE WHEN ${isPlain} THEN ${state} END, a.value_json, ${values.columns}
    FROM trials t ${values.joins}
      LEFT JOIN trial_system_attributes a ON a.trial_id = t.trial_id AND a."key" = 'constraints'
    WHERE t.study_id = ? AND t.trial_id > ? ORDER BY t.trial_id LIMIT ?`;
}

/** Returns the condition, in SQL, that `decodeDate` accepts the column. */
function isDate(column: string): string {
  const format = `????-??-?? ??:??:??.${'[0-9]'.repeat(6)}`;
  return `(${column} IS NULL OR ${column} GLOB '${format}' AND unixepoch(${column}) IS NOT NULL
    AND substr(${column}, 12, 2) < '24')`;
}
