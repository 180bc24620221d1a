/** Extents that may be known only when the graph runs, and the shapes that follow from them. */
import { type Dim, elementCount, isStatic, type Shape, type Value } from './graph.ts';

/** One extent or index: a number, or an int64 scalar (or vector of one) that is known when the graph runs. */
export type Extent = number | Value;
/** A list of them, or one int64 vector. */
export type Extents = readonly Extent[] | Value;

/** INT64 as far as a double holds it: as a slice's end it means "to the end". */
export const TO_END = Number.MAX_SAFE_INTEGER;

export function constantExtent(item: Extent): number | null {
  if (typeof item === 'number') return item;
  return item.constant?.length === 1 ? item.constant[0] : null;
}

/** The dim that an extent gives: its number, or the name of the value that holds it. */
export function dimOf(item: Extent): Dim {
  return constantExtent(item) ?? (item as Value).symbol ?? (item as Value).name;
}

/** The dims that a list of extents gives; undefined if not even their number is known. */
export function dimsOf(list: Extents): Shape | undefined {
  if (Array.isArray(list)) return list.map(dimOf);
  const vector = list as Value;
  if (vector.constant !== undefined) return vector.constant;
  const length = vector.shape?.[0];
  return typeof length === 'number' ? Array.from({ length }, () => null) : undefined;
}

export function slicedDim(dim: Dim, start: Dim, end: Dim): Dim {
  if (start === 0 && typeof end === 'string') return end;
  if (start === 0 && end === TO_END) return dim;
  if (typeof start !== 'number' || typeof end !== 'number') return null;
  if (typeof dim === 'number') {
    const from = Math.min(start < 0 ? start + dim : start, dim);
    const to = Math.min(end < 0 ? end + dim : end, dim);
    return Math.max(0, to - from);
  }
  return null;
}

export function reshapedShape(from: Shape | undefined, to: Shape | undefined): Shape | undefined {
  if (to === undefined) return undefined;
  const copied = to.map((dim, axis) => (dim === 0 ? (from?.[axis] ?? null) : dim));
  const open = copied.indexOf(-1);
  if (open < 0) return copied;
  const rest = copied.filter((_, axis) => axis !== open);
  if (isStatic(from) && isStatic(rest)) return copied.with(open, elementCount(from) / elementCount(rest));
  return copied.with(open, leftOver(from, rest));
}

/** What -1 stands for, where all but one of the source's dims appear among the others; ones do not count. */
function leftOver(from: Shape | undefined, rest: Shape): Dim {
  if (from === undefined) return null;
  const left = from.filter((dim) => dim !== 1);
  for (const dim of rest.filter((other) => other !== 1)) {
    const match = dim === null ? -1 : left.indexOf(dim);
    if (match < 0) return null;
    left.splice(match, 1);
  }
  return left.length === 0 ? 1 : left.length === 1 ? left[0] : null;
}
