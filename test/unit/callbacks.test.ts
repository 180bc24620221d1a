/** Callbacks that end a study go by its history: run again, it stops where it would have without the interruption. */
import { describe, expect, it } from 'vitest';
import { RandomSampler } from '../../samplers/index.ts';
import {
  createStudy,
  maxTrialsCallback,
  type OptimizeCallback,
  type StagnationOptions,
  type Storage,
  type Study,
  type StudyDirection,
  stagnationCallback,
  ThanosError,
  type Trial,
  TrialPruned,
} from '../../src/index.ts';
import { InMemoryStorage } from '../../storage/index.ts';

type Result = number | readonly number[] | 'FAIL' | 'PRUNED' | { readonly infeasible: number };

/** Trial n comes to results[n]; beyond them to the last one. */
function scripted(results: readonly Result[]) {
  return (trial: Trial): number | readonly number[] => {
    const result = results[Math.min(trial.number, results.length - 1)];
    if (result === 'FAIL') throw new Error('fails');
    if (result === 'PRUNED') throw new TrialPruned();
    if (typeof result !== 'object' || !('infeasible' in result)) return result;
    trial.setConstraint('excess', 1);
    return result.infeasible;
  };
}

interface Setting {
  readonly storage?: Storage;
  readonly directions?: readonly StudyDirection[];
  readonly batchSize?: number;
  /** At most. */
  readonly nTrials?: number;
}

async function run(
  callback: OptimizeCallback<Study>,
  objective: (trial: Trial) => number | readonly number[],
  { storage, directions = ['minimize'], batchSize, nTrials = 60 }: Setting = {},
): Promise<Study> {
  const study = await createStudy({
    studyName: 'scripted',
    storage,
    directions,
    sampler: new RandomSampler({ seed: 0 }),
    loadIfExists: true,
  });
  await study.optimize(objective, { nTrials, batchSize, catch: true, callbacks: [callback] });
  return study;
}

const size = async (...args: Parameters<typeof run>): Promise<number> => (await run(...args)).trials.length;

describe('maxTrialsCallback', () => {
  const results: Result[] = [1, 'FAIL', 2, 'PRUNED', 3, 4, 5];

  it('counts COMPLETE trials, or those of other states', async () => {
    expect(await size(maxTrialsCallback(4), scripted(results))).toBe(6);
    expect(await size(maxTrialsCallback(4, { states: ['COMPLETE', 'PRUNED'] }), scripted(results))).toBe(5);
    expect(await size(maxTrialsCallback(1, { states: ['FAIL'] }), scripted(results))).toBe(2);
    expect(await size(maxTrialsCallback(4, { states: null }), scripted(results))).toBe(4);
    expect(await size(maxTrialsCallback(0), scripted(results))).toBe(0);
  });

  it('finishes the batch, and creates no more trials when run again', async () => {
    const storage = new InMemoryStorage();
    expect(await size(maxTrialsCallback(5), scripted(results), { storage, batchSize: 4 })).toBe(8);
    expect(await size(maxTrialsCallback(5), scripted(results), { storage, batchSize: 4 })).toBe(8);
    expect(await size(maxTrialsCallback(7), scripted(results), { storage, batchSize: 4 })).toBe(12);
  });

  it('lets trials be finished that an earlier run began', async () => {
    const storage = new InMemoryStorage();
    const interruption = new AbortController();
    const study = await createStudy({ studyName: 'scripted', storage });
    // Killed after trial 1 of the batch was told: 2 and 3 are left RUNNING.
    await study.optimize(
      (trial) => {
        if (trial.number < 2) return trial.number;
        interruption.abort();
        throw new Error('interrupted');
      },
      { batchSize: 4, concurrency: 1, signal: interruption.signal },
    );
    expect(study.trials.map(({ state }) => state)).toEqual(['COMPLETE', 'COMPLETE', 'RUNNING', 'RUNNING']);
    const resumed = await run(maxTrialsCallback(2), scripted([0, 1, 2, 3]), { storage, batchSize: 4 });
    expect(resumed.trials.map(({ value }) => value)).toEqual([0, 1, 2, 3]);
  });
});

describe('stagnationCallback', () => {
  const stop = (options: StagnationOptions) => stagnationCallback(options);

  it.each<[string, StagnationOptions, Result[], number]>([
    ['equal values are no progress', { patience: 3 }, [5, 5, 5, 5, 1], 4],
    ['progress begins the count anew', { patience: 3 }, [5, 6, 6, 4, 6, 6, 6, 1], 7],
    ['small steps are none', { patience: 3, minDelta: 1 }, [5, 4.5, 4.2, 4, 1], 4],
    ['but add up', { patience: 3, minDelta: 1 }, [5, 4.5, 4.2, 3.9, 3.8, 3.7, 3.6, 1], 7],
    ['PRUNED trials count', { patience: 2 }, [5, 'PRUNED', 'PRUNED', 1], 3],
    ['FAIL trials do not', { patience: 2 }, [5, 'FAIL', 'FAIL', 6, 'FAIL', 6, 1], 6],
    [
      'nothing is progress that is infeasible',
      { patience: 2 },
      [5, { infeasible: 1 }, { infeasible: 0 }, 1],
      3,
    ],
    [
      'nothing is stagnation before something is feasible',
      { patience: 2 },
      [{ infeasible: 1 }, { infeasible: 1 }, 'PRUNED', { infeasible: 1 }, 9, 9, 9, 1],
      7,
    ],
    ['the first trials do not count', { patience: 2, nWarmupTrials: 5 }, [1, 2, 2, 2, 2, 2, 2, 0], 7],
    ['infinite values', { patience: 2, minDelta: 1 }, [Infinity, Infinity, 7, -Infinity, 0, 0, 0], 6],
  ])('%s', async (_, options, results, expected) => {
    expect(await size(stop(options), scripted(results))).toBe(expected);
    const mirrored = results.map((result) => (typeof result === 'number' ? -result : result));
    expect(await size(stop(options), scripted(mirrored), { directions: ['maximize'] })).toBe(expected);
  });

  it('with several objectives waits for the Pareto front to change', async () => {
    const directions = ['minimize', 'maximize'] as const;
    const results: Result[] = [
      [5, 5],
      [6, 5],
      [5, 5],
      [4, 1],
      [6, 6],
      [6, 5.5],
      [4, 0],
      [9, 1],
      [0, 9],
    ];
    expect(await size(stop({ patience: 3 }), scripted(results), { directions })).toBe(8);
    expect(await size(stop({ patience: 3, minDelta: 1 }), scripted(results), { directions })).toBe(4);
    expect(await size(stop({ patience: 3, minDelta: [0.5, 1] }), scripted(results), { directions })).toBe(7);
    const study = run(stop({ patience: 3, minDelta: [1, 1, 1] }), scripted(results), { directions });
    await expect(study).rejects.toThrow('one number for each of the 2 objectives');
  });

  it('stops at the same trial however often the program was run again', async () => {
    const results = Array.from({ length: 60 }, (_, i) => 10 / (1 + (i % 9)) + (i > 30 ? 5 : 0) - i / 10);
    const unbroken = await size(stop({ patience: 7 }), scripted(results));
    expect(unbroken).toBeGreaterThan(10);
    expect(unbroken).toBeLessThan(60);
    const storage = new InMemoryStorage();
    for (let i = 0; i < 70; i++) await run(stop({ patience: 7 }), scripted(results), { storage, nTrials: 1 });
    expect(await size(stop({ patience: 7 }), scripted(results), { storage })).toBe(unbroken);
  });

  it('stays done although the rest of the batch makes progress', async () => {
    const storage = new InMemoryStorage();
    const results = [5, 6, 6, 1, 0];
    expect(await size(stop({ patience: 2 }), scripted(results), { storage, batchSize: 4 })).toBe(4);
    expect(await size(stop({ patience: 2 }), scripted(results), { storage, batchSize: 4 })).toBe(4);
    expect(await size(stop({ patience: 3 }), scripted(results), { storage, batchSize: 4 })).toBe(8);
  });

  it('does not wait for a trial that nobody finishes', async () => {
    const storage = new InMemoryStorage();
    const study = await createStudy({ studyName: 'scripted', storage });
    await study.ask();
    expect(await size(stop({ patience: 2 }), scripted([0, 3, 3, 3, 3]), { storage })).toBe(4);
  });
});

describe('unusable options', () => {
  it.each<[() => unknown, string]>([
    [() => maxTrialsCallback(-1), 'nTrials must be an integer >= 0'],
    // @ts-expect-error: no state
    [() => maxTrialsCallback(1, { states: ['DONE'] }), 'states must be a list of COMPLETE'],
    // @ts-expect-error: misspelled
    [() => maxTrialsCallback(1, { state: ['FAIL'] }), "did you mean 'states'"],
    // @ts-expect-error: patience is missing
    [() => stagnationCallback({}), 'patience must be an integer >= 1'],
    [() => stagnationCallback({ patience: 0 }), 'patience must be an integer >= 1'],
    [
      () => stagnationCallback({ patience: 1, minDelta: [1, -1] }),
      'minDelta must be a number >= 0, or a list',
    ],
    // @ts-expect-error: Keras's name
    [() => stagnationCallback({ patience: 1, min_delta: 1 }), "did you mean 'minDelta'"],
  ])('%s', (make, message) => {
    expect(make).toThrow(ThanosError);
    expect(make).toThrow(message);
  });
});
