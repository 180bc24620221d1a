/**
 * Learns the merges of byte-pair encoding (Sennrich et al. 2016, arXiv 1508.07909, algorithm 1): again and again the most frequent pair
 * of neighbors in the words of a text becomes a token. The result is that of HuggingFace's trainer, whose order this has: of equally
 * frequent pairs the one of lower ids, characters being numbered by code point.
 */

/** Starts every word, in place of the space before it. */
export const WORD_MARK = '▁';

export interface BpeMerges {
  /** By code point. */
  readonly characters: readonly string[];
  /** The most frequent first. */
  readonly merges: readonly (readonly [string, string])[];
}

/** How often each word, with its mark, is in the lines. */
export function countWords(lines: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of lines)
    for (const run of line.split(WHITE_SPACE)) {
      if (run === '') continue;
      const marked = run.startsWith(WORD_MARK) ? run : WORD_MARK + run;
      for (const word of marked.match(WORDS) ?? []) counts.set(word, (counts.get(word) ?? 0) + 1);
    }
  return counts;
}

/** Unicode's property White_Space. */
const WHITE_SPACE = /[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/u;
const WORDS = new RegExp(`${WORD_MARK}[^${WORD_MARK}]*`, 'gu');

/**
 * The most frequent characters that together are this share of the text (all that are as frequent as the last of them included), by code
 * point; the mark is always one of them.
 */
export function coveringCharacters(words: ReadonlyMap<string, number>, coverage: number): string[] {
  const counts = new Map<string, number>();
  let total = 0;
  for (const [word, count] of words)
    for (const character of word) {
      counts.set(character, (counts.get(character) ?? 0) + count);
      total += count;
    }
  const byCount = [...counts].sort(([, a], [, b]) => b - a);
  const kept = new Set([WORD_MARK]);
  let covered = 0;
  let least = 0;
  for (const [character, count] of byCount) {
    if (covered >= coverage * total && count < least) break;
    kept.add(character);
    covered += count;
    least = count;
  }
  return [...kept].sort((a, b) => a.codePointAt(0)! - b.codePointAt(0)!);
}

/** @param size how many tokens characters and merges make together, if the text has so many. */
export function learnMerges(
  words: ReadonlyMap<string, number>,
  characters: readonly string[],
  size: number,
): BpeMerges {
  const tokens = [...characters];
  const idOf = new Map(tokens.map((token, id) => [token, id]));
  const { pieces, frequencies } = piecesOf(words, idOf);
  const counts = new Map<number, number>();
  const queue = new PairQueue();
  const push = (places: ReadonlyMap<number, Set<number>>): void => {
    for (const [pair, where] of places) {
      const count = counts.get(pair) ?? 0;
      if (count > 0) queue.push({ pair, count, where });
    }
  };
  const add = (places: Map<number, Set<number>>, pair: number, count: number, piece: number): void => {
    counts.set(pair, (counts.get(pair) ?? 0) + count);
    if (count <= 0) return;
    const where = places.get(pair);
    if (where === undefined) places.set(pair, new Set([piece]));
    else where.add(piece);
  };

  const first = new Map<number, Set<number>>();
  pieces.forEach((ids, piece) => {
    for (let i = 0; i + 1 < ids.length; i++)
      add(first, pairOf(ids[i], ids[i + 1]), frequencies[piece], piece);
  });
  push(first);

  const merges: [string, string][] = [];
  const merged = new Set<number>();
  while (tokens.length < size) {
    const top = queue.pop();
    if (top === undefined) break;
    const count = counts.get(top.pair) ?? 0;
    if (count !== top.count) {
      // Merges since it was queued have used some of its places up.
      if (count > 0) queue.push({ ...top, count });
      continue;
    }
    const [left, right] = [Math.floor(top.pair / PAIR_BASE), top.pair % PAIR_BASE];
    const token = tokens[left] + tokens[right];
    let id = idOf.get(token);
    if (id === undefined) {
      id = tokens.push(token) - 1;
      idOf.set(token, id);
    }
    if (!merged.has(top.pair)) merges.push([tokens[left], tokens[right]]);
    merged.add(top.pair);
    const places = new Map<number, Set<number>>();
    for (const piece of top.where)
      mergeIn(pieces[piece], left, right, id, (pair, change) =>
        add(places, pair, change * frequencies[piece], piece),
      );
    push(places);
  }
  return { characters, merges };
}

/** Words as ids of characters; one with a character that is left out is several pieces. */
function piecesOf(
  words: ReadonlyMap<string, number>,
  idOf: ReadonlyMap<string, number>,
): { pieces: number[][]; frequencies: number[] } {
  const pieces: number[][] = [];
  const frequencies: number[] = [];
  const keep = (ids: number[], count: number): void => {
    if (ids.length === 0) return;
    pieces.push(ids);
    frequencies.push(count);
  };
  for (const [word, count] of words) {
    let ids: number[] = [];
    for (const character of word) {
      const id = idOf.get(character);
      if (id !== undefined) ids.push(id);
      else {
        keep(ids, count);
        ids = [];
      }
    }
    keep(ids, count);
  }
  return { pieces, frequencies };
}

/** Replaces the pair in a piece, from left to right, and tells which pairs of neighbors went (-1) and came (+1). */
function mergeIn(
  ids: number[],
  left: number,
  right: number,
  merged: number,
  tell: (pair: number, change: 1 | -1) => void,
): void {
  for (let i = 0; i + 1 < ids.length; i++) {
    if (ids[i] !== left || ids[i + 1] !== right) continue;
    if (i > 0) {
      tell(pairOf(ids[i - 1], left), -1);
      tell(pairOf(ids[i - 1], merged), 1);
    }
    ids.splice(i, 2, merged);
    if (i + 1 < ids.length) {
      tell(pairOf(right, ids[i + 1]), -1);
      tell(pairOf(merged, ids[i + 1]), 1);
    }
  }
}

/** A pair of ids as one number, which sorts as the pair does. */
const PAIR_BASE = 2 ** 26;
const pairOf = (left: number, right: number): number => left * PAIR_BASE + right;

interface QueuedPair {
  readonly pair: number;
  /** How often it occurred when it was queued. */
  readonly count: number;
  /** Pieces that it may be in. */
  readonly where: ReadonlySet<number>;
}

const isBefore = (a: QueuedPair, b: QueuedPair): boolean =>
  a.count !== b.count ? a.count > b.count : a.pair < b.pair;

/** A binary heap: the most frequent pair comes out first. */
class PairQueue {
  readonly #heap: QueuedPair[] = [];

  push(item: QueuedPair): void {
    const heap = this.#heap;
    let at = heap.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(item, heap[parent])) break;
      heap[at] = heap[parent];
      at = parent;
    }
    heap[at] = item;
  }

  pop(): QueuedPair | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child++;
      if (child >= heap.length || !isBefore(heap[child], last)) break;
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = last;
    return top;
  }
}
