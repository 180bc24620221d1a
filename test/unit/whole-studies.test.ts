/** What is done with studies as a whole: summaries, and another name. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { RandomSampler } from '../../samplers/index.ts';
import {
  createStudy,
  createTrial,
  hypervolume,
  loadStudy,
  openStorage,
  renameStudy,
  type Storage,
  studySummaries,
  type Trial,
} from '../../src/index.ts';
import { InMemoryStorage } from '../../storage/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'thanos-studies-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;

const PLACES: readonly (readonly [string, () => Promise<Storage>])[] = [
  ['in memory', async () => new InMemoryStorage()],
  ['in a file', async () => openStorage(`sqlite:///${join(folder, `${files++}.db`)}`)],
  ['in a storage that can do the least', async () => leastOf(new InMemoryStorage())],
];

/** Without the calls that a storage need not have. */
function leastOf(storage: InMemoryStorage): Storage {
  const optional = [
    'getChanges',
    'getTrialPage',
    'getOutcomes',
    'getStart',
    'renameStudy',
    'hasOwnerInDoubt',
  ];
  return new Proxy(storage as Storage, {
    get: (target, key) => {
      if (optional.includes(String(key))) return undefined;
      const value = target[key as keyof Storage];
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

describe.each(PLACES)('study summaries, %s', (_, place) => {
  it('tell states, the best trial and the start of each study, in order of creation', async () => {
    const storage = await place();
    const sampler = new RandomSampler({ seed: 1 });
    const study = await createStudy({ studyName: 'single', storage, direction: 'maximize', sampler });
    await study.setUserAttr('team', 'a');
    await study.setMetricNames(['accuracy']);
    const at = (ms: number) => ({ datetimeStart: new Date(ms), datetimeComplete: new Date(9e9) });
    await study.addTrials([
      createTrial({ value: 1, ...at(7e9) }),
      createTrial({ value: 5, ...at(3e9), userAttrs: { note: 'best' } }),
      createTrial({ value: 9, constraints: { memory: 1 }, ...at(4e9) }),
      createTrial({ state: 'FAIL', ...at(5e9) }),
    ]);
    await study.enqueueTrial({ x: 1 });
    const child = await createStudy({ studyName: 'front', storage, directions: ['minimize', 'minimize'] });
    await child.addTrials([createTrial({ values: [1, 2] }), createTrial({ values: [2, 1] })]);
    await (await child.ask()).createStudy('inner');
    await createStudy({ studyName: 'empty', storage });

    const summaries = await studySummaries(storage);
    expect(summaries.map(({ studyName }) => studyName)).toEqual(['single', 'front', 'empty']);
    const [single, front, empty] = summaries;
    expect(single).toMatchObject({
      directions: ['maximize'],
      metricNames: ['accuracy'],
      userAttrs: { team: 'a' },
      nTrials: 5,
      nTrialsByState: { COMPLETE: 3, PRUNED: 0, FAIL: 1, RUNNING: 0, WAITING: 1 },
      nBestTrials: 1,
      datetimeStart: new Date(3e9),
    });
    expect(single.bestTrial).toEqual(study.bestTrial);
    expect(single.bestTrial!.userAttrs).toEqual({ note: 'best' });
    expect(front).toMatchObject({ nTrials: 3, nBestTrials: 2, bestTrial: null, metricNames: null });
    expect(empty).toMatchObject({ nTrials: 0, nBestTrials: 0, bestTrial: null, datetimeStart: null });

    const all = await studySummaries(storage, { includeChildStudies: true, includeBestTrial: false });
    expect(all.map(({ studyName }) => studyName)).toEqual(['single', 'front', 'front/2/inner', 'empty']);
    expect(all[0]).toMatchObject({ bestTrial: null, nBestTrials: 1 });
    await expect(studySummaries(storage, { best: true } as never)).rejects.toThrow(/no option 'best'/);
    await expect(studySummaries(undefined as never)).rejects.toThrow(/storage must be a URL/);
    await storage.close();
  });
});

describe('renameStudy', () => {
  it.each(PLACES.slice(0, 2))('takes the child studies along, and resumes exactly, %s', async (_, place) => {
    const run = async (renameAfter: number | null): Promise<unknown> => {
      const storage = await place();
      const options = { storage, sampler: new RandomSampler({ seed: 3 }), loadIfExists: true };
      const objective = async (trial: Trial) => {
        const inner = await trial.createStudy('inner', { sampler: new RandomSampler({ seed: 1 }) });
        await inner.optimize((t) => t.suggestFloat('y', 0, 1), { totalTrials: 2 });
        return trial.suggestFloat('x', 0, 1) + inner.bestValue;
      };
      const first = await createStudy({ ...options, studyName: 'old' });
      await first.optimize(objective, { totalTrials: renameAfter ?? 4 });
      if (renameAfter !== null) {
        await renameStudy({ studyName: 'old', newStudyName: 'new', storage });
        const second = await createStudy({ ...options, studyName: 'new' });
        await second.optimize(objective, { totalTrials: 4 });
        const names = (await storage.listStudies()).map(({ studyName }) => studyName);
        expect(names).toEqual(['new', ...[0, 1, 2, 3].map((n) => `new/${n}/inner`)]);
      }
      const study = await loadStudy({ storage });
      const values = study.trials.map(({ params, values }) => [params, values]);
      await storage.close();
      return values;
    };
    expect(await run(2)).toEqual(await run(null));
  });

  it('refuses what is unknown, taken, a child or at work, and a storage that cannot', async () => {
    const storage = new InMemoryStorage();
    const study = await createStudy({ studyName: 'a', storage });
    await createStudy({ studyName: 'b', storage });
    const trial = await study.ask();
    await trial.createStudy('inner');
    const renamed = (studyName: string, newStudyName: string, where: Storage = storage) =>
      renameStudy({ studyName, newStudyName, storage: where });
    await expect(renamed('x', 'y')).rejects.toMatchObject({ code: 'STUDY_NOT_FOUND' });
    await expect(renamed('a', 'b')).rejects.toMatchObject({ code: 'DUPLICATED_STUDY' });
    await expect(renamed('a/0/inner', 'c')).rejects.toThrow(/named after its trial, so "a\/0\/inner" keeps/);
    await expect(renamed('a', 'c')).rejects.toMatchObject({ code: 'STUDY_UNFINISHED' });
    await study.tell(trial, 1);
    await expect(renamed('a', 'c', leastOf(storage))).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    await expect(renamed('a', '')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(renameStudy({ studyName: 'a', storage } as never)).rejects.toThrow(/newStudyName must be/);
    expect((await storage.listStudies()).map(({ studyName }) => studyName)).toEqual(['a', 'b', 'a/0/inner']);
  });
});

describe('hypervolume', () => {
  it.each([
    [[[1, 1]], [2, 3], undefined, 2],
    [
      [
        [1, 2],
        [2, 1],
        [2, 2],
      ],
      [3, 3],
      undefined,
      3,
    ],
    [[[1, 5]], [2, 1], ['minimize', 'maximize'], 4],
    [
      [
        [4, 0],
        [0, 4],
        [1, 1],
      ],
      [2, 2],
      ['minimize', 'minimize'],
      1,
    ],
    [[[0.5], [0.25]], [1], undefined, 0.75],
    [[], [1, 1, 1], undefined, 0],
    [[[0, 0, 0, 0]], [1, 2, 3, 4], undefined, 24],
    [[[Number.NEGATIVE_INFINITY, 0]], [1, 1], undefined, Number.POSITIVE_INFINITY],
  ] as const)('of %j up to %j is known', (points, reference, directions, volume) => {
    expect(hypervolume(points, reference, directions)).toBe(volume);
  });

  it.each([
    [[[1]], [1, 2], undefined],
    [[[Number.NaN, 1]], [1, 2], undefined],
    [[1, 2], [1, 2], undefined],
    [[[1, 2]], [], undefined],
    [[[1, 2]], [1, Number.POSITIVE_INFINITY], undefined],
    [[[1, 2]], [1, 2], ['minimize']],
    [[[1, 2]], [1, 2], ['minimize', 'up']],
    [undefined, [1], undefined],
    [[[1]], undefined, undefined],
  ])('of %j up to %j and %j is refused', (points, reference, directions) => {
    expect(() => hypervolume(points as never, reference as never, directions as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
  });
});
