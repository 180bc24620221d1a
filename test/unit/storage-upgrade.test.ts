/** Files of older Optunas are brought up to date, whole or not at all. test/reference/storage-upgrade.test.ts asks Optuna itself. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RandomSampler } from '../../samplers/index.ts';
import { createStudy, loadStudy } from '../../src/index.ts';
import { SqliteStorage, upgradeStorage } from '../../storage/index.ts';
import { upgradeFile } from '../../storage/sqlite/upgrade.ts';
import { writeOldFile } from '../support/old-optuna.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'thanos-upgrade-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** All that a file holds, as it would be read by any program. */
function contents(path: string): unknown {
  const db = new BetterSqlite3(path, { readonly: true });
  const tables = db
    .prepare("SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY 1")
    .all();
  const rows = tables
    .filter((table) => /^CREATE TABLE/.test((table as { sql: string }).sql))
    .map((table) => db.prepare(`SELECT * FROM "${(table as { name: string }).name}"`).all());
  db.close();
  return { tables, rows };
}

describe('upgrading a file of Optuna 0.9', () => {
  it('keeps every value, and the study goes on', async () => {
    const path = join(folder, 'old.db');
    writeOldFile(path);
    expect(() => new SqliteStorage(path)).toThrow(
      /older Optuna.*v0\.9\.0\.a.*thanos storage upgrade --storage/,
    );
    const before = contents(path);
    const result = await upgradeStorage(`sqlite:///${path}`);
    expect(result).toEqual({ path, from: 'v0.9.0.a', to: 'v3.2.0.a', backup: `${path}.v0.9.0.a.bak` });
    expect(contents(result.backup!)).toEqual(before);

    const storage = new SqliteStorage(path);
    expect(
      (await storage.listStudies()).map(({ studyId, studyName, directions }) => [
        studyId,
        studyName,
        directions,
      ]),
    ).toEqual([
      [1, 'old', ['maximize']],
      [4, 'second', ['minimize']],
    ]);
    const study = await loadStudy({ studyName: 'old', storage, sampler: new RandomSampler({ seed: 1 }) });
    expect(study.userAttrs).toEqual({ note: 'kept' });
    const [first, pruned, failed, waiting] = study.trials;
    expect(first).toMatchObject({
      trialId: 1,
      number: 0,
      state: 'COMPLETE',
      values: [0.5],
      params: { u: 0.25, l: 0.01, d: 0.3, i: 7, g: 8, c: 'b' },
      systemAttrs: {},
      datetimeComplete: new Date('2019-05-01T10:00:01.5Z'),
    });
    expect(first.distributions).toEqual({
      u: { kind: 'float', low: 0, high: 1, log: false, step: null },
      l: { kind: 'float', low: 0.001, high: 1, log: true, step: null },
      d: { kind: 'float', low: 0.1, high: 1, log: false, step: 0.1 },
      i: { kind: 'int', low: 1, high: 10, log: false, step: 3 },
      g: { kind: 'int', low: 1, high: 64, log: true, step: 1 },
      c: { kind: 'categorical', choices: ['a', 'b', null] },
    });
    expect([...first.intermediateValues]).toEqual([
      [0, 0.1],
      [7, 0.4],
    ]);
    expect(pruned).toMatchObject({ number: 1, state: 'PRUNED', values: [Number.POSITIVE_INFINITY] });
    expect([...pruned.intermediateValues]).toEqual([
      [2, Number.NaN],
      [5, Number.NEGATIVE_INFINITY],
    ]);
    expect(failed).toMatchObject({
      number: 2,
      state: 'FAIL',
      values: null,
      systemAttrs: { fail_reason: 'broken' },
    });
    expect(waiting).toMatchObject({ number: 3, state: 'WAITING', datetimeStart: null });
    await study.optimize((trial) => trial.suggestFloat('u', 0, 1), { nTrials: 2 });
    expect(study.trials.map(({ number, state }) => `${number} ${state}`).slice(3)).toEqual([
      '3 COMPLETE',
      '4 COMPLETE',
    ]);
    await storage.close();
    // What foreign tools see: no part of the old tables is left.
    expect(JSON.stringify(contents(path))).not.toMatch(
      /thanos_old|thanos_modern|_number|UniformDistribution/,
    );
  });

  it('does nothing to a file that is up to date, ours or a new one', async () => {
    const path = join(folder, 'new.db');
    await (await createStudy({ studyName: 's', storage: `sqlite:///${path}` })).storage.close();
    const bytes = readFileSync(path);
    expect(upgradeFile(path)).toEqual({ path, from: 'v3.2.0.a', to: 'v3.2.0.a', backup: null });
    expect(readFileSync(path).equals(bytes)).toBe(true);
    expect(readdirSync(folder)).toEqual(['new.db']);
  });

  it('leaves earlier copies alone', () => {
    const path = join(folder, 'old.db');
    for (const suffix of ['', '.1', '.2']) {
      rmSync(path, { force: true });
      writeOldFile(path);
      expect(basename(upgradeFile(path).backup!)).toBe(`old.db.v0.9.0.a.bak${suffix}`);
    }
  });

  it.each([
    [
      'a distribution that is none',
      `UPDATE trial_params SET distribution_json = '{"name": "UniformDistribution", "attributes": {"low": 2, "high": 1}}' WHERE param_id = 1`,
      'STORAGE_CORRUPT',
      /distribution of trial_params .*UniformDistribution/,
    ],
    [
      'a distribution that is no JSON',
      `UPDATE trial_params SET distribution_json = '{' WHERE param_id = 1`,
      'STORAGE_CORRUPT',
      /trial_params/,
    ],
    [
      'columns of another tool',
      'ALTER TABLE trials ADD COLUMN discarded_at DATETIME',
      'SCHEMA_MISMATCH',
      /trials has columns of another tool.*discarded_at/,
    ],
    [
      'a revision of a newer Optuna',
      `UPDATE alembic_version SET version_num = 'v9.0.0.a'`,
      'SCHEMA_MISMATCH',
      /newer program/,
    ],
  ])('refuses %s, and leaves the file as it was', (_, sql, code, message) => {
    const path = join(folder, 'odd.db');
    writeOldFile(path, `${sql};`);
    const before = contents(path);
    expect(() => upgradeFile(path)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
    expect(contents(path)).toEqual(before);
  });

  it('refuses what is no study file, and what is not there', async () => {
    await expect(upgradeStorage('memory')).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    await expect(upgradeStorage('sqlit:///x')).rejects.toThrow(/did you mean 'sqlite:'/);
    const path = join(folder, 'other.db');
    const db = new BetterSqlite3(path);
    db.exec("CREATE TABLE alembic_version (version_num); INSERT INTO alembic_version VALUES ('abc')");
    db.close();
    expect(() => upgradeFile(path)).toThrow(/of another program/);
    expect(() => upgradeFile(join(folder, 'missing.db'))).toThrow(/there is no database .*missing\.db/);
    expect(readdirSync(folder)).toEqual(['other.db']);
  });
});
