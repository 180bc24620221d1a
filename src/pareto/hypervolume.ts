/**
 * Hypervolume: the measure of what a set of points dominates, up to a reference point. Two objectives: a sweep,
 * O(n log n). Three: a sweep over a two-dimensional staircase, O(n^2). More: WFG's exclusive volumes (While, Bradstreet
 * and Barone, "A Fast Way of Calculating Exact Hypervolumes", IEEE TEC 16(1), 2012).
 */
import { InvalidArgumentError } from '../core/errors.ts';
import { paretoFront } from './non-dominated-sort.ts';
import { lexicographicOrder, pickRows } from './rows.ts';

/**
 * @param losses shape (n, m), minimized; no point may lie beyond the reference point.
 * @param reference m numbers; if one is infinite the result is Infinity.
 * @throws InvalidArgumentError if a point is worse than the reference in some objective.
 */
export function hypervolume(losses: Float64Array, reference: ArrayLike<number>): number {
  const m = reference.length;
  for (let k = 0; k < losses.length; k++)
    if (!(losses[k] <= reference[k % m]))
      throw new InvalidArgumentError(
        `every point must dominate or equal the reference point, but objective ${k % m} of point ` +
          `${Math.floor(k / m)} is ${losses[k]} and the reference is ${reference[k % m]}; choose a worse reference`,
      );
  for (let j = 0; j < m; j++) if (!Number.isFinite(reference[j])) return Number.POSITIVE_INFINITY;
  const volume = volumeWithin(losses, reference);
  // Infinite losses can give Infinity - Infinity.
  return Number.isNaN(volume) ? Number.POSITIVE_INFINITY : volume;
}

/**
 * Returns what one more point adds to the hypervolume of others.
 * @param losses of the others, shape (n, m), minimized; as those of the point, none beyond the reference.
 */
export function hypervolumeGain(
  point: Float64Array,
  losses: Float64Array,
  reference: ArrayLike<number>,
): number {
  const m = reference.length;
  const limited = losses.map((loss, k) => Math.max(loss, point[k % m]));
  return boxVolume(point, reference, 0) - volumeWithin(nonDominated(limited, m), reference);
}

/** Returns what `hypervolume` does, for points that are known to lie within a finite reference. */
function volumeWithin(losses: Float64Array, reference: ArrayLike<number>): number {
  const m = reference.length;
  if (losses.length === 0) return 0;
  if (losses.length === m) return boxVolume(losses, reference, 0);
  if (m === 1) return reference[0] - losses.reduce((a, b) => Math.min(a, b));
  const order = lexicographicOrder(losses, m);
  if (m === 2) return sweep2d(losses, order, reference);
  if (m === 3) return sweep3d(losses, order, reference);
  return wfg(pickRows(losses, m, order), reference);
}

function boxVolume(losses: Float64Array, reference: ArrayLike<number>, row: number): number {
  let volume = 1;
  for (let j = 0; j < reference.length; j++) volume *= reference[j] - losses[row * reference.length + j];
  return volume;
}

function sweep2d(losses: Float64Array, order: Int32Array, reference: ArrayLike<number>): number {
  let volume = 0;
  let ceiling = reference[1];
  for (const row of order) {
    const y = losses[row * 2 + 1];
    if (y >= ceiling) continue;
    volume += (reference[0] - losses[row * 2]) * (ceiling - y);
    ceiling = y;
  }
  return volume;
}

/** Sweeps the first objective; the staircase holds the front of the other two, by increasing y and falling z. */
function sweep3d(losses: Float64Array, order: Int32Array, reference: ArrayLike<number>): number {
  const [endX, endY, endZ] = [reference[0], reference[1], reference[2]];
  const ys: number[] = [];
  const zs: number[] = [];
  let volume = 0;
  for (let k = 0; k < order.length; k++) {
    const y = losses[order[k] * 3 + 1];
    const z = losses[order[k] * 3 + 2];
    let at = 0;
    while (at < ys.length && ys[at] <= y) at++;
    if (at === 0 || zs[at - 1] > z) {
      const start = at > 0 && ys[at - 1] === y ? at - 1 : at;
      let end = at;
      while (end < zs.length && zs[end] >= z) end++;
      ys.splice(start, end - start, y);
      zs.splice(start, end - start, z);
    }
    const depth = (k + 1 < order.length ? losses[order[k + 1] * 3] : endX) - losses[order[k] * 3];
    if (depth === 0) continue;
    let area = 0;
    for (let i = 0; i < ys.length; i++)
      area += ((i + 1 < ys.length ? ys[i + 1] : endY) - ys[i]) * (endZ - zs[i]);
    volume += depth * area;
  }
  return volume;
}

/** Sum of what each point adds to those after it; shape (n, m), first objective ascending. */
function wfg(losses: Float64Array, reference: ArrayLike<number>): number {
  const m = reference.length;
  const n = losses.length / m;
  let volume = 0;
  for (let i = 0; i < n; i++)
    volume += hypervolumeGain(losses.subarray(i * m, (i + 1) * m), losses.subarray((i + 1) * m), reference);
  return volume;
}

function nonDominated(losses: Float64Array, m: number): Float64Array {
  if (losses.length <= 2 * m) return losses;
  const front = paretoFront(losses, m);
  return front.length * m === losses.length ? losses : pickRows(losses, m, front);
}
