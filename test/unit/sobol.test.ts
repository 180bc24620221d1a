import { describe, expect, it } from 'vitest';
import { InvalidArgumentError } from '../../src/core/errors.ts';
import { Rng } from '../../src/core/rng.ts';
import { HaltonSequence } from '../../src/math/halton.ts';
import { SOBOL_MAX_DIMENSIONS, SobolSequence } from '../../src/math/sobol.ts';

const uniformOf = (seed: number): (() => number) => {
  const rng = Rng.keyed(seed, 'test');
  return () => rng.uniform();
};

/** Counts of the points in the cells of a grid over the dimensions j and k. */
function cellCounts(points: Float64Array, d: number, [j, nj]: [number, number], [k, nk]: [number, number]) {
  const counts = new Array<number>(nj * nk).fill(0);
  for (let i = 0; i < points.length / d; i++)
    counts[Math.floor(points[i * d + j] * nj) * nk + Math.floor(points[i * d + k] * nk)]++;
  return counts;
}

/** Centered L2 discrepancy (Hickernell, Math. Comput. 67, 1998, equation 1.11a), squared: scipy.stats.qmc.discrepancy. */
function centeredDiscrepancy(points: readonly ArrayLike<number>[]): number {
  const [n, d] = [points.length, points[0].length];
  let [single, double] = [0, 0];
  for (const x of points) {
    let product = 1;
    for (let j = 0; j < d; j++) product *= 1 + Math.abs(x[j] - 0.5) / 2 - (x[j] - 0.5) ** 2 / 2;
    single += product;
    for (const y of points) {
      let pair = 1;
      for (let j = 0; j < d; j++)
        pair *= 1 + Math.abs(x[j] - 0.5) / 2 + Math.abs(y[j] - 0.5) / 2 - Math.abs(x[j] - y[j]) / 2;
      double += pair;
    }
  }
  return (13 / 12) ** d - (2 / n) * single + double / n ** 2;
}

function rows(points: Float64Array, d: number): Float64Array[] {
  return Array.from({ length: points.length / d }, (_, i) => points.subarray(i * d, (i + 1) * d));
}

describe('Sobol', () => {
  it('gives the same points one by one as in a row, from any start', () => {
    const sequence = new SobolSequence(7, uniformOf(1));
    const all = sequence.points(0, 300);
    for (const i of [0, 1, 2, 63, 64, 255, 299])
      expect([...sequence.point(i)]).toEqual([...all.subarray(i * 7, (i + 1) * 7)]);
    expect([...sequence.points(100, 50)]).toEqual([...all.subarray(700, 1050)]);
    expect(sequence.point(2 ** 32 - 1).every((u) => u >= 0 && u < 1)).toBe(true);
  });

  it.each([null, 1, 2])('fills every elementary interval equally often (scrambled by %s)', (seed) => {
    const sequence = new SobolSequence(SOBOL_MAX_DIMENSIONS, seed === null ? null : uniformOf(seed));
    const points = sequence.points(0, 256);
    // Each coordinate is a (0, 8, 1)-net; the first two are a (0, 8, 2)-net together.
    for (let j = 0; j < SOBOL_MAX_DIMENSIONS; j += 17)
      expect(
        cellCounts(points, SOBOL_MAX_DIMENSIONS, [j, 256], [j, 1]).every((n) => n === 1),
        `${j}`,
      ).toBe(true);
    for (const cells of [2, 4, 16, 64])
      expect(
        cellCounts(points, SOBOL_MAX_DIMENSIONS, [0, cells], [1, 256 / cells]).every((n) => n === 1),
      ).toBe(true);
  });

  it('is scrambled uniformly: any one point may lie anywhere', () => {
    const values = Array.from({ length: 400 }, (_, seed) => new SobolSequence(3, uniformOf(seed)).point(5));
    for (let j = 0; j < 3; j++) {
      const mean = values.reduce((sum, u) => sum + u[j], 0) / 400;
      expect(Math.abs(mean - 0.5)).toBeLessThan(4 * Math.sqrt(1 / 12 / 400));
      expect(new Set(values.map((u) => Math.floor(u[j] * 16))).size).toBe(16);
    }
  });

  it('refuses more dimensions or points than there are', () => {
    expect(() => new SobolSequence(SOBOL_MAX_DIMENSIONS + 1)).toThrow(/1 to 512 dimensions, but 513/);
    expect(() => new SobolSequence(0)).toThrow(InvalidArgumentError);
    expect(() => new SobolSequence(2).point(2 ** 32)).toThrow(/2\^32/);
  });
});

describe('Halton', () => {
  it.each([3, 4])('permutes digits, so that full cycles stay balanced (seed %i)', (seed) => {
    const d = 6;
    const sequence = new HaltonSequence(d, uniformOf(seed));
    [2, 3, 5, 7, 11, 13].forEach((prime, j) => {
      const coordinates = Array.from({ length: prime ** 2 }, (_, i) => sequence.point(i)[j]);
      const cells = coordinates.map((u) => Math.floor(u * prime ** 2)).sort((a, b) => a - b);
      expect(cells).toEqual(cells.map((_, i) => i));
    });
    expect([...sequence.point(0)]).not.toEqual([...new HaltonSequence(d, uniformOf(seed + 10)).point(0)]);
  });

  it('refuses dimensions that it has no primes for', () => {
    expect(() => new HaltonSequence(0)).toThrow(InvalidArgumentError);
    expect(() => new HaltonSequence(6543)).toThrow(/1 to 6542 dimensions/);
  });
});

describe('discrepancy', () => {
  it('is what scipy 1.17.1 finds: qmc.discrepancy(qmc.Sobol(3, scramble=False).random(16))', () => {
    const points = rows(new SobolSequence(3).points(0, 16), 3);
    expect(centeredDiscrepancy(points)).toBeCloseTo(0.00787341567101274, 14);
  });

  const random = (seed: number, n: number, d: number) => {
    const uniform = uniformOf(seed + 1000);
    return Array.from({ length: n }, () => Float64Array.from({ length: d }, uniform));
  };

  it.each([
    [2, 64],
    [5, 128],
    [8, 100],
  ])('of scrambled points is below that of random ones in %i dimensions, with every seed', (d, n) => {
    const least = Math.min(...Array.from({ length: 10 }, (_, s) => centeredDiscrepancy(random(s, n, d))));
    for (let seed = 0; seed < 10; seed++) {
      const sobol = rows(new SobolSequence(d, uniformOf(seed)).points(0, n), d);
      expect(centeredDiscrepancy(sobol)).toBeLessThan(least);
      const sequence = new HaltonSequence(d, uniformOf(seed));
      const halton = Array.from({ length: n }, (_, i) => sequence.point(i));
      expect(centeredDiscrepancy(halton)).toBeLessThan(least);
    }
  });
});
