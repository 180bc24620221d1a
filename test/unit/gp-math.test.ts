/** Cholesky factors and L-BFGS, which the Gaussian process sampler rests on. */
import { describe, expect, test } from 'vitest';
import { Rng } from '../../src/core/rng.ts';
import {
  appendRow,
  appendRowWithJitter,
  choleskyInPlace,
  choleskyWithJitter,
  inverseOfFactored,
  minimizeLbfgs,
  packedLength,
  solveLowerInPlace,
  solveUpperInPlace,
} from '../../src/math/index.ts';

/** A random positive definite matrix, its lower triangle packed. */
function positiveDefinite(n: number): Float64Array {
  const rng = Rng.keyed('positive definite', n);
  const b = Array.from({ length: n }, () => Array.from({ length: n }, () => rng.normal()));
  const a = new Float64Array(packedLength(n));
  for (let i = 0, at = 0; i < n; i++)
    for (let j = 0; j <= i; j++) a[at++] = b[i].reduce((sum, x, k) => sum + x * b[j][k], i === j ? 0.1 : 0);
  return a;
}

const entry = (a: Float64Array, i: number, j: number): number =>
  i >= j ? a[packedLength(i) + j] : a[packedLength(j) + i];

function expectClose(ours: ArrayLike<number>, exact: ArrayLike<number>, tolerance = 1e-10): void {
  expect(ours).toHaveLength(exact.length);
  for (let i = 0; i < ours.length; i++)
    expect(Math.abs(ours[i] - exact[i]), `number ${i}`).toBeLessThan(tolerance);
}

describe('Cholesky factor', () => {
  test.each([0, 1, 2, 3, 7, 8])('of %i rows: L L^T = A, A x = b, A inv(A) = I', (n) => {
    const a = positiveDefinite(n);
    const l = a.slice();
    expect(choleskyInPlace(l, n)).toBe(true);
    const product = new Float64Array(packedLength(n));
    for (let i = 0, at = 0; i < n; i++)
      for (let j = 0; j <= i; j++, at++)
        for (let k = 0; k <= j; k++) product[at] += entry(l, i, k) * entry(l, j, k);
    expectClose(product, a);

    const b = Float64Array.from({ length: n }, (_, i) => i - 1);
    const x = b.slice();
    solveLowerInPlace(l, n, x);
    solveUpperInPlace(l, n, x);
    const inverse = inverseOfFactored(l, n);
    for (let i = 0; i < n; i++) {
      expect(x.reduce((sum, v, k) => sum + v * entry(a, i, k), 0)).toBeCloseTo(b[i], 9);
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let k = 0; k < n; k++) sum += entry(a, i, k) * entry(inverse, k, j);
        expect(sum).toBeCloseTo(i === j ? 1 : 0, 8);
      }
    }
  });

  test('grows by a row', () => {
    const whole = positiveDefinite(6);
    const grown = whole.slice();
    choleskyInPlace(whole, 6);
    choleskyInPlace(grown.subarray(0, packedLength(5)), 5);
    expect(appendRow(grown, 5)).toBe(true);
    expectClose(grown, whole, 1e-12);
  });

  test('is refused for a matrix that is not positive definite', () => {
    expect(choleskyInPlace(Float64Array.of(1, 2, 1), 2)).toBe(false);
    expect(choleskyInPlace(Float64Array.of(1, 1, 1), 2)).toBe(false);
    expect(choleskyInPlace(Float64Array.of(Number.NaN), 1)).toBe(false);
    const last = Float64Array.of(1, 0, 1, 1, 1, 1);
    expect(choleskyInPlace(last, 3)).toBe(false);
  });

  test('with jitter: the least addition to the diagonal that rounding needs, and none where it needs none', () => {
    const whole = positiveDefinite(6);
    const plain = whole.slice();
    choleskyInPlace(plain, 6);
    expect(choleskyWithJitter(whole, 6)).toBe(0);
    expect(whole).toEqual(plain);
    // Rank 1: twice the same row, as two trials at one point without noise.
    const twins = Float64Array.of(1, 1, 1, 1, 1, 1);
    const added = choleskyWithJitter(twins, 3);
    expect(added).toBeGreaterThan(0);
    expect(added).toBeLessThan(1e-14);
    expect(twins.every(Number.isFinite)).toBe(true);
    const grown = Float64Array.of(1, 1);
    const longer = Float64Array.of(1, ...grown);
    expect(appendRowWithJitter(longer, 1)).toBeGreaterThan(0);
    expect(longer[2]).toBeGreaterThan(0);
    expect(() => choleskyWithJitter(Float64Array.of(Number.NaN), 1)).toThrow(/finite/);
  });
});

describe('L-BFGS', () => {
  const rosenbrock = (x: Float64Array, gradient: Float64Array): number => {
    let sum = 0;
    gradient.fill(0);
    for (let i = 0; i + 1 < x.length; i++) {
      const [a, b] = [x[i + 1] - x[i] * x[i], 1 - x[i]];
      sum += 100 * a * a + b * b;
      gradient[i + 1] += 200 * a;
      gradient[i] -= 400 * a * x[i] + 2 * b;
    }
    return sum;
  };

  test('finds the bottom of a long valley in about as many evaluations as scipy', () => {
    // scipy 1.17.1: minimize(rosen, [-1.2] * 5, jac=rosen_der, method='L-BFGS-B') takes 58, ours 62.
    const { x, value, nEvaluations } = minimizeLbfgs(rosenbrock, new Array(5).fill(-1.2));
    expectClose(x, new Array(5).fill(1), 1e-4);
    expect(value).toBeLessThan(1e-8);
    expect(nEvaluations).toBeLessThan(80);
  });

  test('stops where a bound holds it', () => {
    // scipy 1.17.1: the same call with bounds=[(-2, 0.5)] * 5.
    const { x, value } = minimizeLbfgs(rosenbrock, new Array(5).fill(-1.2), {
      low: new Float64Array(5).fill(-2),
      high: new Float64Array(5).fill(0.5),
    });
    expect(value).toBeCloseTo(2.645665887634121, 6);
    expectClose(x, [0.5, 0.263037341, 0.0799623561, 0.0162314819, 0.000263272584], 1e-4);
  });

  test('begins inside the box, and may end at its corner', () => {
    const linear = (x: Float64Array, gradient: Float64Array): number => {
      gradient.set([1, -1]);
      return x[0] - x[1];
    };
    const box = { low: Float64Array.of(0, 0), high: Float64Array.of(1, 2) };
    expect([...minimizeLbfgs(linear, [5, -5], box).x]).toEqual([0, 2]);
  });

  test('shortens a step to where there is no value', () => {
    const log = (x: Float64Array, gradient: Float64Array): number => {
      gradient[0] = 1 - 1 / x[0];
      return x[0] <= 0 ? Number.POSITIVE_INFINITY : x[0] - Math.log(x[0]);
    };
    expect(minimizeLbfgs(log, [100]).x[0]).toBeCloseTo(1, 4);
  });

  test('stays where it is if there is no way down, or no value', () => {
    const flat = (_: Float64Array, gradient: Float64Array): number => gradient.fill(0).length;
    expect(minimizeLbfgs(flat, [1, 2])).toEqual({ x: Float64Array.of(1, 2), value: 2, nEvaluations: 1 });
    const nowhere = (): number => Number.NaN;
    expect(minimizeLbfgs(nowhere, [3]).x[0]).toBe(3);
  });
});
