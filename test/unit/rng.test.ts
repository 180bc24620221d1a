import { describe, expect, it } from 'vitest';
import { Rng } from '../../src/core/rng.ts';

/** Chi-squared statistic of shares in [0, 1) over 50 equal cells. */
function chiSquared50(shares: readonly number[]): number {
  const cells = new Array<number>(50).fill(0);
  for (const share of shares) cells[Math.floor(share * 50)]++;
  const expected = shares.length / 50;
  return cells.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
}

/** 99.9 % quantile of chi-squared with 49 degrees of freedom (scipy 1.x: chi2.ppf(0.999, 49)). */
const LIMIT = 85.35;

describe('Rng', () => {
  it('repeats for one key and differs for another', () => {
    const draws = (rng: Rng) => [rng.uniform(), rng.int(100), rng.normal()];
    expect(draws(Rng.keyed(1, 2, 'x'))).toEqual(draws(Rng.keyed(1, 2, 'x')));
    expect(draws(Rng.keyed(1, 2, 'x'))).not.toEqual(draws(Rng.keyed(1, 2, 'y')));
    expect(draws(Rng.keyed(1).fork(2))).toEqual(draws(Rng.keyed(1, 2)));
  });

  it('draws uniformly for neighboring keys, and neighbors are unrelated', () => {
    const first: number[] = [];
    const differences: number[] = [];
    for (let trial = 0; trial < 1000; trial++) {
      const row = Array.from({ length: 12 }, (_, g) => Rng.keyed(0, trial, 'random', `g${g}`).uniform());
      first.push(...row);
      for (let g = 1; g < 12; g++) differences.push((row[g] - row[g - 1] + 1) % 1);
    }
    expect(chiSquared50(first)).toBeLessThan(LIMIT);
    expect(chiSquared50(differences)).toBeLessThan(LIMIT);
  });

  it('gives one number of a key, uniform and unrelated to those of its neighbors', () => {
    expect(Rng.uniformOf(1, 2, 'x')).toBe(Rng.uniformOf(1, 2, 'x'));
    const at = (seed: number, trial: number, g: number) => Rng.uniformOf(seed, trial, 'random', `g${g}`);
    const cells = Array.from({ length: 12_000 }, (_, i) => [Math.floor(i / 12), i % 12] as const);
    const across = (shift: (trial: number, g: number) => number): number[] =>
      cells.map(([trial, g]) => (shift(trial, g) - at(0, trial, g) + 1) % 1);
    expect(chiSquared50(cells.map(([trial, g]) => at(0, trial, g)))).toBeLessThan(LIMIT);
    expect(chiSquared50(across((trial, g) => at(0, trial, g + 1)))).toBeLessThan(LIMIT);
    expect(chiSquared50(across((trial, g) => at(0, trial + 1, g)))).toBeLessThan(LIMIT);
    expect(chiSquared50(across((trial, g) => at(1, trial, g)))).toBeLessThan(LIMIT);
    // The last bits, too: those below 2^-26.
    expect(chiSquared50(cells.map(([trial, g]) => (at(0, trial, g) * 2 ** 26) % 1))).toBeLessThan(LIMIT);
  });

  it('has standard normal moments', () => {
    const rng = Rng.keyed('normal');
    const xs = Array.from({ length: 20_000 }, () => rng.normal());
    const mean = xs.reduce((a, b) => a + b) / xs.length;
    const variance = xs.reduce((a, b) => a + (b - mean) ** 2, 0) / xs.length;
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(variance - 1)).toBeLessThan(0.05);
  });

  it('draws integers, picks, weights and permutations', () => {
    const rng = Rng.keyed('rest');
    const counts = [0, 0, 0];
    for (let i = 0; i < 3000; i++) counts[rng.weightedIndex([1, 0, 2])]++;
    expect(counts[1]).toBe(0);
    expect(counts[2] / counts[0]).toBeGreaterThan(1.7);
    expect(counts[2] / counts[0]).toBeLessThan(2.4);
    expect(rng.shuffled([1, 2, 3, 4]).sort()).toEqual([1, 2, 3, 4]);
    expect(() => rng.int(0)).toThrow('n >= 1');
  });
});
