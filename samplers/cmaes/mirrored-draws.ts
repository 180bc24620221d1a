import { Rng } from '../../src/core/rng.ts';
import { addScaled, dot, norm } from '../../src/math/vector.ts';

interface Block {
  readonly generation: number;
  readonly index: number;
  readonly rng: Rng;
  /** Orthogonal to each other, as long as normal vectors are. */
  readonly vectors: Float64Array[];
}

/**
 * Standard normal vectors for the trials of a generation. The second of two neighbors is the first one mirrored, and as many
 * pairs as there are dimensions are orthogonal to each other: each vector is normal, but together they cover the directions
 * evenly (H. Wang, M. Emmerich, T. Bäck, Mirrored orthogonal sampling for covariance matrix adaptation evolution strategies,
 * Evolutionary Computation 27(4), 2019).
 */
export class MirroredDraws {
  readonly #seed: number;
  readonly #dimensions: number;
  /** The last one asked for: a cache. */
  #block: Block | null = null;

  constructor(seed: number, dimensions: number) {
    this.#seed = seed;
    this.#dimensions = dimensions;
  }

  /** @param slot 0, 1, 2 … within the generation. */
  vector(generation: number, slot: number): Float64Array {
    const pair = slot >> 1;
    const { vectors } = this.#blockWith(
      generation,
      Math.floor(pair / this.#dimensions),
      pair % this.#dimensions,
    );
    const vector = vectors[pair % this.#dimensions];
    if (slot % 2 === 0) return vector;
    const mirrored = new Float64Array(vector.length);
    for (let j = 0; j < vector.length; j++) mirrored[j] = -vector[j];
    return mirrored;
  }

  #blockWith(generation: number, index: number, last: number): Block {
    if (this.#block?.generation !== generation || this.#block.index !== index)
      this.#block = {
        generation,
        index,
        rng: Rng.keyed(this.#seed, 'cmaes', generation, index),
        vectors: [],
      };
    const { vectors, rng } = this.#block;
    while (vectors.length <= last) vectors.push(normalVectorAcross(vectors, this.#dimensions, rng));
    return this.#block;
  }
}

/** A normal vector, turned so that it is orthogonal to fewer than `d` orthogonal others. */
function normalVectorAcross(others: readonly Float64Array[], d: number, rng: Rng): Float64Array {
  const vector = new Float64Array(d);
  for (;;) {
    for (let j = 0; j < d; j++) vector[j] = rng.normal();
    const length = norm(vector);
    for (const other of others) addScaled(vector, other, -dot(vector, other) / dot(other, other));
    const rest = norm(vector);
    // What cancellation has left over points anywhere.
    if (rest <= 1e-6 * length) continue;
    for (let j = 0; j < d; j++) vector[j] *= length / rest;
    return vector;
  }
}
