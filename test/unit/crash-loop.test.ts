/** Trials whose processes die: how often they are re-entered. A death is made by giving the trial an owner that has ended. */
import { afterAll, describe, expect, it } from 'vitest';
import { RandomSampler } from '../../samplers/index.ts';
import { oneMoreDeath } from '../../src/core/crash-loop.ts';
import { type FrozenTrial, isFinished, type Storage } from '../../src/core/index.ts';
import { createStudy, loadStudy, type Study, setLogLevel, type Trial } from '../../src/index.ts';
import { InMemoryStorage, SqliteStorage } from '../../storage/index.ts';
import { ownerOf } from '../../storage/owner.ts';
import { sqliteFiles } from './sqlite-files.ts';

const { newPath, remove } = sqliteFiles();
afterAll(remove);
setLogLevel('error');

const DEAD = JSON.stringify({ ...JSON.parse(ownerOf()), pid: 2 ** 22 + 1 });

/** Gives every trial that runs in this storage an owner that has ended. */
async function die(storage: Storage): Promise<void> {
  for (const { studyId } of await storage.listStudies())
    for (const trial of await storage.getTrials(studyId))
      if (trial.state === 'RUNNING')
        await storage.updateTrial(trial.trialId, {
          systemAttrs: { 'thanos:owner': DEAD },
        });
}

interface Entry {
  readonly trial: Trial;
  /** How often this trial has been entered, this time included. */
  readonly entry: number;
  /** Ends the process; its trials stay as they are. */
  readonly kill: () => Promise<never>;
}

/** One process after the other, until one comes to the end of the study. Entries by trial number, and the study. */
async function runUntilDone(
  storage: Storage,
  objective: (entry: Entry) => Promise<number>,
  maxRetries?: number,
  nTrials = 3,
  batchSize = 1,
  betweenProcesses: (process: number) => Promise<void> = async () => {},
): Promise<{ entries: Record<number, number>; study: Study }> {
  const entries: Record<number, number> = {};
  for (let process = 0; process < 100; process++) {
    const options = { studyName: 's', storage, sampler: new RandomSampler({ seed: 1 }), maxRetries };
    const study = await createStudy({ ...options, loadIfExists: true });
    let hasEnded = true;
    const over = new Promise<void>((resolve) => {
      const kill = (): Promise<never> => {
        hasEnded = false;
        resolve();
        return new Promise(() => {});
      };

      const run = study.optimize(
        (trial) => {
          entries[trial.number] = (entries[trial.number] ?? 0) + 1;
          return objective({ trial, entry: entries[trial.number], kill });
        },
        { totalTrials: nTrials, batchSize },
      );
      run.then(() => resolve());
    });
    await over;
    if (hasEnded) return { entries, study };
    await die(storage);
    await betweenProcesses(process);
  }
  throw new Error('the crash loop does not end');
}

const states = (trials: readonly FrozenTrial[]) => trials.map((trial) => trial.state);

describe.each([
  ['in memory', () => new InMemoryStorage()],
  ['in SQLite', () => new SqliteStorage(newPath())],
])('a trial whose process dies, %s', (_, open) => {
  it.each([
    [undefined, 4],
    [0, 1],
    [1, 2],
  ])(
    'is re-entered maxRetries times (%s), then FAILs with the reason, and the study goes on',
    async (maxRetries, entered) => {
      const storage = open();
      const { entries, study } = await runUntilDone(
        storage,
        async ({ trial, kill }) => {
          trial.suggestFloat('x', 0, 1);
          if (trial.number === 1) return kill();
          return 1;
        },
        maxRetries,
      );
      expect(entries).toEqual({ 0: 1, 1: entered, 2: 1 });
      expect(states(study.trials)).toEqual(['COMPLETE', 'FAIL', 'COMPLETE']);
      expect(study.trials[1].systemAttrs['thanos:fail_reason']).toMatch(
        new RegExp(`died ${entered} time.*maxRetries is ${maxRetries ?? 3}`),
      );
      await storage.close();
    },
  );

  it.each<[string, (entry: Entry) => void]>([
    ['values', ({ trial, entry }) => trial.report(1, entry)],
    ['attributes', ({ trial, entry }) => trial.setUserAttr(`epoch ${entry}`, true)],
    ['parameters', ({ trial, entry }) => trial.suggestFloat(`x${entry}`, 0, 1)],
  ])('may be killed any number of times as long as it gets further: %s', async (_what, getFurther) => {
    const storage = open();
    const { entries, study } = await runUntilDone(storage, async (entry) => {
      if (entry.trial.number !== 1) return 1;
      if (entry.entry % 3 === 0) getFurther(entry);
      await new Promise(setImmediate);
      if (entry.entry < 20) return entry.kill();
      return 1;
    });
    expect(entries[1]).toBe(20);
    expect(states(study.trials)).toEqual(Array(3).fill('COMPLETE'));
    // No trace of the deaths.
    expect(Object.keys(study.trials[1].systemAttrs)).toEqual(Object.keys(study.trials[0].systemAttrs));
    await storage.close();
  });

  it('is not blamed by owners that also die before they evaluate it: they are ended from outside', async () => {
    const storage = open();
    const dieBeforeItBegins = async (process: number): Promise<void> => {
      if (process % 3 !== 2) return;
      const [{ studyId }] = await storage.listStudies();
      await storage.claimTrial(studyId, () => ({}), oneMoreDeath);
      await die(storage);
    };
    const { entries, study } = await runUntilDone(
      storage,
      async ({ trial, entry, kill }) => (trial.number === 1 && entry < 20 ? kill() : 1),
      undefined,
      3,
      1,
      dieBeforeItBegins,
    );
    expect(entries[1]).toBe(20);
    expect(states(study.trials)).toEqual(Array(3).fill('COMPLETE'));
    await storage.close();
  });

  it('is not saved by an attribute that only changes', async () => {
    const storage = open();
    const { entries } = await runUntilDone(storage, async ({ trial, entry, kill }) => {
      trial.setUserAttr('entered', entry);
      trial.report(0.5, 1);
      await new Promise(setImmediate);
      if (trial.number === 1) return kill();
      return 1;
    });
    // The second entry found what the first had set.
    expect(entries[1]).toBeLessThanOrEqual(5);
    await storage.close();
  });

  it('goes on for as long as its child study does, and only the trial that kills FAILs', async () => {
    const storage = open();
    const inner: Record<number, number> = {};
    const { entries, study } = await runUntilDone(
      storage,
      async ({ trial, kill }) => {
        const child = await trial.createStudy('search', { sampler: new RandomSampler({ seed: 2 }) });
        await child.optimize(
          async (innerTrial) => {
            const entry = (inner[innerTrial.number] ?? 0) + 1;
            inner[innerTrial.number] = entry;
            // Each is killed once, trial 3 whenever it is entered.
            if (entry === 1 || innerTrial.number === 3) return kill();

            return innerTrial.suggestFloat('x', 0, 1);
          },
          { totalTrials: 8 },
        );
        return child.bestValue;
      },
      undefined,
      1,
    );
    expect(inner).toEqual({ 0: 2, 1: 2, 2: 2, 3: 4, 4: 2, 5: 2, 6: 2, 7: 2 });
    expect(entries[0]).toBe(12);
    expect(states(study.trials)).toEqual(['COMPLETE']);
    const child = await loadStudy({ studyName: 's/0/search', storage });
    expect(child.trials.filter((trial) => trial.state === 'FAIL').map((trial) => trial.number)).toEqual([3]);
    expect(child.trials.every((trial) => isFinished(trial.state))).toBe(true);
    await storage.close();
  });

  it.each([
    [undefined, [1]],
    [undefined, [0, 1, 2, 3]],
    [1, [1]],
    [1, [0, 2, 5]],
  ])(
    'of a batch is the only one that FAILs (maxRetries %s, those that kill: %j)',
    async (maxRetries, killers) => {
      const storage = open();
      const { entries, study } = await runUntilDone(
        storage,
        async ({ trial, kill }) => {
          trial.suggestFloat('x', 0, 1);
          // Those beside it have begun by then.
          for (let i = 0; i < 20; i++) await new Promise(setImmediate);
          if (killers.includes(trial.number)) return kill();
          return trial.number;
        },
        maxRetries,
        6,
        4,
      );
      const expected = study.trials.map(({ number }) => (killers.includes(number) ? 'FAIL' : 'COMPLETE'));
      expect(states(study.trials)).toEqual(expected);
      for (const number of killers) expect(entries[number]).toBe((maxRetries ?? 3) + 1);
      for (const { systemAttrs } of study.trials) expect(systemAttrs).not.toHaveProperty('thanos:deaths');
      await storage.close();
    },
  );

  it('does not count what was given back', async () => {
    const storage = open();
    for (let i = 0; i < 6; i++) {
      const study = await createStudy({ studyName: 's', storage, loadIfExists: true, maxRetries: 0 });
      const controller = new AbortController();
      await study.optimize(
        async () => {
          controller.abort();
          throw new Error('aborted');
        },
        { totalTrials: 1, signal: controller.signal },
      );
      expect(states(study.trials)).toEqual(['RUNNING']);
    }
    await storage.close();
  });
});

it('maxRetries is checked at the door', async () => {
  for (const maxRetries of [-1, 1.5, '3', null, Number.NaN] as number[]) {
    await expect(createStudy({ maxRetries })).rejects.toThrow(/maxRetries must be an integer >= 0/);
    const trial = await (await createStudy()).ask();
    await expect(trial.createStudy('in', { maxRetries })).rejects.toThrow(/maxRetries/);
  }
});
