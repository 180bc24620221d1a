/** What users get wrong: refused at the door, or one trial FAILs; the study always goes on. */
import { describe, expect, it } from 'vitest';
import { RandomSampler } from '../../samplers/index.ts';
import { Study } from '../../src/core/index.ts';
import { InMemoryStorage } from '../../storage/in-memory.ts';
import { HistorySampler, open, value, XY } from '../support/history-sampler.ts';

describe('what a user may get wrong', () => {
  it('fails the trial that reports no number, and keeps the study', async () => {
    const study = await open(new InMemoryStorage());
    await study.optimize(
      (t) => {
        // @ts-expect-error: a metric that is missing, as JavaScript lets it be
        if (t.number === 1) t.report(undefined, 0);
        return 1;
      },
      { nTrials: 3, catch: true },
    );
    expect(study.trials.map((t) => t.state)).toEqual(['COMPLETE', 'FAIL', 'COMPLETE']);
    expect(study.trials[1].systemAttrs['thanos:fail_reason']).toContain('report needs a number');
  });

  it.each([99, null, 'x'])(
    'fails the trial of the queued value %j that a declared space does not hold',
    async (x) => {
      const study = await open(new InMemoryStorage());
      await study.enqueueTrial({ x });
      await study.optimize(XY, value, { nTrials: 3, catch: true });
      expect(study.trials.map((t) => t.state)).toEqual(['FAIL', 'COMPLETE', 'COMPLETE']);
      await study.enqueueTrial({ x });
      await expect(study.ask(XY)).rejects.toThrow();
      expect(study.trials.at(-1)?.state).toBe('FAIL');
    },
  );

  it('records constraints of pruned trials', async () => {
    const sampler = new HistorySampler();
    const study = await Study.open(
      { storage: new InMemoryStorage(), defaultSampler: () => sampler },
      { studyName: 'c', ifExists: 'error', sampler, constraints: () => [1] },
    );
    await study.tell(await study.ask(XY), { state: 'PRUNED' });
    expect(study.trials[0].constraints).toEqual([1]);
  });

  it('takes objects that cannot be shown as errors', async () => {
    const study = await open(new InMemoryStorage());
    await study.optimize(
      () => {
        throw Object.create(null);
      },
      { nTrials: 1, catch: true },
    );
    expect(study.trials[0].state).toBe('FAIL');
  });

  it('takes parameters of any name', async () => {
    const names = ['constructor', 'toString', '__proto__', 'hasOwnProperty'];
    const study = await open(new InMemoryStorage());
    await study.optimize((t) => names.reduce((sum, name) => sum + t.suggestFloat(name, 0, 1), 0), {
      nTrials: 3,
    });
    expect(study.trials.map((t) => t.state)).toEqual(['COMPLETE', 'COMPLETE', 'COMPLETE']);
    expect(Object.keys(study.trials[2].params)).toEqual(names);
  });

  it('refuses misspelled options, samplers and distributions that are none', async () => {
    const study = await open(new InMemoryStorage());
    // @ts-expect-error: Optuna's spelling
    await expect(study.optimize(() => 1, { n_trials: 3 })).rejects.toThrow("did you mean 'nTrials'");
    // @ts-expect-error: a class, not a list
    await expect(study.optimize(() => 1, { nTrials: 1, catch: TypeError })).rejects.toThrow(
      'list of error classes',
    );
    const raw = { x: { kind: 'float', low: 0, high: 1 } };
    // @ts-expect-error: not made by float(…)
    await expect(study.optimize(raw, () => 1, { nTrials: 1 })).rejects.toThrow("'x' of a space");
    expect(study.trials).toEqual([]);
  });

  it('refuses to tell nonsense, and leaves the trial as it is', async () => {
    const study = await open(new InMemoryStorage());
    const other = await open(new InMemoryStorage());
    const trial = await study.ask(XY);
    for (const result of [{ state: 'DONE' }, { values: [1] }, null, undefined])
      await expect(study.tell(trial, result as unknown as number)).rejects.toThrow('tell');
    await expect(other.tell(trial, 1)).rejects.toThrow('not one of');
    await study.enqueueTrial({ x: 1 });
    await expect(study.tell(1, 1)).rejects.toThrow('queued');
    expect(study.trials.map((t) => t.state)).toEqual(['RUNNING', 'WAITING']);
  });

  it('refuses to change a trial that has been told', async () => {
    const study = await open(new InMemoryStorage());
    const trial = await study.ask(XY);
    await study.tell(trial, 1);
    for (const change of [
      () => trial.setUserAttr('a', 1),
      () => trial.report(1, 0),
      () => trial.suggestFloat('late', 0, 1),
      () => trial.setConstraint('c', 0),
    ])
      expect(change).toThrow('can no longer change');
    expect(trial.suggestFloat('x', -5, 5)).toBe(trial.params.x);
  });

  it('writes what a define-by-run trial suggests before it is told, for others to tell it', async () => {
    const storage = new InMemoryStorage();
    const [a, b] = [await open(storage), await open(storage)];
    const x = (await a.ask()).suggestFloat('x', 0, 1);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect((await b.tell(0, 1)).params).toEqual({ x });
  });

  it("does not count another tool's RUNNING trial toward totalTrials", async () => {
    const storage = new InMemoryStorage();
    const study = await open(storage);
    const [record] = await storage.listStudies();
    await storage.createTrial(record.studyId, { state: 'WAITING' });
    // Another tool starts a trial like this: RUNNING without an owner attribute.
    await storage.updateTrial((await storage.getTrials(record.studyId))[0].trialId, { state: 'RUNNING' });
    await study.optimize(XY, value, { totalTrials: 5 });
    expect(study.trials.filter((t) => t.state === 'COMPLETE')).toHaveLength(5);
  });

  it('gives child studies with the default sampler different seeds', async () => {
    const storage = new InMemoryStorage();
    const study = await Study.open(
      { storage, defaultSampler: () => new RandomSampler() },
      { studyName: 'top', ifExists: 'error' },
    );
    const firsts: number[] = [];
    await study.optimize(
      async (t) => {
        const inner = await t.createStudy('in');
        await inner.optimize((u) => u.suggestFloat('x', 0, 1), { nTrials: 1 });
        firsts.push(inner.bestValue);
        return inner.bestValue;
      },
      { nTrials: 3 },
    );
    expect(new Set(firsts).size).toBe(3);
  });

  it('keeps a copy of attributes, and refuses what is not JSON at once', async () => {
    const study = await open(new InMemoryStorage());
    const trial = await study.ask(XY);
    const list = [1, 2];
    trial.setUserAttr('list', list);
    list.push(3);
    // @ts-expect-error: no JSON
    expect(() => trial.setUserAttr('big', 1n)).toThrow("'big'");
    expect((await study.tell(trial, 1)).userAttrs).toEqual({ list: [1, 2] });
  });
});
