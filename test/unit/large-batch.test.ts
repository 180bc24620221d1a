/** A large batch holds nothing up, and what its trials keep of each other stays small. */
import { afterAll, describe, expect, it } from 'vitest';
import { RandomSampler, TpeSampler } from '../../samplers/index.ts';
import { SYSTEM_ATTR } from '../../src/core/frozen-trial.ts';
import { RunningTrials } from '../../src/core/running-trials.ts';
import { createStudy } from '../../src/index.ts';
import { InMemoryStorage, SqliteStorage } from '../../storage/index.ts';
import { sqliteFiles } from './sqlite-files.ts';

const { newPath, remove } = sqliteFiles();
afterAll(remove);

const BATCH = 300;

describe('a large batch', () => {
  it.each(['memory', 'sqlite'])(
    'keeps who was running as ranges, and the sampler sees them: %s',
    async (kind) => {
      const storage = kind === 'memory' ? new InMemoryStorage() : new SqliteStorage(newPath());
      const study = await createStudy({ studyName: 'b', storage, sampler: new RandomSampler({ seed: 1 }) });
      await study.optimize((trial) => trial.suggestFloat('x', 0, 1), { batchSize: BATCH, nTrials: BATCH });
      expect(study.trials.map((trial) => trial.state)).toEqual(Array(BATCH).fill('COMPLETE'));
      for (const { number, systemAttrs } of study.trials) {
        expect(JSON.stringify(systemAttrs[SYSTEM_ATTR.running] ?? null).length).toBeLessThan(12);
        expect([...RunningTrials.readFrom(systemAttrs)]).toEqual(Array.from({ length: number }, (_, i) => i));
      }
      await storage.close();
    },
  );

  it('attends to its signal while it is asked: what was asked is given back', async () => {
    const controller = new AbortController();
    const sampler = new RandomSampler({ seed: 1 });
    let nAsked = 0;
    const study = await createStudy({
      sampler: Object.assign(Object.create(sampler), {
        sampleRelative: (...asked: Parameters<typeof sampler.sampleRelative>) => {
          if (++nAsked === 5) controller.abort();
          return sampler.sampleRelative(...asked);
        },
      }),
    });
    await study.optimize(() => 1, { batchSize: 50, signal: controller.signal });
    expect(study.trials.map(({ state, systemAttrs }) => [state, systemAttrs[SYSTEM_ATTR.owner]])).toEqual(
      Array(5).fill(['RUNNING', null]),
    );
  });

  it('attends to timers while it is evaluated, though no objective waits', async () => {
    const study = await createStudy({ sampler: new RandomSampler({ seed: 1 }) });
    let isRung = false;
    const bell = setTimeout(() => {
      isRung = true;
    }, 1);
    let heardAt = BATCH;
    await study.optimize(
      (trial) => {
        const end = performance.now() + 1;
        while (performance.now() < end);
        if (isRung) heardAt = Math.min(heardAt, trial.number);
        return 1;
      },
      { batchSize: BATCH, nTrials: BATCH },
    );
    clearTimeout(bell);
    expect(heardAt).toBeLessThan(BATCH);
  });
});

describe('numbers of running trials', () => {
  it('are kept as numbers and ranges, and lists of older studies are read', () => {
    const numbers = [0, 2, 3, 5, 6, 7, 8, 20];
    const running = RunningTrials.below(20, numbers);
    expect(running.toJson()).toEqual([0, 2, 3, [5, 8]]);
    for (const stored of [running.toJson(), numbers.slice(0, -1)]) {
      const read = RunningTrials.readFrom({ [SYSTEM_ATTR.running]: stored });
      expect([...read]).toEqual(numbers.slice(0, -1));
      expect([4, 5, 7, 9, 20].map((n) => read.has(n))).toEqual([false, true, true, false, false]);
    }
    expect(RunningTrials.below(0, numbers).isEmpty).toBe(true);
  });
});

describe('a trial of another tool that never ends', () => {
  it.each([() => new RandomSampler({ seed: 1 }), () => new TpeSampler({ seed: 1, nStartupTrials: 3 })])(
    'does not make later trials read those after it',
    async (sampler) => {
      const storage = new InMemoryStorage();
      const { studyId } = await storage.createStudy('f', ['minimize']);
      const { trialId } = await storage.createTrial(studyId, { state: 'WAITING' });
      await storage.updateTrial(trialId, { state: 'RUNNING' });
      let nRead = 0;
      const counted: typeof storage.getChanges = async (...asked) => {
        const trials = await InMemoryStorage.prototype.getChanges.apply(storage, asked);
        nRead += trials.length;
        return trials;
      };
      storage.getChanges = counted;
      storage.getTrials = () => Promise.reject(new Error('all trials are read'));
      const study = await createStudy({ studyName: 'f', storage, sampler: sampler(), loadIfExists: true });
      await study.optimize((trial) => trial.suggestFloat('x', 0, 1), { nTrials: 40 });
      expect(nRead).toBeLessThanOrEqual(3 * 40);
      expect(study.trials.map((trial) => trial.state)).toEqual(['RUNNING', ...Array(40).fill('COMPLETE')]);
    },
  );
});
