/** Pareto functions against their definitions, on random points with ties. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  crowdingDistances,
  dominates,
  hypervolume,
  hypervolumeGain,
  nonDominationRanks,
  paretoFront,
  selectByHypervolume,
  sortByObjective,
} from '../../src/pareto/index.ts';

const pointSets = (maxPoints: number, maxObjectives: number) =>
  fc.integer({ min: 1, max: maxObjectives }).chain((m) =>
    fc.record({
      m: fc.constant(m),
      points: fc.array(fc.array(fc.integer({ min: 0, max: 4 }), { minLength: m, maxLength: m }), {
        minLength: 1,
        maxLength: maxPoints,
      }),
      violations: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: maxPoints, maxLength: maxPoints }),
    }),
  );
const flat = (points: readonly (readonly number[])[]): Float64Array => Float64Array.from(points.flat());

/** Deb's constrained domination (Deb et al., NSGA-II, IEEE TEC 6(2), 2002, section VI). */
function constrainedDominates(
  losses: Float64Array,
  m: number,
  violations: ArrayLike<number>,
  a: number,
  b: number,
): boolean {
  if (violations[a] > 0 || violations[b] > 0) return violations[a] < violations[b];
  return dominates(losses, m, a, b);
}

describe('non-dominated sort', () => {
  it('peels off what nothing left dominates', () => {
    fc.assert(
      fc.property(pointSets(25, 4), ({ m, points, violations }) => {
        const losses = flat(points);
        const expected = new Int32Array(points.length).fill(-1);
        const isWorse = (a: number, b: number): boolean => {
          // Infeasible points of one violation share a rank, as in Optuna.
          if (violations[a] > 0 && violations[a] === violations[b]) return false;
          return constrainedDominates(losses, m, violations, a, b);
        };
        for (let rank = 0; expected.includes(-1); rank++) {
          const left = [...expected.keys()].filter((i) => expected[i] < 0);
          for (const i of left.filter((b) => !left.some((a) => isWorse(a, b)))) expected[i] = rank;
        }
        expect(nonDominationRanks(losses, m, violations)).toEqual(expected);
      }),
    );
  });
});

describe('Pareto front', () => {
  it('is what has rank 0', () => {
    fc.assert(
      fc.property(pointSets(25, 4), ({ m, points }) => {
        const ranks = nonDominationRanks(flat(points), m);
        expect(paretoFront(flat(points), m)).toEqual([...ranks.keys()].filter((i) => ranks[i] === 0));
      }),
    );
  });
});

describe('sorting by an objective', () => {
  it('is the stable sort', () => {
    const keys = fc.array(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ noNaN: true })), {
      maxLength: 200,
    });
    fc.assert(
      fc.property(keys, fc.infiniteStream(fc.nat()), (values, noise) => {
        const order = values.map((_, i) => i).sort((a, b) => (noise.next().value % 3) - 1 || a - b);
        const sorted = Int32Array.from(order);
        sortByObjective(sorted, Float64Array.from(values.flatMap((v) => [0, v])), 2, 1);
        expect([...sorted]).toEqual(
          order.sort((a, b) => (values[a] < values[b] ? -1 : Number(values[a] > values[b]))),
        );
      }),
    );
  });
});

describe('hypervolume', () => {
  it('counts the unit cells that some point dominates', () => {
    fc.assert(
      fc.property(pointSets(10, 5), ({ m, points }) => {
        let cells = 0;
        for (let index = 0; index < 5 ** m; index++) {
          const corner = Array.from({ length: m }, (_, j) => Math.floor(index / 5 ** j) % 5);
          if (points.some((p) => p.every((v, j) => v <= corner[j]))) cells++;
        }
        expect(hypervolume(flat(points), new Float64Array(m).fill(5))).toBe(cells);
      }),
      { numRuns: 60 },
    );
  });

  it('is the sum of what its points add one by one', () => {
    fc.assert(
      fc.property(pointSets(10, 5), ({ m, points }) => {
        const reference = new Float64Array(m).fill(5);
        const total = points.reduce(
          (sum, point, i) =>
            sum + hypervolumeGain(Float64Array.from(point), flat(points.slice(0, i)), reference),
          0,
        );
        expect(total).toBe(hypervolume(flat(points), reference));
      }),
      { numRuns: 60 },
    );
  });

  it('refuses points beyond the reference and is infinite for an infinite one', () => {
    expect(() => hypervolume(Float64Array.of(1, 6), [5, 5])).toThrow(/objective 1 of point 0 is 6/);
    expect(hypervolume(Float64Array.of(1, 1), [5, Number.POSITIVE_INFINITY])).toBe(Number.POSITIVE_INFINITY);
    expect(hypervolume(Float64Array.of(Number.NEGATIVE_INFINITY, 4, 1, 1), [5, 5])).toBe(
      Number.POSITIVE_INFINITY,
    );
    expect(hypervolume(new Float64Array(0), [5, 5])).toBe(0);
  });
});

describe('hypervolume subset selection', () => {
  it('takes at every step a point of the largest gain', () => {
    fc.assert(
      fc.property(pointSets(9, 4), fc.integer({ min: 1, max: 5 }), ({ m, points }, size) => {
        const front = paretoFront(flat(points), m).map((i) => points[i]);
        const unique = [...new Map(front.map((p) => [p.join(), p])).values()];
        fc.pre(size < unique.length);
        const reference = new Float64Array(m).fill(5);
        const volume = (rows: readonly number[]): number =>
          hypervolume(flat(rows.map((r) => unique[r])), reference);
        const selected = selectByHypervolume(flat(unique), reference, size);
        expect(new Set(selected).size).toBe(size);
        for (let k = 0; k < size; k++) {
          const before = selected.slice(0, k);
          const best = Math.max(...unique.map((_, i) => volume([...before, i])));
          expect(volume(selected.slice(0, k + 1))).toBe(best);
        }
      }),
    );
  });
});

describe('crowding distance', () => {
  it('is infinite at the ends and the relative gap between neighbors inside', () => {
    const distances = crowdingDistances(
      flat([
        [0, 4],
        [1, 3],
        [4, 0],
        [3, 2],
      ]),
      2,
    );
    expect([...distances]).toEqual([
      Number.POSITIVE_INFINITY,
      3 / 4 + 2 / 4,
      Number.POSITIVE_INFINITY,
      3 / 4 + 3 / 4,
    ]);
  });
});
