/** What TPE keeps of a history between trials is what it would make of it at once. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { History } from '../../samplers/history-cache.ts';
import { Fronts } from '../../samplers/tpe/fronts.ts';
import { TrialSplitter } from '../../samplers/tpe/split.ts';
import type { FrozenTrial, StudyDirection } from '../../src/core/index.ts';
import { nonDominationRanks, selectByHypervolume } from '../../src/pareto/index.ts';
import { makeTrial, type Outcome } from '../../src/testing/sampler-loop.ts';
import { splitTrials } from '../support/split-trials.ts';

const points = (m: number) =>
  fc.array(fc.array(fc.integer({ min: 0, max: 5 }), { minLength: m, maxLength: m }), { maxLength: 30 });

it.each([2, 3])('fronts of %i objectives, point by point, are those of a non-dominated sort', (m) => {
  fc.assert(
    fc.property(points(m), (all) => {
      const following = new Fronts(m);
      all.forEach((losses, id) => {
        following.add(id, losses);
      });
      const sorted: number[][] = [];
      nonDominationRanks(Float64Array.from(all.flat()), m).forEach((rank, id) => {
        sorted[rank] ??= [];
        sorted[rank].push(id);
      });
      expect(following.fronts).toEqual(sorted);
    }),
  );
});

const outcomes = (m: number): fc.Arbitrary<Outcome> =>
  fc.record({
    state: fc.constantFrom(...(['COMPLETE', 'COMPLETE', 'PRUNED', 'FAIL', 'RUNNING'] as const)),
    values: fc.array(fc.integer({ min: 0, max: 6 }), { minLength: m, maxLength: m }),
    intermediateValues: fc
      .array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 })), { maxLength: 2 })
      .map((reports) => new Map(reports)),
    constraints: fc.option(fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 1, maxLength: 2 }), {
      nil: undefined,
    }),
  });

describe.each([
  [['minimize']],
  [['maximize']],
  [['minimize', 'maximize']],
  [['minimize', 'minimize', 'maximize']],
] as [StudyDirection[]][])('a split of %s', (directions) => {
  const trialOf = (outcome: Outcome, number: number): FrozenTrial => {
    const values = outcome.state === 'COMPLETE' ? outcome.values : null;
    return makeTrial(number, {}, { params: {}, systemAttrs: {} }, { ...outcome, values });
  };

  it('that follows the trials is the split of them all', () => {
    const runs = fc.array(outcomes(directions.length), { maxLength: 40 });
    fc.assert(
      fc.property(runs, fc.integer({ min: 0, max: 12 }), (plan, nBelow) => {
        const history = new History();
        const following = new TrialSplitter(history, directions, true);
        const trials: FrozenTrial[] = [];
        plan.forEach((outcome, number) => {
          trials.push(trialOf(outcome, number));
          if (number % 3 === 0) {
            history.sync([...trials]);
            following.below(nBelow);
          }
        });
        history.sync([...trials]);
        const expected = splitTrials(trials, directions, nBelow);
        expect(following.below(nBelow)).toEqual(expected.below);
        const counted = trials.filter((trial) => following.counts(trial)).map(({ number }) => number);
        expect([...expected.below, ...expected.above].sort((a, b) => a - b)).toEqual(counted);
      }),
      { numRuns: 60 },
    );
  });
});

it('chooses by hypervolume in two dimensions as with an objective more that is the same for all', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 400 }), { minLength: 3, maxLength: 25 }), (xs) => {
      // No two contributions are the same number, which rounding would order by chance.
      const front = xs.map((x) => [x ** 0.37, 100 / (1 + x) ** 0.71]);
      const size = 1 + (xs.length >> 1);
      const flat = Float64Array.from(front.flat());
      const raised = Float64Array.from(front.flatMap((point) => [...point, 0]));
      const chosen = selectByHypervolume(flat, [60, 110], size);
      expect(chosen).toEqual(selectByHypervolume(raised, [60, 110, 1], size));
    }),
  );
});
