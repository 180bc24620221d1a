/** A study file that is deleted, moved or replaced while it is open. SQLite itself would go on without a word. */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { RandomSampler } from '../../samplers/index.ts';
import { createStudy, loadStudy } from '../../src/index.ts';
import { SqliteStorage } from '../../storage/index.ts';
import { sqliteFiles } from './sqlite-files.ts';

const { directory, newPath, sql, remove } = sqliteFiles();
afterAll(remove);

const SUFFIXES = ['', '-wal', '-shm'];

/** A path in a folder of its own. */
function ownPath(): string {
  const path = newPath();
  const folder = join(directory, `folder ${basename(path)}`);
  mkdirSync(folder);
  return join(folder, 'demo.db');
}

async function otherFile(): Promise<string> {
  const path = newPath();
  const storage = new SqliteStorage(path);
  await storage.createStudy('other', ['minimize']);
  await storage.close();
  return path;
}

const LOSSES: readonly (readonly [what: string, lose: (path: string) => void | Promise<void>])[] = [
  ['deleted', (path) => rmSync(path)],
  [
    'deleted with its log',
    (path) => {
      for (const suffix of SUFFIXES) rmSync(path + suffix, { force: true });
    },
  ],
  ['moved', (path) => renameSync(path, `${path}.moved`)],
  ['replaced', async (path) => renameSync(await otherFile(), path)],
  ['lost with its folder', (path) => rmSync(dirname(path), { recursive: true })],
];

describe.each(LOSSES)('a study file that is %s', (what, lose) => {
  const study = (storage: SqliteStorage) =>
    createStudy({ studyName: 's', storage, sampler: new RandomSampler({ seed: 1 }) });

  /** Where the message says that everything was saved. */
  function rescuedPath(error: unknown, path: string): string {
    expect(error).toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
    const { message } = error as Error;
    expect(message).toContain(`the database ${path} is gone: `);
    const [, saved] = message.match(/all that it held was saved to (.*?);/) ?? [];
    expect(saved).toContain('demo.db.rescued-');
    return saved;
  }

  it('while trials run: the study ends with an error, and nothing of it is lost', async () => {
    const path = ownPath();
    const storage = new SqliteStorage(path);
    const running = (await study(storage)).optimize(
      async (trial) => {
        if (trial.number === 3) await lose(path);
        return trial.suggestFloat('x', 0, 1);
      },
      { nTrials: 10 },
    );
    const error = await running.then(
      () => null,
      (thrown: unknown) => thrown,
    );
    const saved = rescuedPath(error, path);
    const rescued = await loadStudy({ storage: `sqlite:///${saved}` });
    expect(rescued.trials.map((trial) => trial.state)).toEqual(Array(4).fill('COMPLETE'));
    await rescued.storage.close();
    await expect(storage.listStudies()).rejects.toBe(error);
    await storage.close();
    rmSync(saved);
    for (const suffix of ['-wal', '-shm']) expect(existsSync(path + suffix)).toBe(false);
    if (what === 'replaced') expect(sql(path, 'SELECT study_name FROM studies')).toEqual([['other']]);
    else expect(existsSync(path)).toBe(false);
  });

  it('after the last trial: closing says so', async () => {
    const path = ownPath();
    const storage = new SqliteStorage(path);
    await (await study(storage)).optimize(() => 1, { nTrials: 2 });
    await lose(path);
    const error = await storage.close().then(
      () => null,
      (thrown: unknown) => thrown,
    );
    const saved = rescuedPath(error, path);
    const rescued = await loadStudy({ storage: `sqlite:///${saved}` });
    expect(rescued.trials).toHaveLength(2);
    await rescued.storage.close();
    rmSync(saved);
    await storage.close();
  });
});

it('a file that was only read may go', async () => {
  const path = await otherFile();
  const storage = new SqliteStorage(path);
  await storage.listStudies();
  rmSync(path);
  await storage.close();
  expect(readdirSync(dirname(path)).filter((name) => name.startsWith(basename(path)))).toEqual([]);
});
