import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { History } from '../../samplers/history-cache.ts';
import { RelativeSpace } from '../../samplers/relative-space.ts';
import { type FrozenTrial, float, int, intersectionSearchSpace, space } from '../../src/core/index.ts';
import { makeTrial } from '../../src/testing/sampler-loop.ts';

describe('relative space', () => {
  const all = space({ a: float(0, 1), b: int(1, 3), constructor: float(0, 2), single: float(1, 1) });
  type Name = keyof typeof all;
  const names = Object.keys(all) as Name[];
  const trialOf = (
    number: number,
    has: readonly Name[],
    state: 'RUNNING' | 'COMPLETE' | 'FAIL',
  ): FrozenTrial => {
    const params = Object.fromEntries(has.map((name) => [name, 1]));
    return makeTrial(
      number,
      all,
      { params, systemAttrs: {} },
      { state, values: state === 'COMPLETE' ? [0] : null },
    );
  };

  it('is the intersection, whatever ran, grew and failed in between', () => {
    const some = fc.subarray(names, { minLength: 1 });
    const ends = fc.constantFrom('COMPLETE' as const, 'FAIL' as const);
    // Batches: what each trial has while it runs, what it has in the end, and how it ends.
    const batches = fc.array(fc.array(fc.tuple(some, some, ends), { minLength: 1, maxLength: 3 }), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(batches, (plan) => {
        const history = new History();
        const following = new RelativeSpace(history, ['COMPLETE', 'PRUNED', 'RUNNING']);
        const trials: FrozenTrial[] = [];
        const check = (): void => {
          expect(history.sync([...trials])).toBe(true);
          const expected = intersectionSearchSpace(trials, { includeRunning: true });
          expect(following.get(null)).toEqual(expected);
          if (trials.some((t) => t.state !== 'FAIL'))
            expect(following.get({ b: all.b })).toEqual('b' in expected ? { b: all.b } : {});
        };
        for (const batch of plan) {
          const first = trials.length;
          for (const [early] of batch) {
            trials.push(trialOf(trials.length, early, 'RUNNING'));
            check();
          }
          batch.forEach(([early, late, state], i) => {
            trials[first + i] = trialOf(first + i, [...new Set([...early, ...late])], state);
          });
          check();
        }
      }),
    );
  });
});
