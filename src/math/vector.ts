/** Arithmetic of vectors of one length. */

export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += a[j] * b[j];
  return sum;
}

export function norm(a: ArrayLike<number>): number {
  return Math.sqrt(dot(a, a));
}

/** a += scale b. */
export function addScaled(a: number[] | Float64Array, b: ArrayLike<number>, scale: number): void {
  for (let j = 0; j < a.length; j++) a[j] += scale * b[j];
}
