/** The small things of a study: names of its metrics, trials by state, telling twice, what comes nearest to feasible. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { RandomSampler } from '../../samplers/index.ts';
import {
  createStudy,
  createTrial,
  durationSeconds,
  lastStep,
  loadStudy,
  type Study,
  trialsTable,
} from '../../src/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'thanos-facts-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('metric names', () => {
  it('are kept under the keys of Optuna and of its dashboard, and name the columns of tables', async () => {
    const storage = `sqlite:///${join(folder, 'metrics.db')}`;
    const study = await createStudy({ studyName: 's', storage, directions: ['minimize', 'maximize'] });
    expect(study.metricNames).toBeNull();
    await study.setMetricNames(['loss', 'speed']);
    await study.addTrial(createTrial({ values: [1, 2] }));
    expect(study.metricNames).toEqual(['loss', 'speed']);
    expect(trialsTable(study, { attrs: ['value'] }).columns).toEqual(['values_loss', 'values_speed']);
    await study.storage.close();
    const loaded = await loadStudy({ studyName: 's', storage });
    expect(loaded.metricNames).toEqual(['loss', 'speed']);
    expect(loaded.systemAttrs).toMatchObject({
      'study:metric_names': ['loss', 'speed'],
      'dashboard:objective_names': ['loss', 'speed'],
    });
    await loaded.storage.close();
  });

  it.each([[['a']], [['a', 'a']], [['a', '']], [['a', 1]], ['ab'], [undefined], [['a', 'b\ud800']]])(
    'are not %j',
    async (names) => {
      const study = await createStudy({ directions: ['minimize', 'minimize'] });
      await expect(study.setMetricNames(names as never)).rejects.toThrow(
        /distinct, not empty, and one for each of the 2/,
      );
      expect(study.metricNames).toBeNull();
    },
  );

  it('that another tool left in disorder are none', async () => {
    const study = await createStudy();
    await study.setSystemAttr('study:metric_names', ['a', 'b']);
    expect(study.metricNames).toBeNull();
    expect(trialsTable(study, { attrs: ['value'] }).columns).toEqual(['value']);
  });
});

async function mixed(): Promise<Study> {
  const study = await createStudy({ sampler: new RandomSampler({ seed: 1 }) });
  await study.addTrials([
    createTrial({ value: 1 }),
    createTrial({ state: 'FAIL' }),
    createTrial({ state: 'PRUNED', value: 2 }),
    createTrial({ value: 3 }),
  ]);
  return study;
}

describe('getTrials', () => {
  it('returns the trials of the states asked for, in order', async () => {
    const study = await mixed();
    await study.enqueueTrial({ x: 1 });
    const numbers = (states?: readonly ('COMPLETE' | 'FAIL' | 'PRUNED' | 'WAITING' | 'RUNNING')[]) =>
      study.getTrials(states === undefined ? {} : { states }).map(({ number }) => number);
    expect(numbers()).toEqual([0, 1, 2, 3, 4]);
    expect(numbers(['COMPLETE'])).toEqual([0, 3]);
    expect(numbers(['WAITING', 'FAIL'])).toEqual([1, 4]);
    expect(numbers([])).toEqual([]);
    expect(numbers(['RUNNING'])).toEqual([]);
  });

  it('refuses other states', async () => {
    const study = await mixed();
    expect(() => study.getTrials({ states: ['DONE'] as never })).toThrow(/some of COMPLETE.*'DONE'/);
    expect(() => study.getTrials({ state: ['FAIL'] } as never)).toThrow(/no option 'state'/);
  });
});

describe('tell with skipIfFinished', () => {
  it('leaves a finished trial as it is, told by number or by the trial', async () => {
    const study = await createStudy();
    const trial = await study.ask();
    const told = await study.tell(trial, 1, { skipIfFinished: true });
    expect(told.values).toEqual([1]);
    expect(await study.tell(trial, 2, { skipIfFinished: true })).toEqual(told);
    expect(await study.tell(0, { state: 'FAIL' }, { skipIfFinished: true })).toEqual(told);
    await expect(study.tell(0, 2)).rejects.toMatchObject({ code: 'TRIAL_FINISHED' });
    await expect(study.tell(0, 2, { skipIfFinished: false })).rejects.toMatchObject({
      code: 'TRIAL_FINISHED',
    });
    await expect(study.tell(7, 2, { skipIfFinished: true })).rejects.toMatchObject({
      code: 'TRIAL_NOT_FOUND',
    });
    await expect(study.tell(0, 2, { skip: true } as never)).rejects.toThrow(/no option 'skip'/);
  });

  it('sees what another Study object has told', async () => {
    const study = await createStudy({ studyName: 's' });
    const other = await loadStudy({ studyName: 's', storage: study.storage });
    const trial = await study.ask();
    await other.sync();
    await study.tell(trial, 5);
    expect((await other.tell(0, 6, { skipIfFinished: true })).values).toEqual([5]);
  });
});

describe('the least violating trials', () => {
  const told = async (directions: readonly ('minimize' | 'maximize')[], ...rows: readonly number[][]) => {
    const study = await createStudy({ directions });
    const n = directions.length;
    for (const row of rows)
      await study.addTrial(createTrial({ values: row.slice(0, n), constraints: row.slice(n) }));
    return study;
  };
  const numbers = (study: Study) => study.leastViolatingTrials.map(({ number }) => number);

  it('are the best of those nearest to feasible, while the best trial is none, as in Optuna', async () => {
    const study = await told(['minimize'], [1, 5, -100], [9, 1, 1], [7, 2, -9], [8, 0, 2]);
    expect(numbers(study)).toEqual([2]);
    expect(study.bestTrials).toEqual([]);
    expect(() => study.bestTrial).toThrow(
      /no feasible COMPLETE trial among its 4 trials; trial 2 comes nearest, with a total violation of 2: read leastViolatingTrials/,
    );
  });

  it('are the front of them for several objectives', async () => {
    const study = await told(['minimize', 'maximize'], [1, 1, 3], [2, 2, 3], [2, 1, 3], [0, 9, 4]);
    expect(numbers(study)).toEqual([0, 1]);
  });

  it('are the best trials once one is feasible, and none without a COMPLETE trial', async () => {
    const study = await told(['maximize'], [1, 0], [2, 0], [3, 1]);
    expect(study.leastViolatingTrials).toEqual(study.bestTrials);
    const empty = await createStudy();
    await empty.addTrial(createTrial({ state: 'FAIL' }));
    expect(empty.leastViolatingTrials).toEqual([]);
    expect(() => empty.bestTrial).toThrow(/no feasible COMPLETE trial among its 1 trials$/);
  });
});

describe('facts of a trial', () => {
  it('are its duration and its last step; null while there is none', () => {
    const [start, end] = [new Date(1000), new Date(3500)];
    expect(durationSeconds(createTrial({ value: 1, datetimeStart: start, datetimeComplete: end }))).toBe(2.5);
    expect(durationSeconds(createTrial({ state: 'RUNNING', datetimeStart: start }))).toBeNull();
    expect(lastStep(createTrial({ value: 1, intermediateValues: { 7: 0, 3: 1, 20: Number.NaN } }))).toBe(20);
    expect(lastStep(createTrial({ value: 1, intermediateValues: { 0: 1 } }))).toBe(0);
    expect(lastStep(createTrial({ value: 1 }))).toBeNull();
  });
});
