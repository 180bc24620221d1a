/**
 * Optuna's relational schema (optuna 5.0.0, optuna/storages/_rdb/models.py and its alembic chain), unchanged since
 * Optuna 3.2. Table, column, index and enum names are the interface: Optuna and optuna-dashboard open what stands here.
 */

/** Head of Optuna's alembic chain since 3.2. */
export const ALEMBIC_REVISION = 'v3.2.0.a';
/** Frozen by Optuna when it moved to alembic. */
export const SCHEMA_VERSION = 12;

/** Revisions that `optuna storage upgrade` lifts to ALEMBIC_REVISION. */
const OLDER_REVISIONS: ReadonlySet<string> = new Set([
  'v0.9.0.a',
  'v1.2.0.a',
  'v1.3.0.a',
  'v2.4.0.a',
  'v2.6.0.a',
  'v3.0.0.a',
  'v3.0.0.b',
  'v3.0.0.c',
  'v3.0.0.d',
]);

/** What a database says of itself; null where it says nothing. */
export interface FoundVersion {
  readonly revision: string | null;
  readonly schemaVersion: number | null;
  /** Whether it holds studies. A database without is new, whatever else is in it. */
  readonly hasStudies: boolean;
}

export type VersionVerdict = 'current' | 'unstamped' | 'older' | 'newer';

/** `unstamped`: ours or Optuna's current schema, of which the version rows are still to be written. */
export function judgeVersion(found: FoundVersion): VersionVerdict {
  const { revision, schemaVersion } = found;
  if (schemaVersion !== null && schemaVersion > SCHEMA_VERSION) return 'newer';
  if (revision === null) {
    if (schemaVersion === null) return found.hasStudies ? 'older' : 'unstamped';
    return schemaVersion === SCHEMA_VERSION ? 'unstamped' : 'older';
  }
  if (revision === ALEMBIC_REVISION) return schemaVersion === SCHEMA_VERSION ? 'current' : 'unstamped';
  return OLDER_REVISIONS.has(revision) ? 'older' : 'newer';
}

export interface Table {
  readonly name: string;
  readonly columns: readonly string[];
  /** Column definitions and constraints for SQLite. */
  readonly sqlite: string;
}

function attributeTable(owner: 'study' | 'trial', kind: 'user' | 'system'): Table {
  const table = `${owner}_${kind}_attribute`;
  const owners = owner === 'study' ? 'studies' : 'trials';
  return {
    name: `${table}s`,
    columns: [`${table}_id`, `${owner}_id`, 'key', 'value_json'],
    sqlite: `${table}_id INTEGER NOT NULL, ${owner}_id INTEGER, "key" VARCHAR(512), value_json TEXT,
      PRIMARY KEY (${table}_id), UNIQUE (${owner}_id, "key"), FOREIGN KEY(${owner}_id) REFERENCES ${owners} (${owner}_id)`,
  };
}

/** Ids of studies and trials are AUTOINCREMENT, which Optuna's own files lack, so that a deleted id never returns. */
export const TABLES: readonly Table[] = [
  {
    name: 'studies',
    columns: ['study_id', 'study_name'],
    sqlite: 'study_id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, study_name VARCHAR(512) NOT NULL',
  },
  {
    name: 'version_info',
    columns: ['version_info_id', 'schema_version', 'library_version'],
    sqlite: `version_info_id INTEGER NOT NULL, schema_version INTEGER, library_version VARCHAR(256),
      PRIMARY KEY (version_info_id), CHECK (version_info_id=1)`,
  },
  {
    name: 'study_directions',
    columns: ['study_direction_id', 'direction', 'study_id', 'objective'],
    sqlite: `study_direction_id INTEGER NOT NULL, direction VARCHAR(8) NOT NULL, study_id INTEGER NOT NULL,
      objective INTEGER NOT NULL, PRIMARY KEY (study_direction_id), UNIQUE (study_id, objective),
      FOREIGN KEY(study_id) REFERENCES studies (study_id)`,
  },
  attributeTable('study', 'user'),
  attributeTable('study', 'system'),
  {
    name: 'trials',
    columns: ['trial_id', 'number', 'study_id', 'state', 'datetime_start', 'datetime_complete'],
    sqlite: `trial_id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, number INTEGER, study_id INTEGER,
      state VARCHAR(8) NOT NULL, datetime_start DATETIME, datetime_complete DATETIME,
      FOREIGN KEY(study_id) REFERENCES studies (study_id)`,
  },
  attributeTable('trial', 'user'),
  attributeTable('trial', 'system'),
  {
    name: 'trial_params',
    columns: ['param_id', 'trial_id', 'param_name', 'param_value', 'distribution_json'],
    sqlite: `param_id INTEGER NOT NULL, trial_id INTEGER, param_name VARCHAR(512), param_value FLOAT,
      distribution_json TEXT, PRIMARY KEY (param_id), UNIQUE (trial_id, param_name),
      FOREIGN KEY(trial_id) REFERENCES trials (trial_id)`,
  },
  {
    name: 'trial_values',
    columns: ['trial_value_id', 'trial_id', 'objective', 'value', 'value_type'],
    sqlite: `trial_value_id INTEGER NOT NULL, trial_id INTEGER NOT NULL, objective INTEGER NOT NULL, value FLOAT,
      value_type VARCHAR(7) NOT NULL, PRIMARY KEY (trial_value_id), UNIQUE (trial_id, objective),
      FOREIGN KEY(trial_id) REFERENCES trials (trial_id)`,
  },
  {
    name: 'trial_intermediate_values',
    columns: [
      'trial_intermediate_value_id',
      'trial_id',
      'step',
      'intermediate_value',
      'intermediate_value_type',
    ],
    sqlite: `trial_intermediate_value_id INTEGER NOT NULL, trial_id INTEGER NOT NULL, step INTEGER NOT NULL,
      intermediate_value FLOAT, intermediate_value_type VARCHAR(7) NOT NULL,
      PRIMARY KEY (trial_intermediate_value_id), UNIQUE (trial_id, step),
      FOREIGN KEY(trial_id) REFERENCES trials (trial_id)`,
  },
  {
    name: 'trial_heartbeats',
    columns: ['trial_heartbeat_id', 'trial_id', 'heartbeat'],
    sqlite: `trial_heartbeat_id INTEGER NOT NULL, trial_id INTEGER NOT NULL, heartbeat DATETIME NOT NULL,
      PRIMARY KEY (trial_heartbeat_id), UNIQUE (trial_id), FOREIGN KEY(trial_id) REFERENCES trials (trial_id)`,
  },
  {
    name: 'alembic_version',
    columns: ['version_num'],
    sqlite: `version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)`,
  },
];

/** Created with their table; a table that exists keeps the indexes it has. */
export const INDEXES: Readonly<Record<string, string>> = {
  studies: 'CREATE UNIQUE INDEX ix_studies_study_name ON studies (study_name)',
  trials: 'CREATE INDEX ix_trials_study_id ON trials (study_id)',
};

/** Tables whose rows belong to a trial, or to a study. */
export const TRIAL_TABLES: readonly string[] = [
  'trial_user_attributes',
  'trial_system_attributes',
  'trial_params',
  'trial_values',
  'trial_intermediate_values',
  'trial_heartbeats',
];
export const STUDY_TABLES: readonly string[] = [
  'study_directions',
  'study_user_attributes',
  'study_system_attributes',
];
