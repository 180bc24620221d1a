import { symmetricEigen } from '../../src/math/index.ts';
import { type Covariance, varianceFloor } from './covariance.ts';

interface Roots {
  /** C^(1/2) and C^(-1/2), symmetric. */
  readonly root: Float64Array;
  readonly inverse: Float64Array;
  readonly shortest: number;
  readonly longest: number;
}

/**
 * A full covariance. Its roots are the symmetric ones, so they do not depend on the signs and order of eigenvectors, which are
 * computed once for each C, when they are first asked for.
 */
export class FullCovariance implements Covariance {
  readonly dimensions: number;
  readonly #matrix: Float64Array;
  #roots: Roots | null = null;

  /** @param matrix shape (dimensions, dimensions), symmetric; default the identity. */
  constructor(dimensions: number, matrix: Float64Array | null = null) {
    this.dimensions = dimensions;
    this.#matrix = matrix ?? identity(dimensions);
  }

  /** A copy of C, shape (dimensions, dimensions). */
  matrix(): Float64Array {
    return this.#matrix.slice();
  }

  /** C^(-1/2), shape (dimensions, dimensions), not to be written to. */
  inverseRoot(): Float64Array {
    return this.#decomposed().inverse;
  }

  set(matrix: Float64Array): void {
    this.#matrix.set(matrix);
    this.#roots = null;
  }

  color(z: Float64Array, out: Float64Array): void {
    multiply(this.#decomposed().root, z, out);
  }

  whiten(y: Float64Array, out: Float64Array): void {
    multiply(this.#decomposed().inverse, y, out);
  }

  variance(j: number): number {
    return this.#matrix[j * (this.dimensions + 1)];
  }

  axes(): { readonly shortest: number; readonly longest: number } {
    return this.#decomposed();
  }

  update(keep: number, c1: number, path: Float64Array, weights: Float64Array, steps: Float64Array): void {
    const d = this.dimensions;
    const c = this.#matrix;
    for (let j = 0; j < d; j++)
      for (let k = 0; k <= j; k++) c[j * d + k] = keep * c[j * d + k] + c1 * path[j] * path[k];
    for (let i = 0; i < weights.length; i++) addOuterProduct(c, d, weights[i], steps, i * d);
    mirror(c, d);
    this.#roots = null;
  }

  #decomposed(): Roots {
    this.#roots ??= rootsOf(this.#matrix, this.dimensions);
    return this.#roots;
  }
}

/** The geometric mean of the standard deviations along the axes of a covariance matrix: det^(1 / 2d). */
export function meanAxis(matrix: Float64Array, d: number): number {
  const { values } = symmetricEigen(matrix, d);
  const floor = varianceFloor(Math.max(...values));
  let logs = 0;
  for (const value of values) logs += Math.log(Math.max(value, floor));
  return Math.exp(logs / (2 * d));
}

/** Too short axes are lengthened, in `matrix` too. */
function rootsOf(matrix: Float64Array, d: number): Roots {
  const { values, vectors } = symmetricEigen(matrix, d);
  const floor = varianceFloor(Math.max(...values));
  if (Math.min(...values) < floor) {
    for (let i = 0; i < d; i++) values[i] = Math.max(values[i], floor);
    matrix.set(withEigenvalues(values, vectors, d));
  }
  const lengths = values.map(Math.sqrt);
  return {
    root: withEigenvalues(lengths, vectors, d),
    inverse: withEigenvalues(
      lengths.map((x) => 1 / x),
      vectors,
      d,
    ),
    shortest: Math.min(...lengths),
    longest: Math.max(...lengths),
  };
}

function withEigenvalues(values: Float64Array, vectors: Float64Array, d: number): Float64Array {
  const matrix = new Float64Array(d * d);
  for (let i = 0; i < d; i++) addOuterProduct(matrix, d, values[i], vectors, i * d);
  mirror(matrix, d);
  return matrix;
}

/** Lower triangle of `matrix` += weight y y^T, where y is `rows` from `at` on. */
function addOuterProduct(
  matrix: Float64Array,
  d: number,
  weight: number,
  rows: Float64Array,
  at: number,
): void {
  for (let j = 0; j < d; j++) {
    const x = weight * rows[at + j];
    for (let k = 0; k <= j; k++) matrix[j * d + k] += x * rows[at + k];
  }
}

/** Copies the lower triangle to the upper one. */
function mirror(matrix: Float64Array, d: number): void {
  for (let j = 0; j < d; j++) for (let k = 0; k < j; k++) matrix[k * d + j] = matrix[j * d + k];
}

function multiply(matrix: Float64Array, x: Float64Array, out: Float64Array): void {
  const d = x.length;
  for (let j = 0; j < d; j++) {
    let sum = 0;
    for (let k = 0, at = j * d; k < d; k++, at++) sum += matrix[at] * x[k];
    out[j] = sum;
  }
}

function identity(d: number): Float64Array {
  const matrix = new Float64Array(d * d);
  for (let j = 0; j < d; j++) matrix[j * (d + 1)] = 1;
  return matrix;
}
