/**
 * Values so far away from all others that beside them these would look the same: penalties of 1e30 for what has failed, a loss that
 * has diverged. They are moved to where they are worse than the others and no more.
 *
 * Design note: Optuna models them as they are. Ax clips what lies beyond the quartiles by 1.5 times their distance; here nothing
 * changes unless there is a gap, however long a tail is, and the order stays.
 */

/** A gap of more than so many times what the values before it span is closed, if at least half of all lie before it … */
const WIDE = 20;
/** … or if some lie before it. */
const VERY_WIDE = 1000;
const SOME = { share: 0.1, count: 4 };

/** Losses without wide gaps: a copy, or the same array if there are none. */
export function closeGapsAbove(losses: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const least = losses.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const closed = closeGaps(losses.map((loss) => distance(loss, least)));
  return closed === null ? losses : closed.map((d) => least + d);
}

/** Returns constraint values without wide gaps on either side of zero: a copy, or the same array if there are none. */
export function closeGapsAroundZero(values: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const closed = closeGaps(values.map(Math.abs));
  return closed === null ? values : closed.map((d, i) => (values[i] < 0 ? -d : d));
}

/** Returns the distances from what is best with wide gaps closed; null if no gap is wide. */
function closeGaps(distances: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> | null {
  const n = distances.length;
  const order = Array.from(distances.keys()).sort((a, b) => distances[a] - distances[b]);
  const closed = distances.slice();
  const some = Math.max(SOME.count, SOME.share * n);
  let isChanged = false;
  for (let k = 1; k < n; k++) {
    const [before, here] = [order[k - 1], order[k]];
    const gap = distances[here] - distances[before];
    const span = closed[before];
    const limit = 2 * k >= n ? WIDE : k >= some ? VERY_WIDE : Number.POSITIVE_INFINITY;
    const isWide = span > 0 && gap > limit * span;
    isChanged ||= isWide;
    closed[here] = span + (isWide ? span : gap);
  }
  return isChanged ? closed : null;
}

function distance(a: number, b: number): number {
  return Math.min(a - b, Number.MAX_VALUE);
}
