import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { floatDistribution } from '../../src/core/distribution.ts';
import type { ErrorCode } from '../../src/core/errors.ts';
import { InMemoryStorage, SqliteStorage, storageFromUrl } from '../../storage/index.ts';
import { sqliteFiles } from './sqlite-files.ts';

const { directory, newPath, sql, remove } = sqliteFiles();
afterAll(remove);

async function studyFile(path = newPath()): Promise<string> {
  const storage = new SqliteStorage(path);
  const { studyId } = await storage.createStudy('s', ['minimize']);
  const x = floatDistribution(0, 1);
  for (let i = 0; i < 3; i++)
    await storage.createTrial(studyId, {
      state: 'COMPLETE',
      values: [i],
      params: { x: i / 4 },
      distributions: { x },
    });
  await storage.close();
  return path;
}

/** Asserts that the file is refused with this code and message, and that not a byte of it changes. */
function expectRefused(path: string, code: ErrorCode, message: RegExp): void {
  const before = existsSync(path) && statSync(path).isFile() ? readFileSync(path) : null;
  let error: unknown = null;
  try {
    new SqliteStorage(path);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
  expect((error as Error).message).toContain(path);
  if (before !== null) expect(readFileSync(path).equals(before)).toBe(true);
  for (const suffix of ['-wal', '-shm', '-journal']) expect(existsSync(path + suffix)).toBe(false);
}

describe('the file', () => {
  it('has the tables, columns and stamps of Optuna', async () => {
    const path = await studyFile();
    expect(sql(path, 'SELECT * FROM alembic_version')).toEqual([['v3.2.0.a']]);
    expect(sql(path, 'SELECT version_info_id, schema_version FROM version_info')).toEqual([[1, 12]]);
    expect(sql(path, 'SELECT study_id, direction, objective FROM study_directions')).toEqual([
      [1, 'MINIMIZE', 0],
    ]);
    const [row] = sql(path, 'SELECT number, state, datetime_start, datetime_complete FROM trials');
    expect(row.slice(0, 2)).toEqual([0, 'COMPLETE']);
    for (const time of row.slice(2)) expect(time).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}000$/);
    expect(sql(path, "SELECT name FROM sqlite_master WHERE name LIKE 'ix_%' ORDER BY name")).toEqual([
      ['ix_studies_study_name'],
      ['ix_trials_study_id'],
    ]);
  });

  it('is in WAL mode while open and has a rollback journal after the last close', async () => {
    const path = newPath();
    const [first, second] = [new SqliteStorage(path), new SqliteStorage(path)];
    await first.createStudy('s', ['minimize']);
    const journalBytes = (): number[] => [...readFileSync(path).subarray(18, 20)];
    expect(journalBytes()).toEqual([2, 2]);
    await first.close();
    await first.close();
    expect(journalBytes()).toEqual([2, 2]);
    expect((await second.findStudy('s'))?.studyName).toBe('s');
    await second.close();
    expect(journalBytes()).toEqual([1, 1]);
    expect(existsSync(`${path}-wal`)).toBe(false);
    await expect(first.listStudies()).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
  });

  it('is tidy too after a program that ends without close()', async () => {
    const path = newPath();
    const module = join(import.meta.dirname, '../../storage/index.ts');
    const script = `
      import { SqliteStorage } from ${JSON.stringify(module)};
      await new SqliteStorage(${JSON.stringify(path)}).createStudy('s', ['minimize']);`;
    const { status } = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      cwd: import.meta.dirname,
    });
    expect(status).toBe(0);
    expect([...readFileSync(path).subarray(18, 20)]).toEqual([1, 1]);
    expect(sql(path, 'SELECT study_name FROM studies')).toEqual([['s']]);
  });

  it('accepts an empty file and a half-made schema', async () => {
    for (const statement of [
      'SELECT 1',
      'CREATE TABLE version_info (version_info_id INTEGER PRIMARY KEY, schema_version INTEGER, library_version VARCHAR(256))',
    ]) {
      const path = newPath();
      writeFileSync(path, '');
      sql(path, statement);
      await studyFile(path);
      expect(sql(path, 'SELECT count(*) FROM trials')).toEqual([[3]]);
      expect(sql(path, 'SELECT version_num FROM alembic_version')).toEqual([['v3.2.0.a']]);
    }
  });
});

describe('files that are refused', () => {
  it('paths that cannot be', () => {
    mkdirSync(join(directory, 'folder'));
    writeFileSync(join(directory, 'plain'), 'x');
    expectRefused(join(directory, 'folder'), 'STORAGE_UNAVAILABLE', /is a directory/);
    expectRefused(
      join(directory, 'no', 'x.db'),
      'STORAGE_UNAVAILABLE',
      /does not exist; create the directory/,
    );
    expectRefused(join(directory, 'plain', 'x.db'), 'STORAGE_UNAVAILABLE', /plain is not a directory/);
    if (process.platform === 'linux')
      expectRefused(
        '/proc/x.db',
        'STORAGE_UNAVAILABLE',
        /existing, writable directory|change its permissions/,
      );
  });

  it.skipIf(process.getuid?.() === 0)(
    'files without permission (skipped for root, who may do all)',
    async () => {
      const path = await studyFile();
      spawnSync('chmod', ['000', path]);
      expectRefused(path, 'STORAGE_UNAVAILABLE', /not readable/);
    },
  );

  it('files that are no database, or a damaged one', async () => {
    for (const bytes of ['x', '\0', 'xy', 'SQLite format 3']) {
      const short = newPath();
      writeFileSync(short, bytes);
      expectRefused(short, 'STORAGE_CORRUPT', /must be a SQLite file/);
    }
    const text = newPath();
    writeFileSync(text, 'this is not a database, but it is long enough to have a header\n'.repeat(40));
    expectRefused(text, 'STORAGE_CORRUPT', /must be a SQLite file/);
    const cut = await studyFile();
    truncateSync(cut, 4096 * 3);
    expectRefused(cut, 'STORAGE_CORRUPT', /damaged.*\.recover/);
    const scrambled = await studyFile();
    const bytes = readFileSync(scrambled);
    bytes.fill(0x5a, 100, 1200);
    writeFileSync(scrambled, bytes);
    expectRefused(scrambled, 'STORAGE_CORRUPT', /damaged/);
  });

  it('reports damage that is met later', async () => {
    const path = await studyFile();
    const [[page]] = sql(path, "SELECT rootpage FROM sqlite_master WHERE name = 'trial_params'");
    const bytes = readFileSync(path);
    bytes.fill(0x5a, (Number(page) - 1) * 4096, Number(page) * 4096);
    writeFileSync(path, bytes);
    const storage = new SqliteStorage(path);
    await expect(storage.getTrials(1)).rejects.toMatchObject({ code: 'STORAGE_CORRUPT' });
    await storage.close();
  });

  it('schemas of other versions', async () => {
    const versions: readonly (readonly [statement: string, message: RegExp])[] = [
      [
        "UPDATE alembic_version SET version_num = 'v9.0.0.a'",
        /newer program: .* v9\.0\.0\.a .*v3\.2\.0\.a and 12/,
      ],
      ['UPDATE version_info SET schema_version = 13', /newer program: .*schema_version 13/],
      [
        "UPDATE alembic_version SET version_num = 'v3.0.0.d'",
        /older Optuna: .*`thanos storage upgrade --storage sqlite:\/\/\//,
      ],
      ['DROP TABLE alembic_version; UPDATE version_info SET schema_version = 11', /older Optuna/],
      ['DROP TABLE alembic_version; DROP TABLE version_info', /older Optuna/],
      ['ALTER TABLE trials DROP COLUMN number', /'trials' without number/],
    ];
    for (const [statement, message] of versions) {
      const path = await studyFile();
      sql(path, statement);
      expectRefused(path, 'SCHEMA_MISMATCH', message);
    }
  });

  it('the same with a write-ahead log that a killed process left', async () => {
    const path = await studyFile();
    const script = `
      const db = new (require('better-sqlite3'))(process.argv[1]);
      db.pragma('journal_mode = WAL');
      db.exec("UPDATE alembic_version SET version_num = 'v9.0.0.a'");
      process.kill(process.pid, 'SIGKILL');`;
    spawnSync(process.execPath, ['-e', script, path], { cwd: import.meta.dirname });
    const contents = (): string[] => [path, `${path}-wal`].map((file) => readFileSync(file, 'base64'));
    const before = contents();
    expect(() => new SqliteStorage(path)).toThrow(/newer program/);
    expect(contents()).toEqual(before);
  });

  it('databases of another program that alembic keeps as well', () => {
    for (const more of ['', 'CREATE TABLE studies (patient TEXT); ']) {
      const path = newPath();
      sql(path, `${more}CREATE TABLE alembic_version (version_num VARCHAR(32))`);
      sql(path, "INSERT INTO alembic_version VALUES ('27c6a30d7c24')");
      expectRefused(path, 'SCHEMA_MISMATCH', /is of another program: its alembic_version is "27c6a30d7c24"/);
    }
  });

  it('databases of another program with a table of the same name', () => {
    const path = newPath();
    sql(path, 'CREATE TABLE trials (patient TEXT); CREATE TABLE doctors (name TEXT)');
    expectRefused(path, 'SCHEMA_MISMATCH', /not those of a study database: found 'trials' without trial_id/);
  });
});

describe('ids', () => {
  it('are not reused in a file with plain tables, as Optuna makes them', async () => {
    const path = await studyFile();
    // The definition of optuna 5.0.0's models, without AUTOINCREMENT.
    sql(
      path,
      `CREATE TABLE t AS SELECT * FROM trials; DROP TABLE trials;
       CREATE TABLE trials (trial_id INTEGER NOT NULL, number INTEGER, study_id INTEGER, state VARCHAR(8) NOT NULL,
         datetime_start DATETIME, datetime_complete DATETIME, PRIMARY KEY (trial_id),
         FOREIGN KEY(study_id) REFERENCES studies (study_id));
       CREATE INDEX ix_trials_study_id ON trials (study_id);
       INSERT INTO trials SELECT * FROM t; DROP TABLE t;`,
    );
    const storage = new SqliteStorage(path);
    const [before] = await storage.listStudies();
    const doomed = await storage.createStudy('doomed', ['minimize']);
    const { trialId } = await storage.createTrial(doomed.studyId, { state: 'RUNNING' });
    await storage.deleteStudy(doomed.studyId);
    const next = await storage.createTrial(before.studyId, { state: 'WAITING' });
    expect(next.trialId).toBe(trialId + 1);
    expect(next.number).toBe(3);
    expect((await storage.getTrials(before.studyId)).map((trial) => trial.params)).toEqual([
      { x: 0 },
      { x: 0.25 },
      { x: 0.5 },
      {},
    ]);
    await storage.close();
    const tables = sql(path, "SELECT name FROM sqlite_master WHERE tbl_name = 'trials' ORDER BY name");
    expect(tables).toEqual([['ix_trials_study_id'], ['trials']]);
    expect(sql(path, 'PRAGMA integrity_check')).toEqual([['ok']]);
  });

  it('find their trials also where studies interleave and a read starts before the last one', async () => {
    const storage = new SqliteStorage(newPath());
    const studies = [];
    for (const name of ['a', 'b', 'c']) studies.push(await storage.createStudy(name, ['minimize']));
    const x = floatDistribution(0, 99);
    for (let i = 0; i < 20; i++)
      for (const { studyId } of studies)
        await storage.createTrial(studyId, { state: 'RUNNING', params: { x: i }, distributions: { x } });
    const last = await storage.getTrials(studies[1].studyId, 10);
    for (const { trialId, number } of last)
      if (number % 3 === 0) await storage.updateTrial(trialId, { state: 'COMPLETE', values: [number] });
    for (const from of [0, 7, 19, 3, 20, 12]) {
      const trials = await storage.getTrials(studies[1].studyId, from);
      expect(trials.map((trial) => trial.number)).toEqual(
        Array.from({ length: 20 - from }, (_, i) => from + i),
      );
      expect(trials.map((trial) => trial.params['x'])).toEqual(trials.map((trial) => trial.number));
      for (const { number, value } of trials)
        expect(value).toBe(number >= 10 && number % 3 === 0 ? number : null);
    }
    await storage.close();
  });

  it('may be given out again by another tool: what is read is what is there', async () => {
    const path = await studyFile();
    const storage = new SqliteStorage(path);
    expect((await storage.getTrials(1)).map((trial) => trial.value)).toEqual([0, 1, 2]);
    sql(path, "UPDATE trials SET state = 'FAIL' WHERE number = 1; UPDATE trial_values SET value = 7");
    expect((await storage.getTrials(1)).map(({ state, value }) => [state, value])).toEqual([
      ['COMPLETE', 7],
      ['FAIL', 7],
      ['COMPLETE', 7],
    ]);
    await storage.close();
  });
});

describe('storageFromUrl', () => {
  it('knows memory and SQLite, and says so', async () => {
    expect(await storageFromUrl()).toBeInstanceOf(InMemoryStorage);
    expect(await storageFromUrl('memory')).toBeInstanceOf(InMemoryStorage);
    const path = newPath();
    const storage = await storageFromUrl(`sqlite:///${path}`);
    expect(storage).toMatchObject({ path });
    await storage.close();
    for (const url of [
      '',
      'x.db',
      'sqlite://x.db',
      'sqlite:///',
      'sqlite:///:memory:',
      'sqlite:///a.db?mode=ro',
      'sqlite:///a\0.db',
      'mysql://me:secret@host/db',
    ])
      await expect(storageFromUrl(url)).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: expect.stringMatching(/sqlite:\/\/\/relative\.db.*sqlite:\/\/\/\/absolute\.db.*'memory'/),
      });
    for (const url of [
      'mysql://me:secret@host/db',
      'mysql://me:p@secret@host/db',
      'mysql://me:p/secret/@host/db',
      'postgresql+psycopg2://secret:@host/db',
      'postgresql://host/db?user=me&password=secret',
      'redis:me:secret@host',
      'sqlite:///a.db?key=secret',
    ])
      await expect(storageFromUrl(url), url).rejects.toMatchObject({
        message: expect.not.stringContaining('secret'),
      });
  });
});

const OPTUNA_FILES = join(import.meta.dirname, '../data/optuna');

describe('files that Optuna wrote', () => {
  const copyOf = (name: string): string => {
    const path = newPath();
    copyFileSync(join(OPTUNA_FILES, name), path);
    return path;
  };

  it('are read: studies, attributes, both forms of constraints', async () => {
    const storage = new SqliteStorage(copyOf('optuna_single.db'));
    const [mixed, legacy] = await storage.listStudies();
    expect(mixed).toMatchObject({
      studyName: 'single-mixed',
      directions: ['minimize'],
      userAttrs: { owner: 'baseline', nested: { a: [1, 2.5, null, true], b: 'ünïcode ✓' }, null: null },
    });
    expect(legacy.directions).toEqual(['maximize']);
    const [first] = await storage.getTrials(mixed.studyId);
    expect(first.params).toMatchObject({ lr: 0.0015965834028940295, dropout: 0.1 });
    expect(first.constraints).toEqual([176, -2]);
    expect(first.intermediateValues.get(10)).toBe(1.4968958001695705);
    expect(first.datetimeStart).toEqual(new Date('2026-11-23T21:20:00.334Z'));
    const constrained = (await storage.getTrials(legacy.studyId)).filter(
      (trial) => trial.constraints !== null,
    );
    expect(constrained.length).toBeGreaterThan(0);
    await storage.close();
  });

  it('are continued, with numbers and ids going on', async () => {
    const path = copyOf('optuna_multi.db');
    const storage = new SqliteStorage(path);
    const [{ studyId }] = await storage.listStudies();
    const trial = await storage.createTrial(studyId, {
      state: 'COMPLETE',
      values: [0, Number.POSITIVE_INFINITY],
    });
    expect(trial).toMatchObject({ number: 100, trialId: 101 });
    expect((await storage.getTrials(studyId)).length).toBe(101);
    await storage.close();
    expect(
      sql(path, 'SELECT value, value_type FROM trial_values WHERE trial_id = 101 ORDER BY objective'),
    ).toEqual([
      [0, 'FINITE'],
      [null, 'INF_POS'],
    ]);
  });
});
