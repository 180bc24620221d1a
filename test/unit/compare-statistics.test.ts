import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { comparisonOf } from '../../src/compare/comparison.ts';
import { verdicts } from '../../src/compare/verdicts.ts';
import { holm, mannWhitneyU, seedsToShow } from '../../src/math/rank-tests.ts';
import { quantile } from '../../src/math/statistics.ts';
import { makeTrial } from '../../src/testing/sampler-loop.ts';

/** (i * multiplier) mod 1 + offset, i = 1..n: distinct numbers that NumPy computes alike. */
const sequence = (n: number, multiplier: number, offset = 0): number[] =>
  Array.from({ length: n }, (_, i) => (((i + 1) * multiplier) % 1) + offset);

describe('mannWhitneyU', () => {
  // scipy 1.17.1: scipy.stats.mannwhitneyu(a, b, method='exact')
  it.each([
    [[0.11, 0.52, 0.33, 0.94, 0.25], [0.61, 0.72, 1.3, 0.84, 0.45, 0.99], 5, 0.08225108225108226],
    [[1, 2, 3], [4, 5, 6], 0, 0.1],
    [[1.5], [1, 2], 1, 1],
    [sequence(10, 0.37), sequence(10, 0.61, 0.2), 39, 0.43587217735824557],
    [sequence(50, 0.3183), sequence(50, 0.7073, 0.1), 973, 0.05639161423748993],
  ])('is exact without ties (%#)', (a, b, u, pValue) => {
    const result = mannWhitneyU(a, b);
    expect(result).toMatchObject({ u, method: 'exact' });
    expect(result.pValue).toBeCloseTo(pValue, 12);
  });

  // scipy 1.17.1: scipy.stats.mannwhitneyu(a, b, method='asymptotic'), which corrects for ties and continuity
  it.each([
    [[1, 2, 2, 3, 5, 5], [2, 4, 5, 6, 6, 7, 7], 7, 0.050509765651485496],
    [[1, 1], [1, 1], 2, 1],
    [
      [0.1, 0.2, 0.3, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
      [0.15, 0.4, 0.5, 0.6, Number.POSITIVE_INFINITY],
      11,
      0.8325188126792755,
    ],
    [sequence(60, 0.3183), sequence(60, 0.7073, 0.1), 1410, 0.04091949471374556],
  ])('approximates with ties or many pairs (%#)', (a, b, u, pValue) => {
    const result = mannWhitneyU(a, b);
    expect(result).toMatchObject({ u, method: 'normal' });
    expect(result.pValue).toBeCloseTo(pValue, 12);
  });

  it('keeps the far tail: 25 against 25, all below, has 2 / C(50, 25)', () => {
    const a = Array.from({ length: 25 }, (_, i) => i);
    const b = Array.from({ length: 25 }, (_, i) => 100 + i);
    expect((mannWhitneyU(a, b).pValue * 126410606437752) / 2).toBeCloseTo(1, 12);
  });

  it('is symmetric, and invariant under monotone maps', () => {
    const sample = fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(sample, sample, (a, b) => {
        const ab = mannWhitneyU(a, b);
        const ba = mannWhitneyU(b, a);
        expect(ab.u + ba.u).toBe(a.length * b.length);
        expect(ab.pValue).toBe(ba.pValue);
        expect(mannWhitneyU(a.map(Math.exp), b.map(Math.exp))).toEqual(ab);
        expect(ab.pValue).toBeGreaterThan(0);
        expect(ab.pValue).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('refuses empty samples and NaN', () => {
    expect(() => mannWhitneyU([], [1])).toThrow(/0 and 1 values/);
    expect(() => mannWhitneyU([Number.NaN], [1])).toThrow(/NaN/);
  });
});

describe('holm', () => {
  // By hand: 5 * 0.005, 4 * 0.01, 3 * 0.03, max(0.09, 2 * 0.04), 1 * 0.5
  it('steps down and keeps the order given', () => {
    const adjusted = holm([0.01, 0.04, 0.03, 0.005, 0.5]);
    [0.04, 0.09, 0.09, 0.025, 0.5].forEach((p, i) => {
      expect(adjusted[i]).toBeCloseTo(p, 15);
    });
    expect(holm([])).toEqual([]);
    expect(holm([0.9, 0.8])).toEqual([1, 1]);
  });
});

describe('quantile', () => {
  // numpy 2.4.6: numpy.quantile([3, 1, 4, 1, 5, 9, 2, 6], [0.1, 0.25, 0.5, 0.75])
  it('interpolates as NumPy does', () => {
    const values = [3, 1, 4, 1, 5, 9, 2, 6];
    expect([0.1, 0.25, 0.5, 0.75].map((p) => quantile(values, p))).toEqual([1, 1.75, 3.5, 5.25]);
    // numpy.quantile([1, 2, 4, 8], [0, 0.25, 0.5, 0.9, 1])
    for (const [p, value] of [
      [0, 1],
      [0.25, 1.75],
      [0.5, 3],
      [0.9, 6.8],
      [1, 8],
    ])
      expect(quantile([1, 2, 4, 8], p)).toBeCloseTo(value, 12);
  });

  it('lets infinite values sort last without making NaN', () => {
    const inf = Number.POSITIVE_INFINITY;
    expect(quantile([inf, 1, 2], 0.5)).toBe(2);
    expect(quantile([inf, inf], 0.5)).toBe(inf);
    expect(quantile([1, inf], 0.5)).toBe(inf);
    expect(quantile([1, inf], 0)).toBe(1);
    expect(quantile([-inf, 1], 0.5)).toBe(-inf);
    expect(() => quantile([], 0.5)).toThrow(/at least one/);
    expect(() => quantile([Number.NaN], 0.5)).toThrow(/NaN/);
  });
});

describe('seedsToShow', () => {
  // By hand: the least two-sided p is 2 / C(2n, n): 2/20 = 0.1, 2/70 = 0.029, 2/252 = 0.0079, 2/924 = 0.0022.
  it.each([
    [1, 4],
    [3, 5],
    [6, 5],
    [10, 6],
  ])('is where the least p of one of %i pairs reaches 0.05: %i seeds', (pairs, seeds) => {
    expect(seedsToShow(0.05, pairs)).toBe(seeds);
    const below = Array.from({ length: seeds }, (_, i) => i);
    const least = (n: number) =>
      mannWhitneyU(
        below.slice(0, n),
        below.slice(0, n).map((x) => x + 100),
      ).pValue;
    expect(pairs * least(seeds)).toBeLessThanOrEqual(0.05);
    expect(pairs * least(seeds - 1)).toBeGreaterThan(0.05);
  });
});

describe('verdicts', () => {
  const compared = (scores: Readonly<Record<string, readonly number[]>>) => {
    const samplers = Object.entries(scores).map(([name, values]) => ({
      name,
      trials: values.map((value) => [makeTrial(0, {}, { params: {}, systemAttrs: {} }, { values: [value] })]),
    }));
    const seeds = samplers[0].trials.map((_, i) => i);
    return verdicts(
      comparisonOf({ problem: { name: 'p', directions: ['minimize'] }, samplers, seeds, nTrials: 1 }),
    );
  };

  it('says that too few seeds cannot show anything, and how many can', () => {
    expect(compared({ a: [1, 2, 3], b: [4, 5, 6] })).toEqual([
      '3 seeds cannot show a difference at the level 0.05, however large it is; give at least 4',
    ]);
    expect(compared({ a: [1], b: [4] })).toEqual([
      '1 seed cannot show a difference at the level 0.05, however large it is; give at least 4',
    ]);
    // Equal scores: the normal approximation says p = 0.047, but 3 against 3 can be arranged in 20 ways only.
    expect(compared({ a: [1, 1, 1], b: [2, 2, 2] })[0]).toMatch(/^3 seeds cannot/);
    // Three pairs: Holm's correction asks for more.
    expect(compared({ a: [1, 2, 3, 4], b: [5, 6, 7, 8], c: [9, 10, 11, 12] })[0]).toMatch(
      /4 seeds cannot.*least 5$/,
    );
  });

  it('says that enough seeds show none, or which', () => {
    expect(compared({ a: [1, 3, 5, 7], b: [2, 4, 6, 8] })).toEqual([
      '4 seeds show no difference at the level 0.05; more seeds might',
    ]);
    expect(compared({ a: [1, 2, 3, 4], b: [5, 6, 7, 8] })[0]).toMatch(/^a is better than b: in 100 %/);
    expect(compared({ a: [1, 2, 3] })).toEqual([]);
  });
});
