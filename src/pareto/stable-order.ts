/** Below this length of a run, insertion is faster than merging. */
const RUN = 12;

/**
 * Sorts row numbers by `keys[row]`, ascending and in place; rows of equal keys keep their order. A merge sort without
 * callbacks, several times faster than `order.sort((a, b) => …)`.
 */
export function sortByKeys(order: Int32Array, keys: Float64Array): void {
  const n = order.length;
  for (let start = 0; start < n; start += RUN) insertionSort(order, keys, start, Math.min(start + RUN, n));
  if (n <= RUN) return;
  let from = order;
  let to: Int32Array = new Int32Array(n);
  for (let width = RUN; width < n; width *= 2) {
    for (let start = 0; start < n; start += 2 * width)
      merge(from, to, keys, start, Math.min(start + width, n), Math.min(start + 2 * width, n));
    [from, to] = [to, from];
  }
  if (from !== order) order.set(from);
}

function insertionSort(order: Int32Array, keys: Float64Array, start: number, end: number): void {
  for (let i = start + 1; i < end; i++) {
    const row = order[i];
    const key = keys[row];
    let k = i - 1;
    for (; k >= start && keys[order[k]] > key; k--) order[k + 1] = order[k];
    order[k + 1] = row;
  }
}

function merge(
  from: Int32Array,
  to: Int32Array,
  keys: Float64Array,
  start: number,
  middle: number,
  end: number,
): void {
  let left = start;
  let right = middle;
  for (let i = start; i < end; i++) {
    const takesRight = left >= middle || (right < end && keys[from[right]] < keys[from[left]]);
    to[i] = takesRight ? from[right++] : from[left++];
  }
}
