/** A trial whose constraints could not be computed is FAIL: it must not pass for one that breaks none. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RandomSampler } from '../../samplers/index.ts';
import { createStudy, type FrozenTrial, setLogLevel, TrialPruned } from '../../src/index.ts';

beforeAll(() => setLogLevel('silent'));
afterAll(() => setLogLevel('warn'));

const BAD: Readonly<Record<string, readonly [bad: () => unknown, reason: RegExp]>> = {
  'that throw': [
    () => {
      throw new Error('no measurement');
    },
    /no measurement/,
  ],
  'that are NaN': [() => [Number.NaN], /constraint 0 must be a number .*returned NaN/],
  'that are strings': [() => ['1'], /returned "1" for it/],
  'that are undefined': [() => undefined, /a list of numbers at once, but returned undefined/],
  'that are one number': [() => -1, /but returned -1/],
  'that are a promise': [async () => [1], /but returned a Promise/],
  'that are a rejected promise': [() => Promise.reject(new Error('later')), /but returned a Promise/],
  'that are too many': [() => [1, 1], /trial 0 has 1 and constraints returned 2: \[ 1, 1 \]/],
  'that are too few': [() => [], /trial 0 has 1 and constraints returned 0/],
};

const study = (bad: () => unknown) =>
  createStudy({
    sampler: new RandomSampler({ seed: 1 }),
    // All others are infeasible.
    constraints: (trial: FrozenTrial) => (trial.number === 2 ? (bad() as number[]) : [1]),
  });
const x = (t: { suggestFloat(name: string, low: number, high: number): number }) => t.suggestFloat('x', 0, 1);

describe.each(Object.entries(BAD))('constraints %s', (_, [bad, reason]) => {
  it.each([1, 4])('are a failure that catch: true covers (batchSize %d)', async (batchSize) => {
    const s = await study(bad);
    await s.optimize(x, { nTrials: 5, batchSize, catch: true });
    expect(s.trials.map((t) => t.state)).toEqual(['COMPLETE', 'COMPLETE', 'FAIL', 'COMPLETE', 'COMPLETE']);
    const [failed] = s.trials.slice(2);
    expect([failed.values, failed.constraints]).toEqual([null, null]);
    expect(failed.systemAttrs['thanos:fail_reason']).toMatch(reason);
    expect(() => s.bestTrial).toThrow(/no feasible COMPLETE trial/);
  });

  it('end the study without catch, and its batch is told whole', async () => {
    const s = await study(bad);
    await expect(s.optimize(x, { nTrials: 5, batchSize: 5, catch: [RangeError] })).rejects.toThrow(reason);
    expect(s.trials.map((t) => t.state)).toEqual(['COMPLETE', 'COMPLETE', 'FAIL', 'COMPLETE', 'COMPLETE']);
  });

  it('are thrown by tell, once the trial is FAIL', async () => {
    const s = await study(bad);
    for (let i = 0; i < 2; i++) await s.tell(await s.ask(), 1);
    const trial = await s.ask();
    await expect(s.tell(trial, 1)).rejects.toThrow(reason);
    expect(s.trials.map((t) => t.state)).toEqual(['COMPLETE', 'COMPLETE', 'FAIL']);
  });
});

describe('constraints', () => {
  it('are not asked of a trial that failed by itself', async () => {
    let asked = 0;
    const s = await createStudy({ constraints: () => [asked++] });
    await s.optimize(() => Number.NaN, { nTrials: 2 });
    expect([asked, s.trials.map((t) => t.state)]).toEqual([0, ['FAIL', 'FAIL']]);
  });

  it('of a pruned trial are kept, and count for how many there must be', async () => {
    const s = await createStudy({ constraints: (t) => (t.number === 0 ? [1, 2] : [1]) });
    await s.optimize(
      (t) => {
        if (t.number === 0) throw new TrialPruned();
        return 1;
      },
      { nTrials: 2, catch: true },
    );
    expect(s.trials.map((t) => [t.state, t.constraints])).toEqual([
      ['PRUNED', [1, 2]],
      ['FAIL', null],
    ]);
  });

  it('may be infinite', async () => {
    const s = await createStudy({ constraints: (t) => [t.number === 0 ? Number.POSITIVE_INFINITY : -1] });
    await s.optimize(() => 1, { nTrials: 2 });
    expect(s.bestTrial.number).toBe(1);
  });
});
