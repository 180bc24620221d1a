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

/** Whether both hold the same numbers; NaN is the same as NaN, -0 is not 0. */
export function sameNumbers(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let j = 0; j < a.length; j++) if (!Object.is(a[j], b[j])) return false;
  return true;
}
