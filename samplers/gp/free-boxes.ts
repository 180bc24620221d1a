/** A partition into boxes of what a Pareto front does not dominate, up to a reference point. */

/** Shape (n, m) each; `low` may be -Infinity. */
export interface Boxes {
  readonly low: Float64Array;
  readonly high: Float64Array;
  readonly n: number;
  readonly m: number;
}

interface Box {
  readonly low: readonly number[];
  readonly high: readonly number[];
}

/**
 * Sweeps the last objective: between two neighboring values of it, what is free is so in the other objectives alone. A
 * box that stays free over several such slabs is one box, so that there are O(n) of them for two and three objectives.
 * @param front shape (n, m), losses; points that do not lie before the reference in all objectives have no influence.
 */
export function freeBoxes(front: Float64Array, reference: Float64Array): Boxes {
  const m = reference.length;
  const points = Array.from({ length: front.length / m }, (_, i) => front.subarray(i * m, i * m + m)).filter(
    (point) => point.every((loss, j) => loss < reference[j]),
  );
  const boxes = partition(points, reference, m);
  return {
    low: Float64Array.from(boxes.flatMap(({ low }) => low)),
    high: Float64Array.from(boxes.flatMap(({ high }) => high)),
    n: boxes.length,
    m,
  };
}

/** Returns the free boxes of the first m objectives. */
function partition(points: readonly Float64Array[], reference: Float64Array, m: number): Box[] {
  const last = m - 1;
  if (m === 1) {
    const high = points.reduce((least, point) => Math.min(least, point[0]), reference[0]);
    return [{ low: [Number.NEGATIVE_INFINITY], high: [high] }];
  }
  const sorted = [...points].sort((a, b) => a[last] - b[last]);
  const done: Box[] = [];
  let open = new Map<string, { readonly box: Box; readonly from: number }>();
  for (let i = 0; i <= sorted.length; i++) {
    const from = i === 0 ? Number.NEGATIVE_INFINITY : sorted[i - 1][last];
    const to = i === sorted.length ? reference[last] : sorted[i][last];
    if (from === to) continue;
    const still: typeof open = new Map();
    for (const box of partition(sorted.slice(0, i), reference, last)) {
      const key = `${box.low} ${box.high}`;
      still.set(key, open.get(key) ?? { box, from });
    }
    for (const [key, { box, from: start }] of open)
      if (!still.has(key)) done.push({ low: [...box.low, start], high: [...box.high, from] });
    open = still;
  }
  for (const { box, from } of open.values())
    done.push({ low: [...box.low, from], high: [...box.high, reference[last]] });
  return done;
}
