/** What another program, or a person with an editor, may have done to the rows of a study file. */
import { openDatabase } from '../../storage/sqlite/driver.ts';

/** SQL that damages rows of one study. */
export interface RowDamage {
  readonly name: string;
  readonly sql: string;
}

/** Names of the study that is damaged, as a SQL list of ids. */
const STUDY = "(SELECT study_id FROM studies WHERE study_name = 'demo')";
const TRIALS = `(SELECT trial_id FROM trials WHERE study_id = ${STUDY})`;

/** SQL literals of every kind. */
const LITERALS: Readonly<Record<string, string>> = {
  NULL: 'NULL',
  'empty text': "''",
  text: "'abc'",
  'broken JSON': `'{"a": ['`,
  list: '\'[1, null, "x"]\'',
  'JSON null': "'null'",
  number: '7',
  'negative number': '-3',
  fraction: '0.5',
  'huge number': '9.2e18',
  infinity: '9e999',
  blob: "x'00ff10'",
  'long text': "printf('%.100000c', '9')",
  'deep JSON': "printf('%.100000c', '[')",
};

/** JSON values that a system attribute of ours, or of Optuna, may wrongly have. */
const JSONS = [
  '5',
  '-1',
  '"x"',
  'null',
  'true',
  '[]',
  '[5, "x", null]',
  '{}',
  '{"study": 3}',
  '{"low": "x", "name": null}',
  'NaN',
  '[NaN]',
  '"{}"',
  '1e999',
];
const TRIAL_KEYS = [
  'thanos:owner',
  'thanos:running',
  'thanos:relative_params',
  'thanos:batch',
  'thanos:fail_reason',
  'thanos:children',
  'thanos:retries',
  'fixed_params',
  'constraints',
  'constraints:0',
  'artifacts:x',
  'nsga2:generation',
];
const STUDY_KEYS = ['thanos:parent', 'thanos:sampler', 'study:metric_names', 'artifacts:x'];

/** The odd-row damages that the tables of this file allow. */
export function rowDamages(path: string): readonly RowDamage[] {
  const db = openDatabase(path, 0, { readonly: true });
  try {
    const rows = (sql: string): unknown[][] => db.prepare(sql).all() as unknown[][];
    const tables = rows(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    ).map(([name]) => name as string);
    return [
      ...tables.flatMap((table) => {
        const columns = rows(`SELECT name FROM pragma_table_info('${table}')`).map(
          ([name]) => name as string,
        );
        return [...columnDamages(table, columns), ...tableDamages(table, columns)];
      }),
      ...attributeDamages('trial', TRIAL_KEYS),
      ...attributeDamages('study', STUDY_KEYS),
      ...DISTRIBUTIONS.map((json) => ({
        name: `distribution ${json}`,
        sql: `UPDATE trial_params SET distribution_json = '${json}' WHERE trial_id IN ${TRIALS}`,
      })),
      ...STORIES,
    ];
  } finally {
    db.close();
  }
}

function whereDemo(columns: readonly string[]): string {
  if (columns.includes('trial_id')) return `WHERE trial_id IN ${TRIALS}`;
  return columns.includes('study_id') ? `WHERE study_id IN ${STUDY}` : '';
}

/** One row in the middle of those of the study. */
function oneRow(table: string, columns: readonly string[]): string {
  return `rowid = (SELECT rowid FROM ${table} ${whereDemo(columns)} ORDER BY rowid LIMIT 1 OFFSET
    (SELECT COUNT(*) / 2 FROM ${table} ${whereDemo(columns)}))`;
}

function columnDamages(table: string, columns: readonly string[]): RowDamage[] {
  return columns.flatMap((column) =>
    Object.entries(LITERALS).map(([kind, literal]) => ({
      name: `${table}.${column} = ${kind}`,
      sql: `UPDATE ${table} SET "${column}" = ${literal} WHERE ${oneRow(table, columns)}`,
    })),
  );
}

function tableDamages(table: string, columns: readonly string[]): RowDamage[] {
  const others = columns.slice(1).map((column) => `"${column}"`);
  return [
    { name: `${table}: one row deleted`, sql: `DELETE FROM ${table} WHERE ${oneRow(table, columns)}` },
    { name: `${table}: all rows of the study deleted`, sql: `DELETE FROM ${table} ${whereDemo(columns)}` },
    { name: `${table}: dropped`, sql: `DROP TABLE ${table}` },
    ...(others.length === 0
      ? []
      : [
          {
            name: `${table}: a row twice`,
            sql: `INSERT INTO ${table} (${others}) SELECT ${others} FROM ${table} WHERE ${oneRow(table, columns)}`,
          },
        ]),
    ...columns.map((column) => ({
      name: `${table}.${column}: dropped`,
      sql: `CREATE TABLE rest AS SELECT ${
        columns
          .filter((c) => c !== column)
          .map((c) => `"${c}"`)
          .join() || '1 AS one'
      } FROM ${table};
        DROP TABLE ${table}; ALTER TABLE rest RENAME TO ${table}`,
    })),
  ];
}

function attributeDamages(owner: 'trial' | 'study', keys: readonly string[]): RowDamage[] {
  const ids = owner === 'trial' ? TRIALS : STUDY;
  const table = `${owner}_system_attributes`;
  return keys.flatMap((key) =>
    JSONS.map((json) => ({
      name: `${key} = ${json} of each ${owner}`,
      sql: `DELETE FROM ${table} WHERE "key" = '${key}' AND ${owner}_id IN ${ids};
        INSERT INTO ${table} (${owner}_id, "key", value_json)
        SELECT ${owner}_id, '${key}', '${json}' FROM ${owner === 'trial' ? 'trials' : 'studies'} WHERE ${owner}_id IN ${ids}`,
    })),
  );
}

const DISTRIBUTIONS = [
  '',
  '{}',
  '[]',
  '"FloatDistribution"',
  '{"name": "FloatDistribution"}',
  '{"name": "FloatDistribution", "attributes": null}',
  '{"name": "FloatDistribution", "attributes": {"low": 5, "high": 1, "log": false, "step": null}}',
  '{"name": "FloatDistribution", "attributes": {"low": -1, "high": 1, "log": true, "step": null}}',
  '{"name": "FloatDistribution", "attributes": {"low": NaN, "high": Infinity, "log": false, "step": null}}',
  '{"name": "IntDistribution", "attributes": {"low": 0.5, "high": 1e30, "log": false, "step": 0}}',
  '{"name": "CategoricalDistribution", "attributes": {"choices": []}}',
  '{"name": "CategoricalDistribution", "attributes": {"choices": "abc"}}',
  '{"name": "CategoricalDistribution", "attributes": {"choices": [{"a": 1}, [2]]}}',
];

/** What goes beyond one row. */
const STORIES: readonly RowDamage[] = [
  {
    name: 'a gap in the numbers, and a row to insert',
    sql: `UPDATE trials SET number = number + 3 WHERE study_id = ${STUDY} AND number > 2`,
  },
  { name: 'a number twice', sql: `UPDATE trials SET number = 1 WHERE study_id = ${STUDY} AND number = 2` },
  { name: 'numbers from 1', sql: `UPDATE trials SET number = number + 1 WHERE study_id = ${STUDY}` },
  { name: 'numbers backwards', sql: `UPDATE trials SET number = 100 - number WHERE study_id = ${STUDY}` },
  {
    name: 'all RUNNING without an owner',
    sql: `UPDATE trials SET state = 'RUNNING' WHERE study_id = ${STUDY}`,
  },
  { name: 'all WAITING', sql: `UPDATE trials SET state = 'WAITING' WHERE study_id = ${STUDY}` },
  { name: 'all COMPLETE without values', sql: `DELETE FROM trial_values WHERE trial_id IN ${TRIALS}` },
  {
    name: 'two values for one objective',
    sql: `INSERT INTO trial_values (trial_id, objective, value, value_type) SELECT trial_id, 1, 2, 'FINITE' FROM trials WHERE study_id = ${STUDY}`,
  },
  {
    name: 'value of objective 5 only',
    sql: `UPDATE trial_values SET objective = 5 WHERE trial_id IN ${TRIALS}`,
  },
  {
    name: 'values NaN',
    sql: `UPDATE trial_values SET value = NULL, value_type = 'NAN' WHERE trial_id IN ${TRIALS}`,
  },
  {
    name: 'values infinite',
    sql: `UPDATE trial_values SET value = NULL, value_type = 'INF_POS' WHERE trial_id IN ${TRIALS}`,
  },
  {
    name: 'completed before it started',
    sql: `UPDATE trials SET datetime_complete = '1970-01-01 00:00:00.000000' WHERE study_id = ${STUDY}`,
  },
  {
    name: 'another direction',
    sql: `UPDATE study_directions SET direction = 'MAXIMIZE' WHERE study_id = ${STUDY}`,
  },
  {
    name: 'a second direction',
    sql: `INSERT INTO study_directions (direction, study_id, objective) SELECT 'MAXIMIZE', study_id, 1 FROM studies WHERE study_name = 'demo'`,
  },
  {
    name: 'an empty study name',
    sql: "INSERT INTO studies (study_name) VALUES ('')",
  },
  {
    name: 'a study of odd name without directions',
    sql: "INSERT INTO studies (study_name) VALUES ('__proto__'), (char(27) || '[31mred'), ('a' || char(10) || 'b')",
  },
  {
    name: 'a trial of no study',
    sql: "INSERT INTO trials (number, study_id, state) VALUES (0, 12345, 'COMPLETE')",
  },
];

/** Runs the SQL on a file as another program would. False if SQLite itself refuses it. */
export function damageRows(path: string, { sql }: RowDamage): boolean {
  const db = openDatabase(path, 0);
  db.pragma('foreign_keys = OFF');
  try {
    db.exec(`BEGIN; ${sql}; COMMIT`);
    return true;
  } catch {
    return false;
  } finally {
    db.close();
  }
}
