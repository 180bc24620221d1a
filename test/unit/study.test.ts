import { describe, expect, it } from 'vitest';
import { GridSampler, NsgaIISampler } from '../../samplers/index.ts';
import { InvalidArgumentError, isFinished, Study, type Trial, TrialPruned } from '../../src/core/index.ts';
import { InMemoryStorage } from '../../storage/in-memory.ts';
import { HistorySampler, open, value, XY } from '../support/history-sampler.ts';

const essence = (study: Study) =>
  study.trials.map((t) => ({ number: t.number, state: t.state, params: t.params, values: t.values }));

describe('ask and tell', () => {
  it('gives parameters of the space and records the value', async () => {
    const study = await open(new InMemoryStorage());
    const trial = await study.ask(XY);
    expect(Object.keys(trial.params)).toEqual(['x', 'n', 'c']);
    expect(study.trials.map((t) => [t.state, t.params])).toEqual([['RUNNING', trial.params]]);
    const told = await study.tell(trial, 0.5);
    expect(told).toMatchObject({ number: 0, state: 'COMPLETE', value: 0.5, params: trial.params });
    expect(study.bestTrial.number).toBe(0);
  });

  it('tells by number, and refuses unknown and finished trials', async () => {
    const study = await open(new InMemoryStorage());
    await study.ask(XY);
    await study.tell(0, 1);
    await expect(study.tell(0, 2)).rejects.toMatchObject({ code: 'TRIAL_FINISHED' });
    await expect(study.tell(7, 2)).rejects.toMatchObject({ code: 'TRIAL_NOT_FOUND' });
  });

  it.each([
    ['NaN', Number.NaN],
    ['two values for one objective', [1, 2]],
  ])('fails the trial, not the study, on %s', async (_, result) => {
    const study = await open(new InMemoryStorage());
    await study.optimize(() => result, { nTrials: 2 });
    expect(study.trials.map((t) => t.state)).toEqual(['FAIL', 'FAIL']);
    expect(study.trials[0].systemAttrs['thanos:fail_reason']).toMatch(/not a number|expected/);
  });

  it('keeps infinities', async () => {
    const study = await open(new InMemoryStorage());
    await study.tell(await study.ask(XY), Number.POSITIVE_INFINITY);
    expect(study.bestTrial.value).toBe(Number.POSITIVE_INFINITY);
  });

  it('takes PRUNED with the last intermediate value, and FAIL', async () => {
    const study = await open(new InMemoryStorage());
    const trial = await study.ask(XY);
    trial.report(3, 1);
    trial.report(2, 5);
    trial.report(9, 5);
    expect(await study.tell(trial, { state: 'PRUNED' })).toMatchObject({ state: 'PRUNED', values: [2] });
    expect(await study.tell(await study.ask(), { state: 'FAIL' })).toMatchObject({
      state: 'FAIL',
      values: null,
    });
  });
});

describe('optimize', () => {
  it('runs define-by-run objectives and counts trials', async () => {
    const study = await open(new InMemoryStorage());
    await study.optimize((t) => (t.suggestFloat('x', -5, 5) - 2) ** 2, { nTrials: 5 });
    await study.optimize((t) => (t.suggestFloat('x', -5, 5) - 2) ** 2, { nTrials: 0 });
    await study.optimize((t) => (t.suggestFloat('x', -5, 5) - 2) ** 2, { totalTrials: 8 });
    expect(study.trials.map((t) => t.number)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(study.trials.every((t) => t.state === 'COMPLETE')).toBe(true);
  });

  it('gives the same trials for any concurrency of one batch size', async () => {
    const results = [];
    for (const concurrency of [1, 3, 8]) {
      const study = await open(new InMemoryStorage());
      await study.optimize(
        XY,
        async (params, trial) => {
          await new Promise((resolve) => setTimeout(resolve, (trial.number * 7) % 5));
          return value(params);
        },
        { nTrials: 20, batchSize: 8, concurrency },
      );
      results.push(essence(study));
    }
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });

  it('gives other trials for another seed', async () => {
    const [a, b] = [await open(new InMemoryStorage()), await open(new InMemoryStorage(), { seed: 1 })];
    await a.optimize(XY, value, { nTrials: 3 });
    await b.optimize(XY, value, { nTrials: 3 });
    expect(essence(a)).not.toEqual(essence(b));
  });

  it('fails the trial and rethrows an error outside catch; goes on inside', async () => {
    const study = await open(new InMemoryStorage());
    const objective = () => {
      throw new RangeError('boom');
    };
    await expect(study.optimize(objective, { nTrials: 3 })).rejects.toThrow('boom');
    expect(study.trials.map((t) => t.state)).toEqual(['FAIL']);
    await expect(study.optimize(objective, { nTrials: 3, catch: [TypeError] })).rejects.toThrow('boom');
    await study.optimize(objective, { nTrials: 3, catch: [RangeError] });
    await study.optimize(objective, { nTrials: 1, catch: true });
    expect(study.trials).toHaveLength(6);
  });

  it('prunes on TrialPruned', async () => {
    const study = await open(new InMemoryStorage());
    await study.optimize(
      (t) => {
        t.report(t.number, 0);
        throw new TrialPruned();
      },
      { nTrials: 2 },
    );
    expect(study.trials.map((t) => [t.state, t.value])).toEqual([
      ['PRUNED', 0],
      ['PRUNED', 1],
    ]);
  });

  it('stops on stop(), on timeout and on an aborted signal', async () => {
    const study = await open(new InMemoryStorage());
    await study.optimize(() => 1, { nTrials: 10, callbacks: [(s, t) => void (t.number === 2 && s.stop())] });
    expect(study.trials).toHaveLength(3);
    await study.optimize(() => 1, { nTrials: 10, timeout: 0 });
    expect(study.trials).toHaveLength(3);
    await study.optimize(() => 1, { nTrials: 10, signal: AbortSignal.abort() });
    expect(study.trials).toHaveLength(3);
  });

  it('releases a trial whose objective gives up on abort, and re-enters it with its parameters', async () => {
    const storage = new InMemoryStorage();
    const reference = await open(new InMemoryStorage());
    await reference.optimize(XY, value, { nTrials: 4 });
    const study = await open(storage);
    const controller = new AbortController();
    await study.optimize(
      XY,
      (params, trial) => {
        if (trial.number === 2) {
          controller.abort();
          throw trial.signal.reason;
        }
        return value(params);
      },
      { totalTrials: 4, signal: controller.signal },
    );
    expect(study.trials.map((t) => t.state)).toEqual(['COMPLETE', 'COMPLETE', 'RUNNING']);
    await study.optimize(XY, value, { totalTrials: 4 });
    expect(essence(study)).toEqual(essence(reference));
  });

  it('re-enters an interrupted batch exactly, at every point of it', async () => {
    const reference = await open(new InMemoryStorage());
    await reference.optimize(XY, value, { nTrials: 12, batchSize: 4 });
    for (let stopAt = 0; stopAt < 12; stopAt++) {
      const study = await open(new InMemoryStorage());
      const controller = new AbortController();
      const objective = (params: { x: number; n: number; c: string }, trial: { number: number }) => {
        if (trial.number >= stopAt) {
          controller.abort();
          throw new Error('interrupted');
        }
        return value(params);
      };
      await study.optimize(XY, objective, { totalTrials: 12, batchSize: 4, signal: controller.signal });
      expect(study.trials.filter((t) => isFinished(t.state))).toHaveLength(stopAt);
      await study.optimize(XY, value, { totalTrials: 12, batchSize: 4, concurrency: 2 });
      expect(essence(study)).toEqual(essence(reference));
    }
  });

  it('refuses to run twice at once, and bad options', async () => {
    const study = await open(new InMemoryStorage());
    const first = study.optimize(async () => 1, { nTrials: 2 });
    await expect(study.optimize(() => 1, { nTrials: 1 })).rejects.toThrow(InvalidArgumentError);
    await first;
    await expect(study.optimize(() => 1, { nTrials: -1 })).rejects.toThrow('nTrials');
    await expect(study.optimize(() => 1, { batchSize: 2, concurrency: 3 })).rejects.toThrow('concurrency');
    // @ts-expect-error: the objective is missing, as a JavaScript user may write it
    await expect(study.optimize({ nTrials: 1 })).rejects.toThrow('objective function');
  });
});

it('attends to timers and signals between trials that never wait', async () => {
  const study = await open(new InMemoryStorage());
  await study.optimize(XY, value, { nTrials: 1_000_000, signal: AbortSignal.timeout(20) });
  expect(study.trials.length).toBeGreaterThan(0);
  expect(study.trials.length).toBeLessThan(1_000_000);
});

describe('enqueueTrial', () => {
  it('runs queued parameters next, samples the rest, and can skip what exists', async () => {
    const study = await open(new InMemoryStorage());
    await study.enqueueTrial({ x: 1.5 }, { userAttrs: { why: 'guess' } });
    await study.enqueueTrial({ x: 1.5 }, { skipIfExists: true });
    await study.optimize(XY, value, { nTrials: 2 });
    expect(study.trials[0].params['x']).toBe(1.5);
    expect(study.trials[0].userAttrs).toEqual({ why: 'guess' });
    expect(Object.keys(study.trials[0].params)).toEqual(['x', 'n', 'c']);
    expect(study.trials).toHaveLength(2);
  });

  it('re-enters an interrupted batch that holds queued trials exactly', async () => {
    const start = async () => {
      const study = await open(new InMemoryStorage());
      await study.optimize(XY, value, { nTrials: 3 });
      for (const x of [1, 2, 3]) await study.enqueueTrial({ x });
      return study;
    };
    const reference = await start();
    await reference.optimize(XY, value, { totalTrials: 15, batchSize: 4 });
    for (let stopAt = 3; stopAt < 15; stopAt++) {
      const study = await start();
      const controller = new AbortController();
      const objective = (params: { x: number; n: number; c: string }, trial: { number: number }) => {
        if (trial.number < stopAt) return value(params);
        controller.abort();
        throw new Error('interrupted');
      };
      await study.optimize(XY, objective, { totalTrials: 15, batchSize: 4, signal: controller.signal });
      await study.optimize(XY, value, { totalTrials: 15, batchSize: 4 });
      expect(essence(study)).toEqual(essence(reference));
    }
  });

  it('refuses a queued value outside the distribution when it is suggested', async () => {
    const study = await open(new InMemoryStorage());
    await study.enqueueTrial({ x: 99 });
    await expect(study.optimize(XY, value, { nTrials: 1 })).rejects.toThrow('enqueued value');
  });
});

describe('a queued trial', () => {
  it('runs with its own parameters though the grid is exhausted', async () => {
    const sampler = new GridSampler({ searchSpace: { x: [0, 1] } });
    const study = await Study.open(
      { storage: new InMemoryStorage(), defaultSampler: () => sampler },
      { studyName: 'grid', ifExists: 'error', sampler },
    );
    const objective = (t: Trial) => t.suggestFloat('x', 0, 5);
    await study.optimize(objective, { nTrials: 5 });
    await study.enqueueTrial({ x: 3 });
    await study.optimize(objective, { nTrials: 1 });
    expect(study.trials.map((t) => [t.state, t.value])).toEqual(
      expect.arrayContaining([
        ['COMPLETE', 0],
        ['COMPLETE', 1],
        ['COMPLETE', 3],
      ]),
    );
  });
});

describe('sampler attributes', () => {
  it('are kept for trials without a joint sample: NSGA-II knows the generation of its first trials', async () => {
    const sampler = new NsgaIISampler({ seed: 1, populationSize: 4 });
    const study = await Study.open(
      { storage: new InMemoryStorage(), defaultSampler: () => sampler },
      { studyName: 'ga', ifExists: 'error', directions: ['minimize', 'minimize'], sampler },
    );
    await study.optimize((t) => [t.suggestFloat('x', 0, 1), 1], { nTrials: 9 });
    expect(study.trials.map((t) => t.systemAttrs['NSGAIISampler:generation'])).toEqual([
      0, 0, 0, 0, 1, 1, 1, 1, 2,
    ]);
  });
});

describe('best trials', () => {
  it('honors direction and constraints', async () => {
    const study = await open(new InMemoryStorage(), { directions: ['maximize'] });
    await study.optimize(
      (t) => {
        t.setConstraint('limit', t.number - 3);
        return t.number;
      },
      { nTrials: 6 },
    );
    expect(study.bestTrial.number).toBe(3);
    expect(study.bestTrial.constraints).toEqual([0]);
  });

  it('finds the Pareto front', async () => {
    const study = await open(new InMemoryStorage(), { directions: ['minimize', 'maximize'] });
    const points = [
      [1, 1],
      [2, 3],
      [2, 2],
      [0, 0],
      [3, 3],
    ];
    await study.optimize((t) => points[t.number], { nTrials: points.length });
    expect(study.bestTrials.map((t) => t.number)).toEqual([0, 1, 3]);
    expect(() => study.bestTrial).toThrow('bestTrials');
  });

  it('says that there is none', async () => {
    const study = await open(new InMemoryStorage());
    expect(() => study.bestTrial).toThrow('no feasible COMPLETE trial');
  });
});

describe('nested studies', () => {
  it('creates, loads and names the child study', async () => {
    const storage = new InMemoryStorage();
    const study = await open(storage);
    await study.optimize(
      async (trial) => {
        const inner = await trial.createStudy('search', { sampler: new HistorySampler(7) });
        await inner.optimize(XY, value, { totalTrials: 3 });
        return inner.bestValue;
      },
      { nTrials: 2 },
    );
    const names = (await storage.listStudies()).map((s) => s.studyName);
    expect(names).toEqual(['study', 'study/0/search', 'study/1/search']);
    expect((await storage.findStudy('study/1/search'))?.systemAttrs['thanos:parent']).toEqual({
      study: 'study',
      trial: 1,
    });
    expect(study.trials[1].systemAttrs['thanos:children']).toEqual(['search']);
  });
});

describe('suggest', () => {
  it('repeats a value and refuses another kind of the same name', async () => {
    const study = await open(new InMemoryStorage());
    await study.optimize(
      (t) => {
        const x = t.suggestFloat('x', 0, 1);
        expect(t.suggestFloat('x', 0, 1)).toBe(x);
        expect(t.suggestInt('one', 4, 4)).toBe(4);
        return x;
      },
      { nTrials: 1 },
    );
    await expect(study.optimize((t) => t.suggestInt('x', 0, 1), { nTrials: 1 })).rejects.toMatchObject({
      code: 'INCOMPATIBLE_DISTRIBUTION',
    });
  });

  it('refuses report in a multi-objective study', async () => {
    const study = await open(new InMemoryStorage(), { directions: ['minimize', 'minimize'] });
    const trial = await study.ask();
    expect(() => trial.report(1, 0)).toThrow('user attributes');
  });
});
