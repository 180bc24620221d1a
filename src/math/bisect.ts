/** Binary search, and the order of numbers that may be infinite. */

/** Returns the first index of `n` at which `isBefore` no longer holds; it must hold for some first indices and no later ones. */
export function partitionPoint(n: number, isBefore: (index: number) => boolean): number {
  let low = 0;
  let high = n;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Returns how many of the first `n` ascending numbers are less than `x`. */
export function lowerBound(ascending: ArrayLike<number>, x: number, n = ascending.length): number {
  let low = 0;
  let high = n;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle] < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Returns how many of the first `n` ascending numbers are at most `x`. */
export function upperBound(ascending: ArrayLike<number>, x: number, n = ascending.length): number {
  let low = 0;
  let high = n;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle] <= x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Compares for an ascending sort; unlike a difference, it is right for equal infinities. */
export function ascending(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
