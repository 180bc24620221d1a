/** Writing the rows of trials; reading, writing and deleting those of studies. Every function runs inside its caller's transaction. */
import { toInternalRepr } from '../../src/core/distribution.ts';
import { type Attrs, type JsonValue, SYSTEM_ATTR } from '../../src/core/frozen-trial.ts';
import { assertJsonValue } from '../../src/core/json.ts';
import { stringifyPythonJson } from '../../src/core/python-json.ts';
import type { StudyRecord, TrialUpdate } from '../../src/core/storage.ts';
import { familyOf, type Kinship } from '../child-studies.ts';
import { distributionOf } from '../new-trial.ts';
import { encodeNumber } from '../sql/encoding.ts';
import {
  type DirectionRow,
  decodeAttr,
  encodeDistribution,
  type OwnedAttrRow,
  type StudyRow,
  studiesFromRows,
} from '../sql/mapping.ts';
import { studyAttrs } from '../sql/odd-row.ts';
import { STUDY_TABLES, TRIAL_TABLES } from '../sql/schema.ts';
import { isTrialNumber, oddNumber } from '../sql/trial-numbers.ts';
import type { Database } from './driver.ts';

export type AttrTable =
  | 'study_user_attributes'
  | 'study_system_attributes'
  | 'trial_user_attributes'
  | 'trial_system_attributes';

const UPSERT_ATTR: Readonly<Record<AttrTable, string>> = {
  study_user_attributes: upsertAttr('study_user_attributes', 'study_id'),
  study_system_attributes: upsertAttr('study_system_attributes', 'study_id'),
  trial_user_attributes: upsertAttr('trial_user_attributes', 'trial_id'),
  trial_system_attributes: upsertAttr('trial_system_attributes', 'trial_id'),
};

function upsertAttr(table: AttrTable, owner: string): string {
  return `INSERT INTO ${table} (${owner}, "key", value_json) VALUES (?, ?, ?)
    ON CONFLICT (${owner}, "key") DO UPDATE SET value_json = excluded.value_json`;
}

export function writeAttr(
  db: Database,
  table: AttrTable,
  ownerId: number,
  key: string,
  value: JsonValue,
): void {
  db.prepare(UPSERT_ATTR[table]).run(ownerId, key, stringifyPythonJson(assertJsonValue(key, value)));
}

export function writeAttrs(db: Database, table: AttrTable, ownerId: number, attrs: Attrs = {}): void {
  for (const key of Object.keys(attrs)) writeAttr(db, table, ownerId, key, attrs[key]);
}

/** What a trial and an update of one have in common. */
type TrialContent = Pick<
  TrialUpdate,
  | 'params'
  | 'distributions'
  | 'values'
  | 'userAttrs'
  | 'systemAttrs'
  | 'dropSystemAttrs'
  | 'intermediateValues'
>;

/** Adds or replaces parameters, values and attributes; what is absent stays. */
export function writeContent(db: Database, trialId: number, content: TrialContent): void {
  const { params = {}, distributions, values, intermediateValues = [] } = content;
  const insertParam =
    db.prepare(`INSERT INTO trial_params (trial_id, param_name, param_value, distribution_json)
    VALUES (?, ?, ?, ?) ON CONFLICT (trial_id, param_name)
    DO UPDATE SET param_value = excluded.param_value, distribution_json = excluded.distribution_json`);
  for (const name of Object.keys(params)) {
    const distribution = distributionOf(distributions, name);
    const internal = toInternalRepr(distribution, params[name]);
    insertParam.run(trialId, name, internal, encodeDistribution(distribution));
  }
  if (values !== undefined) writeValues(db, trialId, values ?? []);
  for (const [step, value] of intermediateValues)
    db.prepare(`INSERT INTO trial_intermediate_values (trial_id, step, intermediate_value, intermediate_value_type)
      VALUES (?, ?, ?, ?) ON CONFLICT (trial_id, step) DO UPDATE SET
      intermediate_value = excluded.intermediate_value, intermediate_value_type = excluded.intermediate_value_type`).run(
      trialId,
      step,
      ...encodeNumber(value),
    );
  writeAttrs(db, 'trial_user_attributes', trialId, content.userAttrs);
  writeAttrs(db, 'trial_system_attributes', trialId, content.systemAttrs);
  for (const key of content.dropSystemAttrs ?? [])
    db.prepare('DELETE FROM trial_system_attributes WHERE trial_id = ? AND "key" = ?').run(trialId, key);
}

function writeValues(db: Database, trialId: number, values: readonly number[]): void {
  db.prepare('DELETE FROM trial_values WHERE trial_id = ?').run(trialId);
  const insert = db.prepare(
    'INSERT INTO trial_values (trial_id, objective, value, value_type) VALUES (?, ?, ?, ?)',
  );
  values.forEach((value, objective) => {
    insert.run(trialId, objective, ...encodeNumber(value));
  });
}

/** All studies in order of id, or the one of this name. */
export function readStudies(db: Database, studyName: string | null = null): readonly StudyRecord[] {
  const where = studyName === null ? '' : 'WHERE s.study_name = ?';
  const values = studyName === null ? [] : [studyName];
  const of = (columns: string, table: string, order: string): unknown[] =>
    db
      .prepare(`SELECT c.study_id, ${columns} FROM studies s JOIN ${table} c ON c.study_id = s.study_id ${where}
        ORDER BY c.${order}`)
      .all(...values);
  return studiesFromRows({
    studies: db
      .prepare(`SELECT study_id, study_name FROM studies s ${where} ORDER BY study_id`)
      .all(...values) as StudyRow[],
    directions: of('c.objective, c.direction', 'study_directions', 'objective') as DirectionRow[],
    userAttrs: of(
      'c."key", c.value_json',
      'study_user_attributes',
      'study_user_attribute_id',
    ) as OwnedAttrRow[],
    systemAttrs: of(
      'c."key", c.value_json',
      'study_system_attributes',
      'study_system_attribute_id',
    ) as OwnedAttrRow[],
  });
}

export function countObjectives(db: Database, studyId: number): number {
  const [count] = db.prepare('SELECT count(*) FROM study_directions WHERE study_id = ?').get(studyId) as [
    number,
  ];
  return Math.max(1, count);
}

/** The number that a new trial gets. @throws StorageError STORAGE_CORRUPT if that of the last one is none. */
export function nextNumber(db: Database, studyId: number): number {
  const last = db
    .prepare('SELECT trial_id, number FROM trials WHERE study_id = ? ORDER BY trial_id DESC LIMIT 1')
    .get(studyId) as [number, unknown] | undefined;
  if (last === undefined) return 0;
  const [trialId, number] = last;
  if (!isTrialNumber(number)) throw oddNumber(trialId, number, studyId);
  return number + 1;
}

/** Number of RUNNING trials of a study that are at work in other tools, as `isForeign` tells of one trial. */
export function countForeign(db: Database, studyId: number): number {
  const [count] = db
    .prepare(`SELECT count(*) FROM trials t WHERE study_id = ? AND state = 'RUNNING' AND NOT EXISTS
      (SELECT 1 FROM trial_system_attributes a WHERE a.trial_id = t.trial_id AND a."key" = ?)`)
    .get(studyId, SYSTEM_ATTR.owner) as [number];
  return count;
}

/** A study, or one of its children, theirs, and so on. */
export type FamilyMember = Kinship;

/** Returns a study and its child studies, recursively, each after the one that owns it. */
export function readFamily(db: Database, rootId: number): readonly FamilyMember[] {
  const studies = db
    .prepare(`SELECT s.study_id, s.study_name, a.study_id, a.value_json FROM studies s
      LEFT JOIN study_system_attributes a ON a.study_id = s.study_id AND a."key" = ?`)
    .all(SYSTEM_ATTR.parent) as [number, string, number | null, string | null][];
  const root = studies.find(([studyId]) => studyId === rootId)?.[1];
  // A child carries its parent's name, so odd attributes of others do not matter.
  const kin = studies.filter(([studyId, name]) => studyId === rootId || name.startsWith(`${root}/`));
  const kinships = kin.map(([studyId, studyName, hasParent, json]) => ({
    studyId,
    studyName,
    parent:
      hasParent === null || studyId === rootId
        ? undefined
        : decodeAttr(studyAttrs('system', studyId, studyName), SYSTEM_ATTR.parent, json),
  }));
  const byId = new Map(kinships.map((member) => [member.studyId, member]));
  return familyOf(rootId, kinships).map((studyId) => byId.get(studyId)!);
}

/** Deletes a study, its child studies (recursively), and all their trials. */
export function deleteStudyRows(db: Database, rootId: number): void {
  keepIdsUnique(db, 'studies', 'study_id');
  keepIdsUnique(db, 'trials', 'trial_id');
  for (const { studyId } of readFamily(db, rootId)) {
    for (const table of TRIAL_TABLES)
      db.prepare(
        `DELETE FROM ${table} WHERE trial_id IN (SELECT trial_id FROM trials WHERE study_id = ?)`,
      ).run(studyId);
    for (const table of ['trials', ...STUDY_TABLES, 'studies'])
      db.prepare(`DELETE FROM ${table} WHERE study_id = ?`).run(studyId);
  }
}

/**
 * In a file made by Optuna, SQLite gives the highest deleted id out again. Before the first deletion the table is
 * therefore rebuilt with AUTOINCREMENT; Optuna goes by names and does not mind.
 */
function keepIdsUnique(db: Database, table: string, id: string): void {
  const [ddl] = db.prepare("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?").get(table) as [
    string,
  ];
  if (/AUTOINCREMENT/i.test(ddl)) return;
  const rebuilt = ddl
    .replace(
      new RegExp(`\\b${id}\\s+INTEGER\\s+NOT NULL`, 'i'),
      `${id} INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL`,
    )
    .replace(new RegExp(`,\\s*PRIMARY KEY\\s*\\(${id}\\)`, 'i'), '')
    .replace(new RegExp(`^CREATE TABLE\\s+"?${table}"?`, 'i'), `CREATE TABLE thanos_rebuilt_${table}`);
  // Another tool's definition that these patterns do not fit is left alone.
  if ((rebuilt.match(/PRIMARY KEY/gi)?.length ?? 0) !== 1 || !/AUTOINCREMENT/.test(rebuilt)) return;
  const indexes = db
    .prepare("SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL")
    .all(table) as [string][];
  db.exec(rebuilt);
  db.exec(`INSERT INTO thanos_rebuilt_${table} SELECT * FROM ${table}`);
  db.exec(`DROP TABLE ${table}`);
  db.exec(`ALTER TABLE thanos_rebuilt_${table} RENAME TO ${table}`);
  for (const [sql] of indexes) db.exec(sql);
}
