/** A trial that another worker has taken over, since this one looked dead: the loser drops it and goes on. */
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RandomSampler } from '../../samplers/index.ts';
import type { OptimizeOptions } from '../../src/core/index.ts';
import { createStudy, type LogMessage, loadStudy, onLog, type Study, type Trial } from '../../src/index.ts';
import { InMemoryStorage, SqliteStorage } from '../../storage/index.ts';
import { ownerOf } from '../../storage/owner.ts';
import { sqliteFiles } from './sqlite-files.ts';

const { newPath, sql, remove } = sqliteFiles();
afterAll(remove);

const messages: LogMessage[] = [];
let unsubscribe: () => void;
beforeEach(() => {
  messages.length = 0;
  unsubscribe = onLog((message) => messages.push(message));
});
afterEach(() => unsubscribe());

/** A process that lives. */
const OTHER = JSON.stringify(ownerOf(process.ppid)).replaceAll("'", "''");

/** What another worker does to a trial of study `s`. */
const TAKE_OVER: Readonly<Record<string, (path: string, number: number) => void>> = {
  'takes it over': (path, number) =>
    sql(
      path,
      `UPDATE trial_system_attributes SET value_json = '${OTHER}' WHERE "key" = 'thanos:owner' AND trial_id =
        (SELECT trial_id FROM trials JOIN studies USING (study_id) WHERE study_name = 's' AND number = ${number})`,
    ),
  'finishes it': (path, number) =>
    sql(
      path,
      `UPDATE trials SET state = 'FAIL', datetime_complete = datetime_start WHERE number = ${number} AND study_id =
        (SELECT study_id FROM studies WHERE study_name = 's')`,
    ),
};

const OBJECTIVES: Readonly<Record<string, (trial: Trial) => number | Promise<number>>> = {
  'returns a value': () => 1,
  'returns a value late': async (trial) => {
    trial.report(1, 0);
    await new Promise(setImmediate);
    return 1;
  },
  throws: () => {
    throw new Error('an error of the objective');
  },
  'creates a child study': async (trial) => {
    await trial.createStudy('late');
    return 1;
  },
};

describe.each(Object.entries(TAKE_OVER))('another worker %s', (_, takeOver) => {
  it.each(
    Object.keys(OBJECTIVES).flatMap((name) => [
      [name, 1],
      [name, 3],
    ]),
  )('while the objective %s, in batches of %i', async (name, batchSize) => {
    const path = newPath();
    const storage = new SqliteStorage(path);
    const study = await createStudy({ studyName: 's', storage, sampler: new RandomSampler({ seed: 1 }) });
    await study.optimize(
      (trial) => {
        if (trial.number !== 1) return 0;
        takeOver(path, 1);
        return OBJECTIVES[name as string](trial);
      },
      { nTrials: 4, batchSize: batchSize as number },
    );
    const finished = study.trials.filter((trial) => trial.state === 'COMPLETE');
    expect(finished.map((trial) => trial.number)).not.toContain(1);
    expect(finished).toHaveLength(4);
    expect(study.trials[1].values).toBeNull();
    const warnings = messages.filter(({ text }) => text.startsWith('Trial 1 is dropped'));
    expect(warnings).toHaveLength(1);
    await storage.close();
  });
});

it('a child study ends with the trial that owns it', async () => {
  const path = newPath();
  const storage = new SqliteStorage(path);
  const study = await createStudy({ studyName: 's', storage, sampler: new RandomSampler({ seed: 1 }) });
  const evaluated: string[] = [];
  await study.optimize(
    async (outer) => {
      const child = await outer.createStudy('in');
      await child.optimize(
        (inner) => {
          evaluated.push(`${outer.number}/${inner.number}`);
          if (outer.number !== 0 || inner.number !== 1) return 1;
          TAKE_OVER['takes it over'](path, 0);
          sql(
            path,
            `UPDATE trial_system_attributes SET value_json = '${OTHER}' WHERE "key" = 'thanos:owner'`,
          );
          return 1;
        },
        { totalTrials: 3 },
      );
      return child.bestValue;
    },
    { nTrials: 1 },
  );
  expect(evaluated).toEqual(['0/0', '0/1', '1/0', '1/1', '1/2']);
  expect(study.trials.map((trial) => trial.state)).toEqual(['RUNNING', 'COMPLETE']);
  await storage.close();
});

it('whoever tells a trial by its number takes it over', async () => {
  const path = newPath();
  const storage = new SqliteStorage(path);
  const asking = await createStudy({ studyName: 's', storage });
  const trial = await asking.ask();
  TAKE_OVER['takes it over'](path, 0);
  await expect(asking.tell(trial, 1)).rejects.toMatchObject({ code: 'TRIAL_LOST' });
  const telling: Study = await loadStudy({ studyName: 's', storage });
  expect(await telling.tell(0, 2)).toMatchObject({ state: 'COMPLETE', value: 2 });
  expect(telling.trials[0].systemAttrs['thanos:owner']).toBe(storage.owner);
  await storage.close();
});

describe('an owner of whom it is not known whether it lives', () => {
  /** Trial 0 runs elsewhere; after so many looks it turns out how it is with its owner. */
  async function elsewhere(looks: number, turnsOut: 'dead' | 'alive') {
    const storage = new InMemoryStorage();
    const { studyId } = await storage.createStudy('s', ['minimize']);
    const { trialId } = await storage.createTrial(studyId, { state: 'RUNNING' });
    const setOwner = (owner: string | null) =>
      storage.updateTrial(trialId, { systemAttrs: { 'thanos:owner': owner } });
    if (turnsOut === 'alive') await setOwner(ownerOf(process.ppid));
    let looked = 0;
    const hasOwnerInDoubt = async (): Promise<boolean> => {
      if (++looked <= looks) return true;
      if (looked === looks + 1 && turnsOut === 'dead') await setOwner(null);
      return false;
    };
    return Object.assign(storage, { hasOwnerInDoubt });
  }

  async function run(
    storage: InMemoryStorage,
    options: OptimizeOptions<Study>,
  ): Promise<{ evaluated: number[]; study: Study }> {
    const study = await loadStudy({ storage, studyName: 's' });
    const evaluated: number[] = [];
    await study.optimize((trial) => {
      evaluated.push(trial.number);
      return 1;
    }, options);
    return { evaluated, study };
  }

  it.each([{ totalTrials: 3 }, { totalTrials: 1 }, { nTrials: 2 }, { totalTrials: 4, batchSize: 3 }])(
    'is waited for before a trial is created, and re-entered first if it is dead: %o',
    async (options) => {
      const { evaluated, study } = await run(await elsewhere(2, 'dead'), options);
      const nTrials = options.totalTrials ?? options.nTrials!;
      expect(evaluated).toEqual(Array.from({ length: nTrials }, (_, i) => i));
      expect(study.trials.map((trial) => trial.state)).toEqual(Array(nTrials).fill('COMPLETE'));
      expect(messages.filter(({ text }) => /Waiting for a sign of life/.test(text))).toHaveLength(1);
    },
  );

  it('keeps its trial if it lives', async () => {
    const { evaluated, study } = await run(await elsewhere(2, 'alive'), { totalTrials: 3 });
    expect(evaluated).toEqual([1, 2]);
    expect(study.trials[0].state).toBe('RUNNING');
  });

  it('is not waited for beyond the time, the signal and stop()', async () => {
    const forever = () => elsewhere(Number.POSITIVE_INFINITY, 'alive');
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    for (const options of [{ timeout: 0.05 }, { signal: controller.signal }]) {
      const { evaluated, study } = await run(await forever(), { totalTrials: 3, ...options });
      expect(evaluated).toEqual([]);
      expect(study.trials).toHaveLength(1);
    }
    const study = await loadStudy({ storage: await forever(), studyName: 's' });
    setTimeout(() => study.stop(), 50);
    await study.optimize(() => 1, { totalTrials: 3 });
    expect(study.trials).toHaveLength(1);
  });
});
