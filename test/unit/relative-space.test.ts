import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { History } from '../../samplers/history-cache.ts';
import { RelativeSpace } from '../../samplers/relative-space.ts';
import {
  categorical,
  type Distribution,
  type FrozenTrial,
  float,
  groupDecomposedSearchSpace,
  int,
  intersectionSearchSpace,
  type ParamValue,
  type SearchSpace,
  SearchSpaceGroups,
  space,
} from '../../src/core/index.ts';
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

  it('has nothing that a choice may take away before the first trial', () => {
    const declared = space({ kind: categorical(['u', 'v']), x: float(0, 1), 'kind.u.y': float(0, 1) });
    const conditions = new Map([['kind.u.y', { parent: 'kind', choice: 'u' }]]);
    const following = new RelativeSpace(new History(), ['COMPLETE']);
    expect(Object.keys(following.get(declared, conditions))).toEqual(['kind', 'x']);
    expect(Object.keys(following.get(declared))).toEqual(['kind', 'kind.u.y', 'x']);
  });

  describe('with choices that were added to', () => {
    const before = categorical(['a', 'b']);
    const now = categorical(['a', 'b', 'c']);
    const other = categorical(['b', 'a', 'c']);
    const spaceOf = (...distributions: readonly Distribution[]): SearchSpace => {
      const trials = distributions.map((x, number) => trialWith(number, { x }));
      const history = new History();
      history.sync(trials);
      const followed = new RelativeSpace(history, ['COMPLETE']).get(null);
      expect(followed).toEqual(intersectionSearchSpace(trials));
      return followed;
    };

    it('keeps the parameter, with all choices', () => {
      expect(spaceOf(before, now)).toEqual({ x: now });
      expect(spaceOf(now, before, now)).toEqual({ x: now });
      expect(spaceOf(categorical(['a']), before)).toEqual({ x: before });
      expect(spaceOf(before, other)).toEqual({});
    });

    it('keeps it as it is declared now', () => {
      const history = new History();
      history.sync([trialWith(0, { x: before })]);
      const following = new RelativeSpace(history, ['COMPLETE']);
      expect(following.get({ x: now })).toEqual({ x: now });
      expect(following.get({ x: other })).toEqual({});
    });
  });
});

describe('groups of parameters', () => {
  const all = { a: float(0, 1), b: float(0, 1), c: int(0, 3), d: categorical(['u', 'v']), e: float(0, 2) };
  type Name = keyof typeof all;

  it('are those that occur in the same trials', () => {
    const subsets = fc.array(fc.subarray(Object.keys(all) as Name[]), { maxLength: 8 });
    fc.assert(
      fc.property(subsets, (plan) => {
        const trials = plan.map((names, number) =>
          trialWith(number, Object.fromEntries(names.map((name) => [name, all[name]]))),
        );
        const groups = groupDecomposedSearchSpace(trials).map((group) => Object.keys(group));
        const seenIn = (name: Name): string => plan.map((names) => Number(names.includes(name))).join('');
        const expected = new Map<string, string[]>();
        for (const name of Object.keys(all) as Name[])
          if (seenIn(name).includes('1'))
            expected.set(seenIn(name), [...(expected.get(seenIn(name)) ?? []), name]);
        expect(groups).toEqual([...expected.values()]);
      }),
    );
  });

  it('have all choices, and no parameter with a single value or a range that changed', () => {
    const [before, now] = [categorical(['a', 'b']), categorical(['a', 'b', 'c'])];
    const trials = [
      trialWith(0, { x: float(0, 1), k: now, one: int(3, 3) }),
      trialWith(1, { x: float(0, 2), k: before, one: int(3, 3) }),
    ];
    expect(groupDecomposedSearchSpace(trials)).toEqual([{ k: now }]);
  });

  it('of a declared space have its distributions, and a range that changed to the declared one', () => {
    const groups = new SearchSpaceGroups();
    groups.add({ x: float(0, 1), y: float(0, 1), k: categorical(['a', 'b']) });
    groups.add({ x: float(0, 2), y: float(0, 1), k: categorical(['a', 'b']) });
    const declared = { x: float(0, 2), k: categorical(['a', 'b', 'c']), z: float(0, 1) };
    expect(groups.spaces(declared)).toEqual([{ k: declared.k, x: declared.x }]);
    expect(groups.spaces(null)).toEqual([{ k: categorical(['a', 'b']), y: float(0, 1) }]);
    expect(groups.spaces({ ...declared, x: float(0, 3) })).toEqual([{ k: declared.k }]);
    const known = groups.spaces(declared);
    groups.add({ x: float(0, 2), y: float(0, 1), k: categorical(['a', 'b']) });
    expect(groups.spaces(declared)).toBe(known);
  });
});

function trialWith(number: number, distributions: SearchSpace): FrozenTrial {
  const first = (d: Distribution): ParamValue => (d.kind === 'categorical' ? d.choices[0] : d.low);
  const params = Object.fromEntries(Object.entries(distributions).map(([name, d]) => [name, first(d)]));
  return makeTrial(number, distributions, { params, systemAttrs: {} }, { values: [0] });
}
