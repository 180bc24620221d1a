/**
 * Brings the tables of older Optunas to today's: what the revisions v1.3.0.a to v3.2.0.a of Optuna's alembic chain do to a SQLite
 * file, each step by what it finds rather than by the revision. Runs inside its caller's transaction, with foreign keys off.
 */
import { StorageError } from '../../src/core/errors.ts';
import { shownError } from '../../src/core/shown.ts';
import { modernDistribution } from '../sql/old-distributions.ts';
import { ALEMBIC_REVISION, INDEXES, TABLES } from '../sql/schema.ts';
import type { Database } from './driver.ts';
import { columnsOf } from './found-version.ts';

/** float32's largest number, which stood for infinity before Optuna 3.0; Optuna compares it with this tolerance. */
const OLD_INFINITY = 3.4028234663852886e38;
const TOLERANCE = 1e-5 * OLD_INFINITY;

/** @throws StorageError if the rows cannot be those of a study database. */
export function migrateTables(db: Database): void {
  // In this order: the values of trials move to another table before their columns go.
  moveIntermediateValues(db);
  moveDirections(db);
  moveValuesAndNumbers(db);
  typeInfinities(db, 'trial_values', 'value', []);
  typeInfinities(db, 'trial_intermediate_values', 'intermediate_value', [['IS NULL', 'NAN']]);
  modernizeDistributions(db);
  createMissing(db);
  db.exec('DELETE FROM alembic_version');
  db.prepare('INSERT INTO alembic_version VALUES (?)').run(ALEMBIC_REVISION);
}

/** Before 2.4 `trial_values` held what a trial had reported, and its value was a column of `trials`. */
function moveIntermediateValues(db: Database): void {
  if (!hasColumn(db, 'trial_values', 'step')) return;
  db.exec('ALTER TABLE trial_values RENAME TO thanos_old_values');
  create(db, 'trial_values');
  if (columnsOf(db, 'trial_intermediate_values').length === 0) create(db, 'trial_intermediate_values');
  db.exec(`INSERT INTO trial_intermediate_values
    (trial_id, step, intermediate_value, intermediate_value_type)
    SELECT trial_id, step, value, CASE WHEN value IS NULL THEN 'NAN' ELSE ${infinityType('value')} END
    FROM thanos_old_values ORDER BY trial_value_id`);
  db.exec(`UPDATE trial_intermediate_values SET intermediate_value = NULL
    WHERE intermediate_value_type <> 'FINITE'`);
  db.exec('DROP TABLE thanos_old_values');
}

function moveDirections(db: Database): void {
  if (!hasColumn(db, 'studies', 'direction')) return;
  if (columnsOf(db, 'study_directions').length === 0) create(db, 'study_directions');
  db.exec(`INSERT INTO study_directions (direction, study_id, objective)
    SELECT direction, study_id, 0 FROM studies ORDER BY study_id`);
  rebuild(db, 'studies', ['direction'], 'study_id, study_name', 'study_id');
}

/** Before 1.3 the number of a trial was its system attribute `_number`. */
function moveValuesAndNumbers(db: Database): void {
  const [hasNumber, hasValue] = [hasColumn(db, 'trials', 'number'), hasColumn(db, 'trials', 'value')];
  if (hasNumber && !hasValue) return;
  if (hasValue) {
    db.exec(`INSERT INTO trial_values (trial_id, objective, value, value_type)
      SELECT trial_id, 0, value, ${infinityType('value')} FROM trials WHERE value IS NOT NULL ORDER BY trial_id`);
    db.exec(`UPDATE trial_values SET value = NULL WHERE value_type <> 'FINITE'`);
  }
  const place = `(SELECT count(*) FROM trials o WHERE o.study_id = t.study_id AND o.trial_id < t.trial_id)`;
  const number = hasNumber
    ? 't.number'
    : `(SELECT CAST(a.value_json AS INTEGER) FROM trial_system_attributes a
        WHERE a.trial_id = t.trial_id AND a."key" = '_number')`;
  rebuild(
    db,
    'trials',
    ['value'],
    `trial_id, COALESCE(${number}, ${place}), study_id, state, datetime_start, datetime_complete`,
    'trial_id',
  );
  if (!hasNumber) db.exec(`DELETE FROM trial_system_attributes WHERE "key" = '_number'`);
}

/** Before 3.0 infinities were numbers, and a value that was none was NULL, which the tables of 2.4 to 2.10 do not allow. */
function typeInfinities(
  db: Database,
  table: 'trial_values' | 'trial_intermediate_values',
  column: string,
  others: readonly (readonly [condition: string, type: string])[],
): void {
  const typeColumn = `${column}_type`;
  if (columnsOf(db, table).length === 0 || hasColumn(db, table, typeColumn)) return;
  const { columns } = tableOf(table);
  const kept = columns.filter((name) => name !== typeColumn);
  const whens = others.map(([condition, type]) => `WHEN ${column} ${condition} THEN '${type}'`).join(' ');
  const infinity = infinityType(column);
  const type = whens === '' ? infinity : `CASE ${whens} ELSE ${infinity} END`;
  const cells = columns.map((name) => (name === typeColumn ? type : name)).join(', ');
  if (table === 'trial_values') {
    assertNoCompleteWithout(db);
    db.exec('DELETE FROM trial_values WHERE value IS NULL');
  }
  rebuild(db, table, [], cells, kept[0]);
  db.exec(`UPDATE ${table} SET ${column} = NULL WHERE ${typeColumn} <> 'FINITE'`);
}

/** Optuna refuses these as well. */
function assertNoCompleteWithout(db: Database): void {
  const odd = db
    .prepare(`SELECT t.trial_id FROM trial_values v JOIN trials t ON t.trial_id = v.trial_id
      WHERE t.state = 'COMPLETE' AND v.value IS NULL LIMIT 5`)
    .all() as [number][];
  if (odd.length > 0)
    throw new StorageError(
      'STORAGE_CORRUPT',
      `a COMPLETE trial needs its values, but those with the ids ${odd.join(', ')} have NULL in trial_values; set their state ` +
        'to FAIL, and upgrade again',
    );
}

function modernizeDistributions(db: Database): void {
  const texts = db.prepare('SELECT DISTINCT distribution_json FROM trial_params').all() as [string | null][];
  db.exec('CREATE TEMP TABLE thanos_modern (old TEXT PRIMARY KEY, new TEXT NOT NULL)');
  const insert = db.prepare('INSERT INTO thanos_modern VALUES (?, ?)');
  for (const [old] of texts) {
    if (old === null) continue;
    const modern = modernOf(old);
    if (modern !== old) insert.run(old, modern);
  }
  db.exec(`UPDATE trial_params SET distribution_json =
      (SELECT new FROM thanos_modern WHERE old = distribution_json)
    WHERE distribution_json IN (SELECT old FROM thanos_modern)`);
  db.exec('DROP TABLE thanos_modern');
}

function modernOf(json: string): string {
  try {
    return modernDistribution(json);
  } catch (cause) {
    throw new StorageError(
      'STORAGE_CORRUPT',
      `a distribution of trial_params cannot be brought to today's form: ${json.slice(0, 200)}: ${shownError(cause)}; correct or ` +
        'delete the rows that hold it, and upgrade again',
      { cause },
    );
  }
}

function createMissing(db: Database): void {
  for (const { name } of TABLES) if (columnsOf(db, name).length === 0) create(db, name);
  const indexed = db
    .prepare(
      "SELECT 1 FROM pragma_index_list('trials') l, pragma_index_info(l.name) i WHERE i.name = 'study_id'",
    )
    .get();
  if (indexed === undefined) db.exec(INDEXES['trials']);
}

/** FINITE or the infinity that a number stood for. */
function infinityType(column: string): string {
  const isNear = (bound: number): string => `abs(${column} - ${bound}) <= ${TOLERANCE}`;
  return `CASE WHEN ${column} = 9e999 OR ${isNear(OLD_INFINITY)} THEN 'INF_POS'
    WHEN ${column} = -9e999 OR ${isNear(-OLD_INFINITY)} THEN 'INF_NEG' ELSE 'FINITE' END`;
}

/**
 * Makes a table anew, as it is today, of the rows of the old one.
 * @param obsolete columns that may go.
 * @param cells what the columns of today are made of, in their order; the old table is called `t`.
 * @throws StorageError SCHEMA_MISMATCH if another tool has added columns, which would be lost.
 */
function rebuild(
  db: Database,
  name: string,
  obsolete: readonly string[],
  cells: string,
  orderBy: string,
): void {
  const { columns } = tableOf(name);
  const foreign = columnsOf(db, name).filter((each) => !columns.includes(each) && !obsolete.includes(each));
  if (foreign.length > 0)
    throw new StorageError(
      'SCHEMA_MISMATCH',
      `the table ${name} has columns of another tool, which an upgrade would lose: ${foreign.join(', ')}; remove them first`,
    );
  const indexes = db
    .prepare("SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL")
    .all(name) as [string][];
  for (const [index] of indexes) db.exec(`DROP INDEX "${index}"`);
  // The other tables' references stay with the name.
  db.pragma('legacy_alter_table = ON');
  db.exec(`ALTER TABLE ${name} RENAME TO thanos_old`);
  db.pragma('legacy_alter_table = OFF');
  create(db, name);
  const from = cells.replaceAll(`FROM ${name} o`, 'FROM thanos_old o');
  db.exec(`INSERT INTO ${name} (${columns.join(', ')}) SELECT ${from} FROM thanos_old t ORDER BY ${orderBy}`);
  db.exec('DROP TABLE thanos_old');
}

const tableOf = (name: string) => TABLES.find((table) => table.name === name)!;

function create(db: Database, name: string): void {
  db.exec(`CREATE TABLE ${name} (${tableOf(name).sqlite})`);
  if (Object.hasOwn(INDEXES, name)) db.exec(INDEXES[name]);
}

const hasColumn = (db: Database, table: string, column: string): boolean =>
  columnsOf(db, table).includes(column);
