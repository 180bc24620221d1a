/**
 * What became of all trials of a study, at one row for each.
 *
 * Design note: texts cost most on the way into JavaScript, and nearly all trials hold the same few, so SQLite checks them and
 * hands out numbers. A trial with anything else in its rows is read row by row.
 */
import type { TrialState } from '../../src/core/frozen-trial.ts';
import type { AttrRow } from '../sql/mapping.ts';
import type { NumberRow, OutcomeRows } from '../sql/trial-decoder.ts';
import type { TrialHead } from '../sql/trial-numbers.ts';
import type { Database } from './driver.ts';

const STATES: readonly TrialState[] = ['COMPLETE', 'PRUNED', 'FAIL', 'RUNNING', 'WAITING'];
const NONE: readonly never[] = [];

type PlainRow = readonly [
  trialId: number,
  number: number,
  /** Index of the state; null if the trial is not plain. */
  state: number | null,
  constraints: string | null,
  ...values: number[],
];

export interface StoredOutcome {
  readonly head: TrialHead;
  readonly rows: OutcomeRows;
}

/** Those of the next trials after an id. */
export function storedOutcomes(
  db: Database,
  study: { readonly studyId: number; readonly nObjectives: number },
  afterId: number,
  limit: number,
): readonly StoredOutcome[] {
  const rows = db.prepare(plainSql(study.nObjectives)).all(study.studyId, afterId, limit) as PlainRow[];
  return rows.map((row) => {
    const [trialId, number, state, constraints] = row;
    if (state === null) return oddOutcome(db, trialId);
    const values: NumberRow[] = [];
    for (let k = 4; k < row.length && row[k] !== null; k++) values.push([k - 4, row[k] as number, 'FINITE']);
    return {
      head: [trialId, number, STATES[state], null, null],
      rows: { values, constraints: constraints === null ? NONE : [['constraints', constraints]] },
    };
  });
}

const HEAD =
  'SELECT trial_id, number, state, datetime_start, datetime_complete FROM trials WHERE trial_id = ?';
const VALUES = 'SELECT objective, value, value_type FROM trial_values WHERE trial_id = ? ORDER BY objective';
/** `constraints` and `constraints:<key>`; ';' comes after ':'. */
const CONSTRAINTS = `SELECT "key", value_json FROM trial_system_attributes
  WHERE trial_id = ? AND "key" >= 'constraints' AND "key" < 'constraints;' ORDER BY trial_system_attribute_id`;

function oddOutcome(db: Database, trialId: number): StoredOutcome {
  return {
    head: db.prepare(HEAD).get(trialId) as TrialHead,
    rows: {
      values: db.prepare(VALUES).all(trialId) as NumberRow[],
      constraints: db.prepare(CONSTRAINTS).all(trialId) as AttrRow[],
    },
  };
}

/** SQLite joins 64 tables at most. */
const MOST_OBJECTIVES = 60;

/** A trial is plain if its dates are dates, and it has a finite value for each objective or, unless COMPLETE, none. */
function plainSql(nObjectives: number): string {
  const places = Array.from({ length: Math.min(nObjectives, MOST_OBJECTIVES) }, (_, k) => k);
  const joins = places.map(
    (k) => `LEFT JOIN trial_values v${k} ON v${k}.trial_id = t.trial_id AND v${k}.objective = ${k}`,
  );
  const hasFinite = places.map((k) => `v${k}.value_type = 'FINITE' AND typeof(v${k}.value) = 'real'`);
  const hasPlainValues = `CASE (SELECT count(*) FROM trial_values c WHERE c.trial_id = t.trial_id)
    WHEN 0 THEN t.state <> 'COMPLETE' WHEN ${nObjectives} THEN ${hasFinite.join(' AND ')} END`;
  const hasKeyedConstraint = `EXISTS (SELECT 1 FROM trial_system_attributes k
    WHERE k.trial_id = t.trial_id AND k."key" > 'constraints' AND k."key" < 'constraints;')`;
  const isPlain = `${isDate('t.datetime_start')} AND ${isDate('t.datetime_complete')} AND ${hasPlainValues}
    AND NOT ${hasKeyedConstraint}`;
  const state = `CASE t.state ${STATES.map((name, i) => `WHEN '${name}' THEN ${i}`).join(' ')} END`;
  return `SELECT t.trial_id, t.number, CASE WHEN ${isPlain} THEN ${state} END, a.value_json,
      ${places.map((k) => `v${k}.value`).join(', ')}
    FROM trials t ${joins.join(' ')}
      LEFT JOIN trial_system_attributes a ON a.trial_id = t.trial_id AND a."key" = 'constraints'
    WHERE t.study_id = ? AND t.trial_id > ? ORDER BY t.trial_id LIMIT ?`;
}

function isDate(column: string): string {
  const part = (from: number, low: string, high: string): string =>
    `substr(${column}, ${from}, 2) BETWEEN '${low}' AND '${high}'`;
  const digits = (count: number): string => '[0-9]'.repeat(count);
  const format = `${digits(4)}-${digits(2)}-${digits(2)} ${digits(2)}:[0-5]${digits(1)}:[0-5]${digits(1)}.${digits(6)}`;
  return `(${column} IS NULL OR ${column} GLOB '${format}' AND ${part(6, '01', '12')} AND ${part(9, '01', '31')}
    AND ${part(12, '00', '23')})`;
}
