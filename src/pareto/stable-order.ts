/** Below this length of a run, insertion is faster than merging. */
const RUN = 12;

/**
 * Sorts row numbers by objective `j` of their rows, ascending and in place; rows of equal values keep their order. A merge
 * sort without callbacks, several times faster than `order.sort((a, b) => …)`.
 * @param losses row-major, `m` values per row.
 */
export function sortByObjective(order: Int32Array, losses: Float64Array, m: number, j: number): void {
  const n = order.length;
  if (isAscending(order, losses, m, j)) return;
  if (isFalling(order, losses, m, j)) {
    order.reverse();
    return;
  }
  for (let start = 0; start < n; start += RUN)
    insertionSort(order, losses, m, j, start, Math.min(start + RUN, n));
  if (n <= RUN) return;
  let from = order;
  let to: Int32Array = new Int32Array(n);
  for (let width = RUN; width < n; width *= 2) {
    for (let start = 0; start < n; start += 2 * width) {
      const middle = Math.min(start + width, n);
      merge(from, to, losses, m, j, start, middle, Math.min(middle + width, n));
    }
    [from, to] = [to, from];
  }
  if (from !== order) order.set(from);
}

function isAscending(order: Int32Array, losses: Float64Array, m: number, j: number): boolean {
  let k = 1;
  while (k < order.length && losses[order[k - 1] * m + j] <= losses[order[k] * m + j]) k++;
  return k >= order.length;
}

/** Strictly, so that no equal rows change places. */
function isFalling(order: Int32Array, losses: Float64Array, m: number, j: number): boolean {
  let k = 1;
  while (k < order.length && losses[order[k - 1] * m + j] > losses[order[k] * m + j]) k++;
  return k >= order.length;
}

function insertionSort(
  order: Int32Array,
  losses: Float64Array,
  m: number,
  j: number,
  start: number,
  end: number,
): void {
  for (let i = start + 1; i < end; i++) {
    const row = order[i];
    const value = losses[row * m + j];
    let k = i - 1;
    for (; k >= start && losses[order[k] * m + j] > value; k--) order[k + 1] = order[k];
    order[k + 1] = row;
  }
}

function merge(
  from: Int32Array,
  to: Int32Array,
  losses: Float64Array,
  m: number,
  j: number,
  start: number,
  middle: number,
  end: number,
): void {
  let left = start;
  let right = middle;
  for (let i = start; i < end; i++) {
    const takesRight =
      left >= middle || (right < end && losses[from[right] * m + j] < losses[from[left] * m + j]);
    to[i] = takesRight ? from[right++] : from[left++];
  }
}
