import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createStudy, deleteStudy, loadStudy } from '../../src/index.ts';

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
    await expect(createStudy({ storage: 5 })).rejects.toThrow('URL or a Storage');
    // @ts-expect-error: no sampler
    await expect(createStudy({ sampler: 'tpe' })).rejects.toThrow('must be a Sampler');
    // @ts-expect-error: no options
    await expect(loadStudy()).rejects.toThrow('object of options');
  });
});
