/** Crossovers and mutations of the genetic samplers. Their values are held against Optuna's in test/reference. */
import { describe, expect, it } from 'vitest';
import { crossoverFrom, mutationFrom } from '../../samplers/genetic/operators.ts';
import {
  blxAlphaCrossover,
  type Crossover,
  polynomialMutation,
  sbxCrossover,
  spxCrossover,
  undxCrossover,
  uniformCrossover,
  uniformMutation,
  vsbxCrossover,
} from '../../samplers/index.ts';
import { InvalidArgumentError, Rng } from '../../src/core/index.ts';

const bounds = [
  { low: 0, high: 1 },
  { low: -5, high: 5 },
];
const parents = [Float64Array.of(0.2, 4), Float64Array.of(0.9, -1), Float64Array.of(0.4, -3)];
const children = (crossover: Crossover, of: readonly Float64Array[] = parents, within = bounds): number[][] =>
  Array.from({ length: 500 }, (_, i) =>
    crossover.cross(of.slice(0, crossover.nParents), within, Rng.keyed(i), 1),
  );
const mean = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0) / xs.length;

describe('crossovers', () => {
  it('uniform takes whole genes', () => {
    for (const [x, y] of children(uniformCrossover())) {
      expect([0.2, 0.9]).toContain(x);
      expect([4, -1]).toContain(y);
    }
    expect(children(uniformCrossover(0)).every(([x]) => x === 0.2)).toBe(true);
    expect(children(uniformCrossover(1)).every(([x]) => x === 0.9)).toBe(true);
  });

  it('blx-alpha stays in the widened box', () => {
    const xs = children(blxAlphaCrossover(0.5)).map(([x]) => x);
    expect(Math.min(...xs)).toBeGreaterThanOrEqual(0.2 - 0.35);
    expect(Math.max(...xs)).toBeLessThanOrEqual(0.9 + 0.35);
    expect(Math.min(...xs)).toBeLessThan(0);
  });

  const meanDistance = (crossover: Crossover): number =>
    mean(children(crossover).map(([x]) => Math.min(Math.abs(x - 0.2), Math.abs(x - 0.9))));

  it('sbx stays in the bounds, and nearer to the parents for a larger eta', () => {
    for (const [x, y] of children(sbxCrossover({ eta: 0, useChildGeneProb: 1 })))
      expect(x >= 0 && x <= 1 && y >= -5 && y <= 5).toBe(true);
    const distance = (eta: number): number => meanDistance(sbxCrossover({ eta, useChildGeneProb: 1 }));
    expect(distance(50)).toBeLessThan(distance(2) / 3);
  });

  it('vsbx goes beyond the bounds, and nearer to the parents for a larger eta', () => {
    const xs = children(vsbxCrossover({ eta: 1, useChildGeneProb: 1 })).map(([x]) => x);
    expect(xs.some((x) => x < 0) && xs.some((x) => x > 1)).toBe(true);
    const distance = (eta: number): number => meanDistance(vsbxCrossover({ eta, useChildGeneProb: 1 }));
    expect(distance(50)).toBeLessThan(distance(2) / 3);
  });

  it('spx fills the simplex of its parents, enlarged about the center', () => {
    const [[ax, ay], [bx, by], [cx, cy]] = parents;
    const area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay);
    for (const epsilon of [1, 2]) {
      // Barycentric coordinates lie in [1/3 - 2/3, 1/3 + ...] for twice the size, in [0, 1] for the same.
      const lowest = 1 / 3 - epsilon / 3;
      const weights = children(spxCrossover(epsilon)).map(
        ([x, y]) => ((bx - x) * (cy - y) - (cx - x) * (by - y)) / area,
      );
      expect(Math.min(...weights)).toBeGreaterThanOrEqual(lowest - 1e-9);
      expect(Math.min(...weights)).toBeLessThan(lowest + 0.05);
      expect(mean(weights)).toBeCloseTo(1 / 3, 1);
    }
  });

  it('undx is normal about the middle, along the line by its length and across it by the third parent', () => {
    const unit = [bounds[0], bounds[0]];
    const [a, b] = [Float64Array.of(0.3, 0.5), Float64Array.of(0.7, 0.5)];
    const spread = (third: Float64Array, j: number): number => {
      const all = children(undxCrossover({ sigmaXi: 1, sigmaEta: 1 }), [a, b, third], unit);
      expect(mean(all.map((x) => x[j]))).toBeCloseTo(0.5, 1);
      return Math.sqrt(mean(all.map((x) => (x[j] - 0.5) ** 2)));
    };
    expect(spread(Float64Array.of(0.9, 0.7), 0) / 0.4).toBeCloseTo(1, 0);
    expect(spread(Float64Array.of(0.9, 0.7), 1) / 0.2).toBeCloseTo(1, 0);
    // A third parent on the line leaves nothing across it.
    expect(spread(Float64Array.of(0.1, 0.5), 1)).toBe(0);
  });

  it('undx does not depend on the units of the parameters', () => {
    const scale = [1, 1e-4];
    const scaled = parents.map((p) => Float64Array.from(p, (x, j) => x * scale[j]));
    const within = bounds.map(({ low, high }, j) => ({ low: low * scale[j], high: high * scale[j] }));
    const there = children(undxCrossover(), scaled, within);
    children(undxCrossover()).forEach((child, i) => {
      child.forEach((x, j) => {
        expect(there[i][j] / scale[j]).toBeCloseTo(x, 9);
      });
    });
  });

  it.each(['uniform', 'blx-alpha', 'sbx', 'spx', 'undx'])('%s makes copies of equal parents', (name) => {
    for (const child of children(crossoverFrom(name), [parents[0], parents[0], parents[0]]))
      child.forEach((x, j) => {
        expect(x).toBeCloseTo(parents[0][j], 6);
      });
  });
});

describe('mutations', () => {
  const mutants = (eta: number, x: number): number[] =>
    Array.from({ length: 500 }, (_, i) => polynomialMutation(eta).mutate(x, bounds[1], Rng.keyed(i)));

  it('polynomial stays in the bounds, and nearer for a larger eta', () => {
    for (const x of [-5, -4.9, 0, 5])
      for (const y of mutants(0, x)) expect(y >= -5 - 1e-12 && y <= 5 + 1e-12).toBe(true);
    const distance = (eta: number): number => mean(mutants(eta, 1).map((y) => Math.abs(y - 1)));
    expect(distance(50)).toBeLessThan(distance(5) / 3);
    expect(new Set(mutants(20, 1).map((y) => y > 1))).toEqual(new Set([true, false]));
  });

  it('uniform forgets the value', () => {
    const draw = (x: number): number => uniformMutation().mutate(x, bounds[1], Rng.keyed(3));
    expect(draw(-2)).toBe(draw(4));
  });
});

describe('operators from plain data', () => {
  it('are those of the functions, and their options make them again', () => {
    const pairs = [
      [{ name: 'uniform', swappingProb: 0.2 }, uniformCrossover(0.2)],
      [{ name: 'blx-alpha', alpha: 0.9 }, blxAlphaCrossover(0.9)],
      [{ name: 'sbx', eta: 5 }, sbxCrossover({ eta: 5 })],
      [{ name: 'vsbx', useChildGeneProb: 0.8 }, vsbxCrossover({ useChildGeneProb: 0.8 })],
      [{ name: 'spx', epsilon: 1.5 }, spxCrossover(1.5)],
      ['undx', undxCrossover()],
      [{ name: 'undx', sigmaXi: 0.3 }, undxCrossover({ sigmaXi: 0.3 })],
    ] as const;
    for (const [plain, crossover] of pairs) {
      expect(crossoverFrom(plain).options).toEqual(crossover.options);
      expect(children(crossoverFrom(crossover.options))).toEqual(children(crossover));
      expect(crossoverFrom(crossover)).toBe(crossover);
    }
    expect(mutationFrom({ name: 'polynomial', eta: 3 }).options).toEqual(polynomialMutation(3).options);
    expect(mutationFrom('uniform').options).toEqual(uniformMutation().options);
  });

  it.each([
    [
      () => crossoverFrom('toString'),
      /unknown crossover "toString".*uniform, blx-alpha, sbx, vsbx, spx, undx/,
    ],
    [() => crossoverFrom({ name: 'spx', eta: 2 }), /'eta'.*epsilon/],
    [() => crossoverFrom({ name: 'undx', sigmaX: 2 }), /did you mean 'sigmaXi'/],
    [() => crossoverFrom({ name: 'vsbx', eta: -2 }), /eta must be a number >= 0 or null, but is -2/],
    [() => spxCrossover(Number.NaN), /epsilon must be a number >= 0 or null, but is NaN/],
    [() => undxCrossover({ sigmaEta: -1 }), /sigmaEta must be a number >= 0 or null, but is -1/],
    [() => polynomialMutation(-1), /eta must be a number >= 0, but is -1/],
    [() => mutationFrom({ name: 'uniform', eta: 1 }), /'eta'/],
    [() => mutationFrom(null as never), /unknown mutation null; known are: uniform, polynomial/],
  ])('say what is wrong (%#)', (make, message) => {
    expect(make).toThrow(message);
    expect(make).toThrow(InvalidArgumentError);
  });
});
