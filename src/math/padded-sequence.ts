/**
 * Sequences of more dimensions than a low-discrepancy sequence has: blocks of dimensions, each from the same sequence, but in another
 * order of its points, so that blocks are as independent as random points and each is as even as the sequence (A. B. Owen, "Latin
 * supercube sampling for very high-dimensional simulations", ACM TOMACS 8(1), 1998; shuffled as in B. Burley, "Practical hash-based
 * Owen scrambling", JCGT 9(4), 2020, which keeps the first 2^k points of a block together).
 */

/** What gives points of [0, 1)^d by their index, an integer in [0, 2^32). */
export interface PointSequence {
  readonly dimensions: number;
  point(index: number): Float64Array<ArrayBuffer>;
}

export class PaddedSequence implements PointSequence {
  readonly dimensions: number;
  readonly #blocks: readonly PointSequence[];
  /** One for each block; the first keeps the order of its points. */
  readonly #seeds: readonly number[];

  /**
   * @param make the sequence in some dimensions, scrambled by numbers in [0, 1) unless these are null.
   * @param most how many dimensions it has at most.
   */
  constructor(
    make: (dimensions: number, uniform: (() => number) | null) => PointSequence,
    most: number,
    dimensions: number,
    uniform: (() => number) | null = null,
  ) {
    this.dimensions = dimensions;
    const sizes: number[] = [];
    for (let left = dimensions; left > 0; left -= most) sizes.push(Math.min(left, most));
    this.#blocks = sizes.map((size) => make(size, uniform));
    this.#seeds = sizes.map((_, b) =>
      uniform === null || b === 0 ? Math.imul(b, 0x9e3779b9) >>> 0 : Math.floor(uniform() * 2 ** 32),
    );
  }

  point(index: number): Float64Array<ArrayBuffer> {
    const point = new Float64Array(this.dimensions);
    let start = 0;
    this.#blocks.forEach((block, b) => {
      point.set(block.point(b === 0 ? index : shuffled(index, this.#seeds[b])), start);
      start += block.dimensions;
    });
    return point;
  }
}

/** A permutation of [0, 2^32) that keeps every aligned run of 2^k indices together (Laine and Karras's hash, on reversed bits). */
function shuffled(index: number, seed: number): number {
  let x = (reversed(index) + seed) | 0;
  x ^= Math.imul(x, 0x6c50b47c);
  x ^= Math.imul(x, 0xb82f1e52);
  x ^= Math.imul(x, 0xc7afe638);
  x ^= Math.imul(x, 0x8d22f6e6);
  return reversed(x) >>> 0;
}

function reversed(word: number): number {
  let x = word;
  x = ((x >>> 1) & 0x55555555) | ((x & 0x55555555) << 1);
  x = ((x >>> 2) & 0x33333333) | ((x & 0x33333333) << 2);
  x = ((x >>> 4) & 0x0f0f0f0f) | ((x & 0x0f0f0f0f) << 4);
  x = ((x >>> 8) & 0x00ff00ff) | ((x & 0x00ff00ff) << 8);
  return (x >>> 16) | (x << 16);
}
