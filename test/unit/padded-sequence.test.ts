/** Quasi-random points in more dimensions than there are direction numbers or small primes. */
import { describe, expect, it } from 'vitest';
import { QmcSampler } from '../../samplers/index.ts';
import { Rng } from '../../src/core/rng.ts';
import { createStudy, float, space } from '../../src/index.ts';
import { HALTON_MAX_DIMENSIONS, HaltonSequence } from '../../src/math/halton.ts';
import { PaddedSequence } from '../../src/math/padded-sequence.ts';
import { SOBOL_MAX_DIMENSIONS, SobolSequence } from '../../src/math/sobol.ts';

const COUNT = 256;

function columns(dimensions: number, uniform: (() => number) | null): number[][] {
  const make = (size: number, scramble: (() => number) | null) => new SobolSequence(size, scramble);
  const sequence = new PaddedSequence(make, SOBOL_MAX_DIMENSIONS, dimensions, uniform);
  const points = Array.from({ length: COUNT }, (_, i) => sequence.point(i));
  return Array.from({ length: dimensions }, (_, j) => points.map((point) => point[j]));
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
  const [ma, mb] = [mean(a), mean(b)];
  const cov = mean(a.map((v, i) => (v - ma) * (b[i] - mb)));
  return cov / Math.sqrt(mean(a.map((v) => (v - ma) ** 2)) * mean(b.map((v) => (v - mb) ** 2)));
}

function scrambling(): () => number {
  const rng = Rng.keyed(1, 'padded');
  return () => rng.uniform();
}

describe.each<[what: string, uniform: () => (() => number) | null]>([
  ['plain', () => null],
  ['scrambled', scrambling],
])('a %s sequence of 1100 dimensions', (_, uniform) => {
  const all = columns(1100, uniform());

  it('is that of 512 in its first block, and as even in every dimension', () => {
    const first = new SobolSequence(SOBOL_MAX_DIMENSIONS, uniform());
    expect(all.slice(0, SOBOL_MAX_DIMENSIONS).map((column) => column[77])).toEqual([...first.point(77)]);
    for (const column of all)
      expect(new Set(column.map((x) => Math.floor(x * COUNT))).size, 'one point in each cell').toBe(COUNT);
  });

  it('has no dimension that follows another one of a different block', () => {
    for (let j = 0; j < 76; j++)
      for (const [a, b] of [
        [j, 512 + j],
        [j, 1024 + j],
        [512 + j, 1024 + j],
      ])
        expect(Math.abs(correlation(all[a], all[b])), `${a} and ${b}`).toBeLessThan(0.35);
    // The first dimensions of two blocks fill the square, as random points would: 64 cells of 4 points each.
    const cells = new Map<number, number>();
    for (let i = 0; i < COUNT; i++) {
      const cell = Math.floor(all[0][i] * 8) * 8 + Math.floor(all[512][i] * 8);
      cells.set(cell, (cells.get(cell) ?? 0) + 1);
    }
    expect(cells.size).toBeGreaterThan(55);
  });
});

it('a Halton sequence is padded, too', () => {
  const make = (size: number, scramble: (() => number) | null) => new HaltonSequence(size, scramble);
  const sequence = new PaddedSequence(make, HALTON_MAX_DIMENSIONS, HALTON_MAX_DIMENSIONS + 2);
  const point = sequence.point(5);
  expect(point).toHaveLength(HALTON_MAX_DIMENSIONS + 2);
  expect(point.at(-1)).not.toBe(point[1]);
  expect(point.every((x) => x >= 0 && x < 1)).toBe(true);
});

it.each(['sobol', 'halton'] as const)(
  'a study of 600 parameters is filled by %s, and resumes exactly',
  async (qmcType) => {
    const names = Array.from({ length: 600 }, (_, i) => `x${i}`);
    const wide = space(Object.fromEntries(names.map((name) => [name, float(0, 1)])));
    const run = async (...parts: readonly number[]) => {
      const study = await createStudy({ sampler: new QmcSampler({ seed: 2, qmcType, scramble: true }) });
      for (const nTrials of parts) await study.optimize(wide, () => 1, { nTrials });
      return study.trials.map(({ params }) => params);
    };
    const params = await run(8);
    expect(await run(3, 5)).toEqual(params);
    for (const name of ['x0', 'x599']) expect(new Set(params.map((each) => each[name])).size).toBe(8);
  },
);
