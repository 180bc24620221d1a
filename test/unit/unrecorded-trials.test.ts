/** What was evaluated and could not be written down: nothing is lost, and no trial stays RUNNING. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RandomSampler } from '../../samplers/index.ts';
import type { TrialUpdate } from '../../src/core/index.ts';
import { createStudy, StorageError, setLogLevel, type Trial } from '../../src/index.ts';
import { InMemoryStorage } from '../../storage/index.ts';

beforeAll(() => setLogLevel('silent'));
afterAll(() => setLogLevel('warn'));

/** Another process holds the database, for so many writes to trials. */
class LockedStorage extends InMemoryStorage {
  locked = 0;
  override async updateTrial(trialId: number, update: TrialUpdate): Promise<void> {
    if (this.locked > 0) {
      this.locked--;
      throw new StorageError('STORAGE_UNAVAILABLE', 'the database is locked');
    }
    return super.updateTrial(trialId, update);
  }
}

const open = (storage: InMemoryStorage) =>
  createStudy({ studyName: 's', storage, loadIfExists: true, sampler: new RandomSampler({ seed: 1 }) });

describe('a storage that is locked when a trial is told', () => {
  it('is tried once more', async () => {
    const storage = new LockedStorage();
    const study = await open(storage);
    await study.optimize(
      (t) => {
        if (t.number === 1) storage.locked = 1;
        return t.suggestFloat('x', 0, 1);
      },
      { nTrials: 3 },
    );
    expect(study.trials.map((t) => [t.state, t.values?.[0] === t.params['x']])).toEqual([
      ['COMPLETE', true],
      ['COMPLETE', true],
      ['COMPLETE', true],
    ]);
  });

  it.each([1, 3])('keeps what was evaluated for the next optimize (batchSize %d)', async (batchSize) => {
    const storage = new LockedStorage();
    const study = await open(storage);
    let evaluated = 0;
    const objective = (t: Trial) => {
      evaluated++;
      if (evaluated === 3) storage.locked = 6;
      t.setUserAttr('measured', t.number * 10);
      return t.suggestFloat('x', 0, 1);
    };
    await expect(study.optimize(objective, { totalTrials: 5, batchSize })).rejects.toThrow(
      /the database is locked; so trial \d, which ended with \[0\.\d+\], is not recorded yet: tell it again, or call optimize again/,
    );
    storage.locked = 0;
    await study.optimize(objective, { totalTrials: 5, batchSize });
    expect(evaluated).toBe(5);
    expect(
      study.trials.map((t) => [t.state, t.values?.[0] === t.params['x'], t.userAttrs['measured']]),
    ).toEqual([0, 1, 2, 3, 4].map((k) => ['COMPLETE', true, k * 10]));
  });

  it('lets it be told again, with all that was set before', async () => {
    const storage = new LockedStorage();
    const study = await open(storage);
    const trial = await study.ask();
    const x = trial.suggestFloat('x', 0, 1);
    storage.locked = 3;
    // Written while the objective waits: the first of three writes that fail.
    await new Promise((resolve) => setTimeout(resolve, 5));
    trial.setUserAttr('a', 1);
    trial.report(0.5, 0);
    await expect(study.tell(trial, 1)).rejects.toThrow('is not recorded yet');
    trial.setUserAttr('a', 2);
    const told = await study.tell(trial.number, 1);
    expect([told.state, told.params, told.userAttrs, [...told.intermediateValues]]).toEqual([
      'COMPLETE',
      { x },
      { a: 2 },
      [[0, 0.5]],
    ]);
  });

  it("does not hide the objective's own error", async () => {
    const storage = new LockedStorage();
    const study = await open(storage);
    const failing = () => {
      storage.locked = 2;
      throw new RangeError('mine');
    };
    await expect(study.optimize(failing, { nTrials: 1 })).rejects.toThrow('mine');
    await study.optimize(() => 1, { nTrials: 1 });
    expect(study.trials.map((t) => t.state)).toEqual(['FAIL', 'COMPLETE']);
  });
});

describe('what a storage refuses whatever one does', () => {
  /** Takes no trial with a value above 1. */
  class PickyStorage extends InMemoryStorage {
    override async updateTrial(trialId: number, update: TrialUpdate): Promise<void> {
      if ((update.values?.[0] ?? 0) > 1) throw new TypeError('too much for a column');
      return super.updateTrial(trialId, update);
    }
  }

  it('ends the trial as FAIL with the reason', async () => {
    const study = await open(new PickyStorage());
    await study.optimize((t) => t.number, { nTrials: 4, catch: true });
    await expect(study.optimize(() => 5, { nTrials: 1 })).rejects.toThrow('too much for a column');
    await expect(study.tell(await study.ask(), 7)).rejects.toThrow('too much for a column');
    expect(study.trials.map((t) => t.state)).toEqual([
      'COMPLETE',
      'COMPLETE',
      'FAIL',
      'FAIL',
      'FAIL',
      'FAIL',
    ]);
    expect(study.trials[5].systemAttrs['thanos:fail_reason']).toBe('TypeError: too much for a column');
  });
});
