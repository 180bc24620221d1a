/** A study file as Optuna 0.9 wrote it (revision v0.9.0.a of its alembic chain), before numbers, directions and values had their own tables. */
import BetterSqlite3 from 'better-sqlite3';

const attributes = (owner: 'study' | 'trial', kind: 'user' | 'system'): string => {
  const owners = owner === 'study' ? 'studies' : 'trials';
  return `CREATE TABLE ${owner}_${kind}_attributes (${owner}_${kind}_attribute_id INTEGER NOT NULL, ${owner}_id INTEGER,
    "key" VARCHAR(512), value_json VARCHAR(2048), PRIMARY KEY (${owner}_${kind}_attribute_id),
    FOREIGN KEY(${owner}_id) REFERENCES ${owners} (${owner}_id), UNIQUE (${owner}_id, "key"));`;
};

const DDL = `
  CREATE TABLE studies (study_id INTEGER NOT NULL, study_name VARCHAR(512) NOT NULL, direction VARCHAR(8) NOT NULL,
    PRIMARY KEY (study_id));
  CREATE UNIQUE INDEX ix_studies_study_name ON studies (study_name);
  CREATE TABLE version_info (version_info_id INTEGER NOT NULL, schema_version INTEGER, library_version VARCHAR(256),
    PRIMARY KEY (version_info_id), CHECK (version_info_id=1));
  CREATE TABLE trials (trial_id INTEGER NOT NULL, study_id INTEGER, state VARCHAR(8) NOT NULL, value FLOAT,
    datetime_start DATETIME, datetime_complete DATETIME, PRIMARY KEY (trial_id),
    FOREIGN KEY(study_id) REFERENCES studies (study_id));
  CREATE TABLE trial_params (param_id INTEGER NOT NULL, trial_id INTEGER, param_name VARCHAR(512), param_value FLOAT,
    distribution_json VARCHAR(2048), PRIMARY KEY (param_id), FOREIGN KEY(trial_id) REFERENCES trials (trial_id),
    UNIQUE (trial_id, param_name));
  CREATE TABLE trial_values (trial_value_id INTEGER NOT NULL, trial_id INTEGER, step INTEGER, value FLOAT,
    PRIMARY KEY (trial_value_id), FOREIGN KEY(trial_id) REFERENCES trials (trial_id), UNIQUE (trial_id, step));
  ${attributes('study', 'user')} ${attributes('study', 'system')} ${attributes('trial', 'user')} ${attributes('trial', 'system')}
  CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));
  INSERT INTO alembic_version VALUES ('v0.9.0.a');
  INSERT INTO version_info VALUES (1, 12, '0.19.0');`;

const ROWS = `
  INSERT INTO studies VALUES (1, 'old', 'MAXIMIZE'), (4, 'second', 'MINIMIZE');
  INSERT INTO study_user_attributes VALUES (1, 1, 'note', '"kept"');
  INSERT INTO trials VALUES
    (1, 1, 'COMPLETE', 0.5, '2019-05-01 10:00:00.000001', '2019-05-01 10:00:01.500000'),
    (2, 4, 'COMPLETE', -3.25, '2019-05-01 10:00:02.000000', '2019-05-01 10:00:03.000000'),
    (3, 1, 'PRUNED', 3.4028234663852886e38, '2019-05-01 10:00:04.000000', '2019-05-01 10:00:05.000000'),
    (5, 1, 'FAIL', NULL, '2019-05-01 10:00:06.000000', '2019-05-01 10:00:07.000000'),
    (6, 1, 'WAITING', NULL, NULL, NULL);
  INSERT INTO trial_params VALUES
    (1, 1, 'u', 0.25, '{"name": "UniformDistribution", "attributes": {"low": 0.0, "high": 1.0}}'),
    (2, 1, 'l', 0.01, '{"name": "LogUniformDistribution", "attributes": {"low": 0.001, "high": 1.0}}'),
    (3, 1, 'd', 0.3, '{"name": "DiscreteUniformDistribution", "attributes": {"low": 0.1, "high": 1.05, "q": 0.1}}'),
    (4, 1, 'i', 7.0, '{"name": "IntUniformDistribution", "attributes": {"low": 1, "high": 11, "step": 3}}'),
    (5, 1, 'g', 8.0, '{"name": "IntLogUniformDistribution", "attributes": {"low": 1, "high": 64, "step": 2}}'),
    (6, 1, 'c', 1.0, '{"name": "CategoricalDistribution", "attributes": {"choices": ["a", "b", null]}}');
  INSERT INTO trial_values VALUES (1, 1, 0, 0.1), (2, 1, 7, 0.4), (3, 3, 2, NULL), (4, 3, 5, -3.4028234663852886e38);
  INSERT INTO trial_system_attributes VALUES (1, 1, '_number', '0'), (2, 2, '_number', '0'), (3, 3, '_number', '1'),
    (4, 5, '_number', '2'), (5, 6, '_number', '3'), (6, 5, 'fail_reason', '"broken"');`;

/** @param more SQL that is run last. */
export function writeOldFile(path: string, more = ''): void {
  const db = new BetterSqlite3(path);
  db.exec(DDL + ROWS + more);
  db.close();
}
