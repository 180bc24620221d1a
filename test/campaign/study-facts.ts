/**
 * What a study file holds, read row by row past the product: all that must not depend on interruptions. Ids, times, heartbeats, and
 * who worked on a trial how often, may differ.
 */
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TRIAL_TABLES } from '../../storage/sql/schema.ts';
import { type Database, openDatabase } from '../../storage/sqlite/driver.ts';

/** System attributes of a trial that say who worked on it, and how often. */
const BOOKKEEPING = new Set(['thanos:owner', 'thanos:deaths']);

type Named = Readonly<Record<string, unknown>>;

interface TrialFacts {
  readonly state: string;
  /** Name -> [internal value, distribution]. */
  readonly params: Named;
  readonly values: Named;
  readonly intermediateValues: Named;
  readonly userAttrs: Named;
  readonly systemAttrs: Named;
}

interface StudyFacts {
  readonly directions: Named;
  readonly userAttrs: Named;
  readonly systemAttrs: Named;
  /** By number; of two trials with one number the later. */
  readonly trials: Readonly<Record<string, TrialFacts>>;
}

export interface FileFacts {
  readonly studies: Readonly<Record<string, StudyFacts>>;
  /** Rows that belong to a trial or study that is not there, by table. */
  readonly orphans: Named;
  /** `ok` if the file is sound. */
  readonly integrity: unknown;
  /** `study number` of each number that occurs more than once. */
  readonly duplicateNumbers: readonly string[];
  /** `study number` of each trial that is RUNNING. */
  readonly running: readonly string[];
  /** `study number` of each trial that is COMPLETE. */
  readonly complete: readonly string[];
}

/** Reads a copy, so that a file that a killed process left stays as it is. */
export function readFacts(path: string): FileFacts {
  const folder = mkdtempSync(join(tmpdir(), 'thanos-facts-'));
  const copy = join(folder, 'copy.db');
  try {
    for (const suffix of ['', '-wal', '-journal'])
      if (existsSync(path + suffix)) copyFileSync(path + suffix, copy + suffix);
    const db = openDatabase(copy, 0);
    try {
      return factsOf(db);
    } finally {
      db.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function factsOf(db: Database): FileFacts {
  const hasSchema = db.prepare("SELECT name FROM sqlite_master WHERE name = 'trial_heartbeats'").get();
  const integrity = db.pragma('integrity_check');
  if (hasSchema === undefined)
    return { studies: {}, orphans: {}, integrity, duplicateNumbers: [], running: [], complete: [] };
  const rows = (sql: string, ...values: number[]): unknown[][] =>
    db.prepare(sql).all(...values) as unknown[][];
  const named = (sql: string, id: number): Named =>
    Object.fromEntries(rows(sql, id).map(([key, ...rest]) => [key, rest.length === 1 ? rest[0] : rest]));
  const attrs = (owner: 'study' | 'trial', kind: 'user' | 'system', id: number): Named =>
    Object.fromEntries(
      rows(
        `SELECT "key", value_json FROM ${owner}_${kind}_attributes WHERE ${owner}_id = ? ORDER BY "key"`,
        id,
      ).filter(([key]) => owner === 'study' || !BOOKKEEPING.has(key as string)),
    );
  const trialFacts = (id: number, state: string): TrialFacts => ({
    state,
    params: named(
      'SELECT param_name, param_value, distribution_json FROM trial_params WHERE trial_id = ?',
      id,
    ),
    values: named('SELECT objective, value, value_type FROM trial_values WHERE trial_id = ?', id),
    intermediateValues: named(
      'SELECT step, intermediate_value, intermediate_value_type FROM trial_intermediate_values WHERE trial_id = ?',
      id,
    ),
    userAttrs: attrs('trial', 'user', id),
    systemAttrs: attrs('trial', 'system', id),
  });
  const studyFacts = (id: number): StudyFacts => ({
    directions: named('SELECT objective, direction FROM study_directions WHERE study_id = ?', id),
    userAttrs: attrs('study', 'user', id),
    systemAttrs: attrs('study', 'system', id),
    trials: Object.fromEntries(
      rows('SELECT number, trial_id, state FROM trials WHERE study_id = ? ORDER BY trial_id', id).map(
        ([number, trialId, state]) => [number, trialFacts(trialId as number, state as string)],
      ),
    ),
  });
  const inState = (state: string): string[] =>
    rows(
      `SELECT study_name || ' ' || number FROM trials JOIN studies USING (study_id) WHERE state = '${state}' ORDER BY 1`,
    ).map(([place]) => place as string);
  return {
    studies: Object.fromEntries(
      rows('SELECT study_name, study_id FROM studies ORDER BY study_name').map(([name, id]) => [
        name,
        studyFacts(id as number),
      ]),
    ),
    orphans: Object.fromEntries(
      [
        ...TRIAL_TABLES.map((table) => [table, 'trial_id', 'trials']),
        ...['trials', 'study_directions', 'study_user_attributes', 'study_system_attributes'].map((table) => [
          table,
          'study_id',
          'studies',
        ]),
      ]
        .map(([table, id, owners]) => [
          table,
          rows(`SELECT COUNT(*) FROM ${table} WHERE ${id} NOT IN (SELECT ${id} FROM ${owners})`)[0][0],
        ])
        .filter(([, n]) => n !== 0),
    ),
    integrity,
    duplicateNumbers: rows(
      `SELECT study_name || ' ' || number FROM trials JOIN studies USING (study_id)
       GROUP BY study_id, number HAVING COUNT(*) > 1`,
    ).map(([place]) => place as string),
    running: inState('RUNNING'),
    complete: inState('COMPLETE'),
  };
}
