/** The random numbers of BBOB's instances: COCO's generator of 2009, so that an instance is the same function here and there. */

/** A square matrix by rows. */
export type Matrix = readonly (readonly number[])[];

const MULTIPLIER = 16807;
const MODULUS = 2147483647;
const QUOTIENT = 127773;
const REMAINDER = 2836;
const SHUFFLED = 32;

/** `n` numbers in (0, 1): the minimal standard generator (Park and Miller, CACM 31(10), 1988), shuffled by a table of 32. */
export function uniforms(n: number, seed: number): number[] {
  let state = Math.max(1, Math.abs(seed));
  const next = (): number => {
    const high = Math.floor(state / QUOTIENT);
    state = MULTIPLIER * (state - high * QUOTIENT) - REMAINDER * high;
    if (state < 0) state += MODULUS;
    return state;
  };
  const warmUp = Array.from({ length: 40 }, next).reverse();
  const table = warmUp.slice(0, SHUFFLED);
  let drawn = table[0];
  return Array.from({ length: n }, () => {
    const replacement = next();
    const place = Math.floor(drawn / 67108865);
    drawn = table[place];
    table[place] = replacement;
    return drawn === 0 ? 1e-99 : drawn / MODULUS;
  });
}

/** `n` standard normal numbers (Box-Muller). */
export function normals(n: number, seed: number): number[] {
  const u = uniforms(2 * n, seed);
  return Array.from({ length: n }, (_, i) => {
    const value = Math.sqrt(-2 * Math.log(u[i])) * Math.cos(2 * Math.PI * u[n + i]);
    return value === 0 ? 1e-99 : value;
  });
}

/** A rotation: normal numbers, filled in by columns, made orthonormal column by column (Gram-Schmidt). */
export function rotation(dimension: number, seed: number): Matrix {
  const numbers = normals(dimension * dimension, seed);
  const columns = Array.from({ length: dimension }, (_, j) =>
    numbers.slice(j * dimension, (j + 1) * dimension),
  );
  const dot = (a: readonly number[], b: readonly number[]): number =>
    a.reduce((sum, value, k) => sum + value * b[k], 0);
  columns.forEach((column, i) => {
    for (const earlier of columns.slice(0, i)) {
      const overlap = dot(column, earlier);
      for (let k = 0; k < dimension; k++) column[k] -= overlap * earlier[k];
    }
    const length = Math.sqrt(dot(column, column));
    for (let k = 0; k < dimension; k++) column[k] /= length;
  });
  return Array.from({ length: dimension }, (_, row) => columns.map((column) => column[row]));
}

/** The index of each of `values` in their increasing order: a random permutation, of random values. */
export function permutation(values: readonly number[]): number[] {
  return Array.from(values.keys()).sort((a, b) => values[a] - values[b]);
}
