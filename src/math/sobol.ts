/**
 * Sobol' sequences (I. M. Sobol', USSR Comput. Math. Math. Phys. 7(4), 1967) in Gray-code order (Antonov and Saleev, 1979),
 * so the points are those of scipy.stats.qmc.Sobol: plain, or scrambled by random lower triangular matrices and a digital
 * shift (J. Matoušek, "On the L2-discrepancy for anchored boxes", J. Complexity 14, 1998), which keeps every net property.
 */
import { InvalidArgumentError } from '../core/errors.ts';
import { SOBOL_MAX_DIMENSIONS, sobolDirections } from './sobol-directions.ts';

export { SOBOL_MAX_DIMENSIONS } from './sobol-directions.ts';

const BITS = 32;
const SCALE = 2 ** -BITS;

/** Points of [0, 1)^dimensions, 2^32 of them, each coordinate a multiple of 2^-32. */
export class SobolSequence {
  readonly dimensions: number;
  /** Direction numbers, shape (BITS, dimensions). */
  readonly #directions: Uint32Array;
  /** Point 0. */
  readonly #shift: Uint32Array;

  /**
   * @param dimensions 1 to SOBOL_MAX_DIMENSIONS.
   * @param uniform numbers in [0, 1) to scramble with; null: the plain sequence, whose point 0 is the origin.
   * @throws InvalidArgumentError on other dimensions.
   */
  constructor(dimensions: number, uniform: (() => number) | null = null) {
    if (!Number.isInteger(dimensions) || dimensions < 1 || dimensions > SOBOL_MAX_DIMENSIONS)
      throw new InvalidArgumentError(
        `a Sobol' sequence has 1 to ${SOBOL_MAX_DIMENSIONS} dimensions, but ${dimensions} were asked for`,
      );
    this.dimensions = dimensions;
    this.#directions = new Uint32Array(BITS * dimensions);
    this.#shift = new Uint32Array(dimensions);
    for (let j = 0; j < dimensions; j++) {
      let directions = directionNumbers(j);
      if (uniform !== null) {
        directions = scrambled(directions, uniform);
        this.#shift[j] = word(uniform);
      }
      for (let k = 0; k < BITS; k++) this.#directions[k * dimensions + j] = directions[k];
    }
  }

  /** Point `index`, an integer in [0, 2^32). */
  point(index: number): Float64Array<ArrayBuffer> {
    return this.points(index, 1);
  }

  /** Points `first` to `first + count - 1`, shape (count, dimensions). A power of two of them from 0 is balanced. */
  points(first: number, count: number): Float64Array<ArrayBuffer> {
    if (!(Number.isInteger(first) && first >= 0 && first + count <= 2 ** BITS))
      throw new InvalidArgumentError(
        `a Sobol' sequence has the points 0 to 2^32 - 1, but ${first} + ${count} were asked for`,
      );
    const d = this.dimensions;
    const state = this.#stateAt(first);
    const points = new Float64Array(count * d);
    for (let i = 0; i < count; i++) {
      // The lowest bit set in the index is the one by which its Gray code differs from the last one.
      if (i > 0) this.#flip(state, 31 - Math.clz32((first + i) & -(first + i)));
      for (let j = 0; j < d; j++) points[i * d + j] = state[j] * SCALE;
    }
    return points;
  }

  #stateAt(index: number): Uint32Array {
    const state = this.#shift.slice();
    const gray = (index ^ (index >>> 1)) >>> 0;
    for (let k = 0; k < BITS; k++) if ((gray >>> k) & 1) this.#flip(state, k);
    return state;
  }

  #flip(state: Uint32Array, bit: number): void {
    const d = this.dimensions;
    const directions = this.#directions;
    for (let j = 0, at = bit * d; j < d; j++, at++) state[j] ^= directions[at];
  }
}

/** v_1 … v_32 of one dimension, the binary point before the highest bit. */
function directionNumbers(dimension: number): Uint32Array {
  const v = new Uint32Array(BITS);
  if (dimension === 0) return v.map((_, k) => 1 << (BITS - 1 - k));
  const { degree, coefficients, initial } = sobolDirections()[dimension - 1];
  for (let k = 0; k < BITS; k++) {
    if (k < degree) {
      v[k] = initial[k] << (BITS - 1 - k);
      continue;
    }
    v[k] = v[k - degree] ^ (v[k - degree] >>> degree);
    for (let i = 1; i < degree; i++) if ((coefficients >>> (degree - 1 - i)) & 1) v[k] ^= v[k - i];
  }
  return v;
}

/** A random lower triangular matrix over GF(2), ones on its diagonal, times every direction number. */
function scrambled(directions: Uint32Array, uniform: () => number): Uint32Array {
  // By column: bit b of a number decides about itself and at random about the bits below it.
  const columns = Uint32Array.from({ length: BITS }, (_, b) => {
    const own = 2 ** b;
    return own + (word(uniform) & (own - 1));
  });
  return directions.map((v) => {
    let product = 0;
    for (let b = 0; b < BITS; b++) if ((v >>> b) & 1) product ^= columns[b];
    return product;
  });
}

function word(uniform: () => number): number {
  return Math.floor(uniform() * 2 ** BITS);
}
