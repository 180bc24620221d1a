/** The transformations that BBOB's functions are made of (Hansen, Finck, Ros and Auger, INRIA RR-6829, 2009, section 0.2). */
import type { Matrix } from './random.ts';

export type Vector = readonly number[];

/** (i / (D - 1)) of coordinate i, counted from 0. */
export function progress(i: number, dimension: number): number {
  return i / (dimension - 1);
}

export function minus(x: Vector, origin: Vector): Vector {
  return x.map((value, i) => value - origin[i]);
}

export function times(matrix: Matrix, x: Vector): Vector {
  return matrix.map((row) => sumOf(row, (value, j) => value * x[j]));
}

/** Lambda^alpha: coordinate i is multiplied by alpha^(i / (D - 1) / 2). */
export function scales(dimension: number, alpha: number): Vector {
  return Array.from({ length: dimension }, (_, i) => Math.sqrt(alpha) ** progress(i, dimension));
}

export function scaled(factors: Vector, x: Vector): Vector {
  return x.map((value, i) => factors[i] * value);
}

/** A Lambda^alpha B as one matrix. */
export function conditioned(a: Matrix, alpha: number, b: Matrix): Matrix {
  const factors = scales(a.length, alpha);
  return a.map((row) => {
    const product = row.map(() => 0);
    // Row by row of B: columns of a large matrix are slow to read.
    row.forEach((value, k) => {
      const factor = value * factors[k];
      for (let j = 0; j < product.length; j++) product[j] += factor * b[k][j];
    });
    return product;
  });
}

/** T_osz: wriggles about the identity, smooth and the same at every scale. */
export function oscillate(value: number): number {
  if (value === 0) return 0;
  const t = Math.log(Math.abs(value)) / 0.1;
  return value > 0
    ? Math.exp(t + 0.49 * (Math.sin(t) + Math.sin(0.79 * t))) ** 0.1
    : -(Math.exp(t + 0.49 * (Math.sin(0.55 * t) + Math.sin(0.31 * t))) ** 0.1);
}

/** T_asy^beta: stretches positive coordinates, the later the more. */
export function asymmetric(x: Vector, beta: number): Vector {
  return x.map((value, i) =>
    value > 0 ? value ** (1 + beta * progress(i, x.length) * Math.sqrt(value)) : value,
  );
}

/** f_pen: squared distance to the box [-bound, bound]. */
export function outside(x: Vector, bound = 5): number {
  return sumOf(x, (value) => Math.max(0, Math.abs(value) - bound) ** 2);
}

export function sumOf(x: Vector, term: (value: number, i: number) => number): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += term(x[i], i);
  return sum;
}

/** Halves away from minus infinity, as COCO rounds. */
export function roundHalfUp(value: number): number {
  return Math.floor(value + 0.5);
}
