import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { RandomSampler } from '../../samplers/index.ts';
import type { Sampler } from '../../src/core/index.ts';
import { createStudy, deleteStudy, loadStudy } from '../../src/index.ts';
import { InMemoryStorage, SqliteStorage } from '../../storage/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'thanos-create-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const url = (name: string) => `sqlite:///${join(folder, name)}`;

describe('createStudy and loadStudy', () => {
  it('open the same file again after it was closed', async () => {
    const first = await createStudy({ studyName: 'a', storage: url('again.db') });
    await first.optimize(() => 1, { nTrials: 2 });
    await first.storage.close();
    const second = await loadStudy({ storage: url('again.db') });
    expect(second.trials).toHaveLength(2);
    await second.storage.close();
  });

  it('load the one study of a storage, its child studies apart', async () => {
    const study = await createStudy({ studyName: 'outer', storage: url('one.db') });
    await study.optimize(
      async (t) => {
        await (await t.createStudy('inner')).optimize(() => 1, { nTrials: 1 });
        return 1;
      },
      { nTrials: 1 },
    );
    expect((await loadStudy({ storage: url('one.db') })).studyName).toBe('outer');
    await createStudy({ studyName: 'other', storage: url('one.db') });
    await expect(loadStudy({ storage: url('one.db') })).rejects.toThrow('it holds 2: outer, other');
    await deleteStudy({ studyName: 'outer', storage: url('one.db') });
    expect((await loadStudy({ storage: url('one.db') })).studyName).toBe('other');
    await study.storage.close();
  });

  it('refuse a name that exists, unless it is to be loaded, and other directions', async () => {
    const storage = url('names.db');
    await createStudy({ studyName: 'a', storage });
    await expect(createStudy({ studyName: 'a', storage })).rejects.toMatchObject({
      code: 'DUPLICATED_STUDY',
    });
    await expect(
      createStudy({ studyName: 'a', storage, direction: 'maximize', loadIfExists: true }),
    ).rejects.toThrow('directions');
    await (await loadStudy({ storage })).storage.close();
  });

  it('refuse misspelled options, and what is no storage or sampler', async () => {
    // @ts-expect-error: Optuna's spelling
    await expect(createStudy({ study_name: 'a' })).rejects.toThrow("did you mean 'studyName'");
    // @ts-expect-error: no storage
    await expect(createStudy({ storage: 5 })).rejects.toThrow('or a Storage, but is 5');
    // @ts-expect-error: no sampler
    await expect(createStudy({ sampler: 'tpe' })).rejects.toThrow('must be a Sampler');
    // @ts-expect-error: no options
    await expect(loadStudy()).rejects.toThrow('needs its options as an object');
  });
});

describe.each([
  ['in memory', () => Array<InMemoryStorage>(4).fill(new InMemoryStorage())],
  ['in SQLite', () => Array.from({ length: 4 }, () => new SqliteStorage(join(folder, 'race.db')))],
])('workers that start together, %s', (_, connect) => {
  it('create a study once, nested ones too, and give each unnamed one a name of its own', async () => {
    const storages = connect();
    const together = <T>(work: (storage: (typeof storages)[number]) => Promise<T>): Promise<T[]> =>
      Promise.all(storages.map(work));
    const loaded = await together((storage) =>
      createStudy({ studyName: 'same', storage, loadIfExists: true }),
    );
    expect(loaded.map((study) => study.studyName)).toEqual(Array(4).fill('same'));
    const unnamed = await together((storage) => createStudy({ storage }));
    expect(new Set(unnamed.map((study) => study.studyName)).size).toBe(4);
    const trial = await loaded[0].ask();
    const inner = await Promise.all([trial.createStudy('in'), trial.createStudy('in')]);
    expect(inner.map((study) => study.studyName)).toEqual(['same/0/in', 'same/0/in']);
    expect(await storages[0].listStudies()).toHaveLength(6);
    await expect(together((storage) => createStudy({ studyName: 'new', storage }))).rejects.toMatchObject({
      code: 'DUPLICATED_STUDY',
    });
    await expect(
      createStudy({ studyName: 'same', storage: storages[1], loadIfExists: true, direction: 'maximize' }),
    ).rejects.toThrow('directions');
    await together((storage) => storage.close());
  });

  it('leave no trial RUNNING whose parameters could not be decided for the number that it got', async () => {
    const storages = connect();
    const failsLater = (): Sampler => {
      const sampler: Sampler = new RandomSampler({ seed: 1 });
      sampler.sampleRelative = ({ trialNumber }) => {
        if (trialNumber > 0) throw new Error('out of memory');
        return { params: {} };
      };
      return sampler;
    };
    const studies = await Promise.all(
      storages.map((storage) =>
        createStudy({
          studyName: 'draft',
          storage,
          loadIfExists: true,
          sampler: failsLater(),
        }),
      ),
    );
    const asked = await Promise.allSettled(studies.map((study) => study.ask()));
    expect(asked.map(({ status }) => status).sort()).toEqual([
      'fulfilled',
      ...Array<string>(3).fill('rejected'),
    ]);
    await studies[0].sync();
    const [first, ...others] = studies[0].trials;
    expect(first.state).toBe('RUNNING');
    for (const trial of others) {
      expect(trial.state).toBe('FAIL');
      expect(trial.systemAttrs['thanos:fail_reason']).toMatch(
        /no parameters could be decided.*out of memory/,
      );
    }
    await Promise.all(storages.map((storage) => storage.close()));
  });
});
