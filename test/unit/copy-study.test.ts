import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { RandomSampler } from '../../samplers/index.ts';
import type { FrozenTrial, Storage } from '../../src/core/index.ts';
import { copyStudy, createStudy, createTrial, loadStudy, openStorage } from '../../src/index.ts';
import { InMemoryStorage, SqliteStorage } from '../../storage/index.ts';
import { ownerOf } from '../../storage/owner.ts';

const directory = mkdtempSync(join(tmpdir(), 'thanos-copy-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

let files = 0;
const PLACES: readonly [string, () => Promise<Storage>][] = [
  ['in memory', async () => new InMemoryStorage()],
  ['in SQLite', () => openStorage(`sqlite:///${join(directory, `${files++}.db`)}`)],
];
const PAIRS = PLACES.flatMap(([a, from]) => PLACES.map(([b, to]) => [a, b, from, to] as const));

/** All that a copy must keep; ids differ. */
function kept({ trialId: _, systemAttrs, ...trial }: FrozenTrial): unknown {
  const { 'thanos:owner': __, ...others } = systemAttrs;
  return { ...trial, systemAttrs: others, intermediateValues: [...trial.intermediateValues] };
}

/** One trial of each state, a child study, and a study that only looks like a child. */
async function fill(storage: Storage): Promise<void> {
  const study = await createStudy({ storage, studyName: 'a', directions: ['maximize'] });
  await study.setUserAttr('note', { nested: [1, null] });
  const done = await study.ask();
  done.suggestFloat('x', 1e-3, 1, { log: true });
  done.suggestCategorical('kind', ['u', null, 3]);
  done.report(Number.NaN, 2);
  done.setUserAttr('who', 'me');
  done.setConstraint('memory', -1);
  const inner = await done.createStudy('inner', { direction: 'minimize' });
  await inner.optimize((t) => t.suggestInt('k', 0, 5), { nTrials: 3 });
  const innermost = await (await inner.ask()).createStudy('innermost');
  await innermost.setUserAttr('deep', true);
  await study.tell(done, Number.POSITIVE_INFINITY);
  await study.addTrials([
    createTrial({
      state: 'PRUNED',
      value: 0.5,
      intermediateValues: { 1: 0.5 },
      datetimeStart: new Date(5000),
    }),
    createTrial({ state: 'FAIL' }),
  ]);
  await study.enqueueTrial({ x: 0.5 }, { userAttrs: { queued: 1 } });
  const running = await storage.createTrial((await storage.findStudy('a'))!.studyId, {
    state: 'RUNNING',
    params: { x: 0.25 },
    distributions: done.distributions,
  });
  expect(running.number).toBe(4);
  await createStudy({ storage, studyName: 'a/0/alike' });
}

describe.each(PAIRS)('copyStudy from %s to %s', (_, __, from, to) => {
  it('copies attributes, trials and child studies, whose names and parents are new', async () => {
    const [there, here] = [await from(), await to()];
    await fill(there);
    await copyStudy({ fromStudyName: 'a', fromStorage: there, toStorage: here, toStudyName: 'b' });
    const copies = await here.listStudies();
    expect(copies.map(({ studyName }) => studyName)).toEqual(['b', 'b/0/inner', 'b/0/inner/3/innermost']);
    const parents = copies.map(({ systemAttrs }) => systemAttrs['thanos:parent']);
    expect(parents).toEqual([undefined, { study: 'b', trial: 0 }, { study: 'b/0/inner', trial: 3 }]);
    for (const copy of copies) {
      const original = (await there.findStudy(copy.studyName.replace(/^b/, 'a')))!;
      expect(copy.directions).toEqual(original.directions);
      expect(copy.userAttrs).toEqual(original.userAttrs);
      expect(copy.systemAttrs['thanos:sampler']).toEqual(original.systemAttrs['thanos:sampler']);
      expect((await here.getTrials(copy.studyId)).map(kept)).toEqual(
        (await there.getTrials(original.studyId)).map(kept),
      );
    }
  });

  it('goes on where the original stands: the queued and the released trial are next', async () => {
    const [there, here] = [await from(), await to()];
    await fill(there);
    await copyStudy({ fromStudyName: 'a', fromStorage: there, toStorage: here });
    const copy = await loadStudy({ studyName: 'a', storage: here });
    expect(copy.trials[4].systemAttrs['thanos:owner']).toBeNull();
    const entered: unknown[] = [];
    await copy.optimize(
      (t) => {
        entered.push([t.number, t.suggestFloat('x', 1e-3, 1, { log: true })]);
        return 1;
      },
      { nTrials: 2 },
    );
    expect(entered).toEqual([
      [3, 0.5],
      [4, 0.25],
    ]);
  });
});

describe('copyStudy', () => {
  it('makes a study on its own of one that a trial owns', async () => {
    const storage = new InMemoryStorage();
    await fill(storage);
    await copyStudy({
      fromStudyName: 'a/0/inner',
      fromStorage: storage,
      toStorage: storage,
      toStudyName: 'alone',
    });
    const copy = (await storage.findStudy('alone'))!;
    expect(copy.systemAttrs).not.toHaveProperty('thanos:parent');
    await storage.deleteStudy((await storage.findStudy('a'))!.studyId);
    expect((await storage.listStudies()).map((s) => s.studyName).sort()).toEqual([
      'a/0/alike',
      'alone',
      'alone/3/innermost',
    ]);
  });

  it('writes nothing if a name is taken, of a child study too', async () => {
    const [there, here] = [new InMemoryStorage(), new InMemoryStorage()];
    await fill(there);
    await createStudy({ storage: here, studyName: 'b/0/inner' });
    const copy = (toStudyName?: string) =>
      copyStudy({ fromStudyName: 'a', fromStorage: there, toStorage: here, toStudyName });
    await expect(copy('b')).rejects.toThrow(expect.objectContaining({ code: 'DUPLICATED_STUDY' }));
    expect(await here.listStudies()).toHaveLength(1);
    await expect(copyStudy({ fromStudyName: 'a', fromStorage: there, toStorage: there })).rejects.toThrow(
      /'a' exists/,
    );
  });

  it('leaves no half of a copy behind', async () => {
    const [there, here] = [new InMemoryStorage(), new InMemoryStorage()];
    await fill(there);
    here.createTrial = async () => {
      throw new Error('disk full');
    };
    await expect(copyStudy({ fromStudyName: 'a', fromStorage: there, toStorage: here })).rejects.toThrow(
      'disk full',
    );
    expect(await here.listStudies()).toEqual([]);
  });

  it.each([1, 2, 3, 6])('begins anew where one was killed after %i trials', async (nTrials) => {
    const url = `sqlite:///${join(directory, `killed-${nTrials}.db`)}`;
    const there = await openStorage(url.replace('killed', 'from'));
    await fill(there);
    // What a process that dies within copyStudy leaves: its storage goes on no more, and its owner has ended.
    const killed = await openStorage(url);
    const create = killed.createTrial.bind(killed) as Storage['createTrial'];
    let created = 0;
    const stopped = new Promise<void>((resolve) => {
      killed.createTrial = (async (...template: Parameters<typeof create>) => {
        if (created++ < nTrials) return create(...template);
        resolve();
        return new Promise(() => {});
      }) as Storage['createTrial'];
    });
    const copy = { fromStudyName: 'a', fromStorage: there, toStudyName: 'b' };
    void copyStudy({ ...copy, toStorage: killed });
    await stopped;
    await expect(
      copyStudy({ ...copy, toStorage: new SqliteStorage(join(directory, `killed-${nTrials}.db`)) }),
    ).rejects.toThrow(/another process is copying/);
    await killed.close();
    spawnSync(process.execPath, [
      '-e',
      `const db = new (require('better-sqlite3'))(process.argv[1]); db.prepare('UPDATE trial_system_attributes SET value_json = ? WHERE "key" = ?').run(process.argv[2], 'thanos:owner')`,
      join(directory, `killed-${nTrials}.db`),
      JSON.stringify(JSON.stringify({ ...JSON.parse(ownerOf()), pid: 2 ** 22 + 1 })),
    ]);
    const here = await openStorage(url);
    await copyStudy({ ...copy, toStorage: here });
    const names = (await here.listStudies()).map(({ studyName }) => studyName);
    expect(names).toEqual(['b', 'b/0/inner', 'b/0/inner/3/innermost']);
    const [original, copied] = [await there.findStudy('a'), await here.findStudy('b')];
    expect((await here.getTrials(copied!.studyId)).map(kept)).toEqual(
      (await there.getTrials(original!.studyId)).map(kept),
    );
    await expect(copyStudy({ ...copy, toStorage: here })).rejects.toThrow(/'b' exists/);
    await here.close();
  });

  it('says which study is not there', async () => {
    const storage = new InMemoryStorage();
    await expect(copyStudy({ fromStudyName: 'a', fromStorage: storage, toStorage: storage })).rejects.toThrow(
      expect.objectContaining({ code: 'STUDY_NOT_FOUND' }),
    );
    await expect(copyStudy({ fromStudy: 'a' } as never)).rejects.toThrow(/no option 'fromStudy'/);
  });
});

it.each(PLACES)(
  'without some trials has the others, numbered anew, with their child studies, %s',
  async (_, place) => {
    const storage = await place();
    const study = await createStudy({ storage, studyName: 'a', sampler: new RandomSampler({ seed: 1 }) });
    await study.optimize(
      async (trial) => {
        const child = await trial.createStudy('inner', {
          sampler: new RandomSampler({ seed: trial.number }),
        });
        await child.optimize(
          async (t) => {
            await t.createStudy('deep');
            return t.suggestFloat('y', 0, 1);
          },
          { nTrials: 1 },
        );
        return trial.suggestFloat('x', 0, 1);
      },
      { nTrials: 12, batchSize: 3 },
    );
    const isBad = ({ number }: FrozenTrial): boolean => number === 0 || number === 5;
    const places = { fromStorage: storage, toStorage: storage, fromStudyName: 'a' };
    await copyStudy({ ...places, toStudyName: 'b', keepTrial: (trial) => !isBad(trial) });
    const copy = await loadStudy({ storage, studyName: 'b', sampler: new RandomSampler({ seed: 1 }) });
    const left = study.trials.filter((trial) => !isBad(trial));
    expect(copy.trials.map(({ number }) => number)).toEqual(left.map((_, k) => k));
    expect(copy.trials.map(({ params, values }) => [params, values])).toEqual(
      left.map(({ params, values }) => [params, values]),
    );
    for (const [k, { number }] of left.entries()) {
      const [child, deep] = [
        await storage.findStudy(`b/${k}/inner`),
        await storage.findStudy(`b/${k}/inner/0/deep`),
      ];
      expect(child!.systemAttrs['thanos:parent']).toEqual({ study: 'b', trial: k });
      expect(deep!.systemAttrs['thanos:parent']).toEqual({ study: `b/${k}/inner`, trial: 0 });
      const original = (await storage.findStudy(`a/${number}/inner`))!;
      expect((await storage.getTrials(child!.studyId))[0].params).toEqual(
        (await storage.getTrials(original.studyId))[0].params,
      );
      expect(copy.trials[k].systemAttrs).not.toHaveProperty('thanos:batch');
    }
    const names = (await storage.listStudies())
      .map(({ studyName }) => studyName)
      .filter((name) => name.startsWith('b/'));
    expect(names).toHaveLength(20);
    await copy.optimize((trial) => trial.suggestFloat('x', 0, 1), { nTrials: 1 });
    expect(copy.trials.at(-1)).toMatchObject({ number: 10, state: 'COMPLETE' });
    await expect(copyStudy({ ...places, toStudyName: 'c', keepTrial: true as never })).rejects.toThrow(
      /keepTrial must be a function/,
    );
    await expect(
      copyStudy({
        ...places,
        toStudyName: 'c',
        keepTrial: () => {
          throw new RangeError('odd');
        },
      }),
    ).rejects.toThrow('odd');
    expect(await storage.findStudy('c')).toBeNull();
    await copyStudy({ ...places, toStudyName: 'none', keepTrial: () => false });
    expect((await loadStudy({ storage, studyName: 'none' })).trials).toEqual([]);
    await storage.close();
  },
);
