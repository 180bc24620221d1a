/** What pruners read of a trial grows with it, and is what reading it anew would give. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomSampler } from '../../samplers/index.ts';
import { frozenTrial } from '../../src/core/frozen-trial.ts';
import { createStudy } from '../../src/index.ts';
import { reportedBy } from '../../src/pruners/reported.ts';

const trialWith = (intermediateValues: ReadonlyMap<number, number>) =>
  frozenTrial({
    trialId: 1,
    number: 0,
    state: 'RUNNING',
    params: {},
    distributions: {},
    values: null,
    userAttrs: {},
    systemAttrs: {},
    intermediateValues,
    datetimeStart: null,
    datetimeComplete: null,
  });

const numbers = (values: readonly number[]): number[] => values.filter((value) => !Number.isNaN(value));
const least = (values: readonly number[]): number =>
  numbers(values).length === 0 ? Number.NaN : numbers(values).reduce((a, b) => Math.min(a, b));

describe('what a running trial has reported', () => {
  const value = fc.oneof(fc.double({ noNaN: true }), fc.constant(Number.NaN));
  it('is summed up step by step as it would be at once, in whatever order the steps come', () => {
    const reports = fc.array(fc.tuple(fc.nat(30), value), { maxLength: 40 });
    fc.assert(
      fc.property(reports, (entries) => {
        const live = new Map<number, number>();
        const trial = trialWith(live);
        for (const [step, each] of entries) {
          if (!live.has(step)) live.set(step, each);
          const grown = reportedBy(trial);
          const sorted = [...live].sort(([a], [b]) => a - b);
          const values = sorted.map(([, v]) => v);
          expect(grown.steps).toEqual(sorted.map(([s]) => s));
          expect(grown.values).toEqual(values);
          expect(grown.lastStep).toBe(sorted.at(-1)![0]);
          expect(grown.isFinite).toBe(values.every(Number.isFinite));
          for (const count of [1, values.length]) {
            expect(grown.leastLoss(1, count) + 0).toBe(least(values.slice(0, count)) + 0);
            expect(grown.leastLoss(-1, count) + 0).toBe(least(values.slice(0, count).map((v) => -v)) + 0);
          }
          for (const from of [0, 7, 31])
            expect(grown.valueFrom(from)).toBe(sorted.find(([s]) => s >= from)?.[1]);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('is what others read in the storage, after one write for each report', async () => {
    const study = await createStudy({ sampler: new RandomSampler({ seed: 1 }) });
    const trial = await study.ask();
    for (const step of [5, 1, 3]) {
      trial.report(step / 10, step);
      await new Promise(setImmediate);
    }
    const [before] = await study.storage.getTrials(1);
    expect([...before.intermediateValues]).toEqual([
      [1, 0.1],
      [3, 0.3],
      [5, 0.5],
    ]);
    trial.report(0, 2);
    await new Promise(setImmediate);
    expect(before.intermediateValues.size).toBe(3);
    const told = await study.tell(trial, 1);
    expect([...told.intermediateValues.keys()]).toEqual([1, 2, 3, 5]);
    await expect(
      study.storage.updateTrial(told.trialId, { intermediateValues: new Map([[9, 1]]) }),
    ).rejects.toMatchObject({ code: 'TRIAL_FINISHED' });
  });
});
