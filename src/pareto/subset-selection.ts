/**
 * Hypervolume subset selection by the greedy rule, a (1 - 1/e)-approximation (Guerreiro, Fonseca and Paquete, "Greedy
 * Hypervolume Subset Selection in Low Dimensions", Evolutionary Computation 24(3), 2016). A point's gain only falls as
 * points are selected, so an old gain bounds the new one and most are never recomputed.
 */
import { hypervolume } from './hypervolume.ts';
import { compareRows, lexicographicOrder } from './rows.ts';

/**
 * The numbers of the `size` rows chosen for the largest joint hypervolume, in order of selection; equal rows are used once
 * unless `size` needs the copies. An infinite reference makes every choice equal: the lexicographically first are
 * taken.
 * @param losses shape (n, m), minimized, n >= size.
 */
export function selectByHypervolume(
  losses: Float64Array,
  reference: ArrayLike<number>,
  size: number,
): number[] {
  const m = reference.length;
  const order = lexicographicOrder(losses, m);
  if (size >= order.length) return [...order].sort((a, b) => a - b);
  const isCopy = (k: number): boolean => k > 0 && compareRows(losses, m, order[k], order[k - 1]) === 0;
  const unique = [...order].filter((_, k) => !isCopy(k));
  if (unique.length <= size) {
    const copies = [...order].filter((_, k) => isCopy(k)).sort((a, b) => a - b);
    return [...unique, ...copies.slice(0, size - unique.length)].sort((a, b) => a - b);
  }
  if (!Array.from(reference).every(Number.isFinite)) return unique.slice(0, size);
  return m === 2 ? greedy2d(losses, reference, unique, size) : greedy(losses, reference, unique, size);
}

/**
 * For rows of one front in order of the first objective, with falling second: what a row adds is a rectangle, which a selected row
 * to its right makes narrower and one to its left lower.
 */
function greedy2d(
  losses: Float64Array,
  reference: ArrayLike<number>,
  rows: readonly number[],
  size: number,
): number[] {
  const n = rows.length;
  const x = Float64Array.from(rows, (row) => losses[2 * row]);
  const y = Float64Array.from(rows, (row) => losses[2 * row + 1]);
  const right = new Float64Array(n).fill(reference[0]);
  const top = new Float64Array(n).fill(reference[1]);
  const isSelected = new Uint8Array(n);
  const selected: number[] = [];
  while (selected.length < size) {
    let best = -1;
    let largest = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < n; i++) {
      const gain = (right[i] - x[i]) * (top[i] - y[i]);
      if (isSelected[i] === 1 || (best >= 0 && !(gain > largest))) continue;
      best = i;
      largest = gain;
    }
    isSelected[best] = 1;
    selected.push(rows[best]);
    for (let i = 0; i < best; i++) right[i] = Math.min(right[i], x[best]);
    for (let i = best + 1; i < n; i++) top[i] = Math.min(top[i], y[best]);
  }
  return selected;
}

function greedy(losses: Float64Array, reference: ArrayLike<number>, rows: number[], size: number): number[] {
  const m = reference.length;
  const candidates = [...rows];
  const gains = candidates.map((row) => {
    let volume = 1;
    for (let j = 0; j < m; j++) volume *= reference[j] - losses[row * m + j];
    return volume;
  });
  const boxes = [...gains];
  const selected: number[] = [];
  while (true) {
    const best = gains.indexOf(gains.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY));
    selected.push(candidates[best]);
    if (selected.length === size) return selected;
    for (const list of [candidates, gains, boxes]) list.splice(best, 1);
    updateGains(losses, reference, candidates, boxes, gains, selected);
  }
}

/** Recomputes gains, largest bound first, until no remaining bound can win. */
function updateGains(
  losses: Float64Array,
  reference: ArrayLike<number>,
  candidates: readonly number[],
  boxes: readonly number[],
  gains: number[],
  selected: readonly number[],
): void {
  const m = reference.length;
  const limited = new Float64Array(selected.length * m);
  const byBound = candidates
    .map((_, i) => i)
    .sort((a, b) => (gains[a] === gains[b] ? a - b : gains[b] - gains[a]));
  let best = 0;
  for (const i of byBound) {
    if (boxes[i] === Number.POSITIVE_INFINITY) {
      gains[i] = best = Number.POSITIVE_INFINITY;
      continue;
    }
    if (gains[i] < best) continue;
    // H(S + i) - H(S) = H(i) - H(S cut to what i dominates).
    for (let s = 0; s < selected.length; s++)
      for (let j = 0; j < m; j++)
        limited[s * m + j] = Math.max(losses[selected[s] * m + j], losses[candidates[i] * m + j]);
    gains[i] = boxes[i] - hypervolume(limited, reference);
    best = Math.max(best, gains[i]);
  }
}
