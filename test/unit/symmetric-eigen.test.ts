import fc from 'fast-check';
import { expect, it } from 'vitest';
import { symmetricEigen } from '../../src/math/index.ts';

/** Holds A v = lambda v and V V^T = I to rounding, relative to the largest entry. */
function expectEigen(matrix: readonly number[], n: number): void {
  const { values, vectors } = symmetricEigen(Float64Array.from(matrix), n);
  const scale = Math.max(Number.MIN_VALUE, ...matrix.map(Math.abs));
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let [image, inner] = [0, 0];
      for (let k = 0; k < n; k++) {
        image += matrix[j * n + k] * vectors[i * n + k];
        inner += vectors[i * n + k] * vectors[j * n + k];
      }
      expect(Math.abs(image - values[i] * vectors[i * n + j]) / scale).toBeLessThan(1e-13 * n);
      expect(Math.abs(inner - (i === j ? 1 : 0))).toBeLessThan(1e-13 * n);
    }
  }
}

it('gives eigenvalues and orthonormal eigenvectors of random symmetric matrices', () => {
  const entry = fc.oneof(
    fc.double({ min: -1, max: 1, noNaN: true }),
    fc.constantFrom(0, 1, -1, 1e-8, 1e-200, 1e8),
  );
  const symmetric = fc.integer({ min: 1, max: 12 }).chain((n) =>
    fc.array(entry, { minLength: n * n, maxLength: n * n }).map((x) => ({
      n,
      matrix: x.map(
        (_, at) => x[Math.max(Math.floor(at / n), at % n) * n + Math.min(Math.floor(at / n), at % n)],
      ),
    })),
  );
  fc.assert(
    fc.property(symmetric, ({ n, matrix }) => {
      expectEigen(matrix, n);
    }),
    { seed: 1, numRuns: 100 },
  );
});

it('knows the eigenvalues of the second difference', () => {
  const n = 9;
  const matrix = Float64Array.from({ length: n * n }, (_, at) => {
    const distance = Math.abs(Math.floor(at / n) - (at % n));
    return distance === 0 ? 2 : distance === 1 ? -1 : 0;
  });
  const { values } = symmetricEigen(matrix, n);
  const expected = Array.from({ length: n }, (_, k) => 2 - 2 * Math.cos((Math.PI * (k + 1)) / (n + 1)));
  [...values]
    .sort((a, b) => a - b)
    .forEach((value, k) => {
      expect(value).toBeCloseTo(expected[k], 13);
    });
});

it('reads the lower triangle alone and keeps the matrix', () => {
  const matrix = Float64Array.from([4, Number.NaN, 1, 3]);
  const { values } = symmetricEigen(matrix, 2);
  expect([...values].sort((a, b) => a - b)[0]).toBeCloseTo((7 - Math.sqrt(5)) / 2, 14);
  expect([...matrix]).toEqual([4, Number.NaN, 1, 3]);
});
