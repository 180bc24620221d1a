/**
 * Halton sequences (J. H. Halton, Numer. Math. 2, 1960): coordinate j is the radical inverse of the index in the j-th prime,
 * as scipy.stats.qmc.Halton; plain, or with every digit place permuted at random (A. B. Owen, arXiv 1706.02808, 2017).
 */
import { InvalidArgumentError } from '../core/errors.ts';

/** The number of primes below 2^16. */
export const HALTON_MAX_DIMENSIONS = 6542;

/** Points of [0, 1)^dimensions. */
export class HaltonSequence {
  readonly dimensions: number;
  readonly #bases: readonly number[];
  /** Permutations of the digits of each dimension, place after place; null for the plain sequence. */
  readonly #permutations: readonly Uint16Array[] | null;

  /**
   * @param dimensions 1 to HALTON_MAX_DIMENSIONS.
   * @param uniform numbers in [0, 1) to scramble with; null: the plain sequence, whose point 0 is the origin.
   * @throws InvalidArgumentError on other dimensions.
   */
  constructor(dimensions: number, uniform: (() => number) | null = null) {
    if (!Number.isInteger(dimensions) || dimensions < 1 || dimensions > HALTON_MAX_DIMENSIONS)
      throw new InvalidArgumentError(
        `a Halton sequence has 1 to ${HALTON_MAX_DIMENSIONS} dimensions, but ${dimensions} were asked for`,
      );
    this.dimensions = dimensions;
    this.#bases = firstPrimes(dimensions);
    this.#permutations =
      uniform === null ? null : this.#bases.map((base) => digitPermutations(base, uniform));
  }

  /** Point `index`, an integer >= 0. */
  point(index: number): Float64Array<ArrayBuffer> {
    const permutations = this.#permutations;
    return Float64Array.from(this.#bases, (base, j) =>
      permutations === null ? radicalInverse(index, base) : permutedInverse(index, base, permutations[j]),
    );
  }
}

function radicalInverse(index: number, base: number): number {
  let inverse = 0;
  for (let rest = index, unit = 1 / base; rest > 0; rest = Math.floor(rest / base), unit /= base)
    inverse += (rest % base) * unit;
  return inverse;
}

/** All places are permuted, those of leading zeros too. */
function permutedInverse(index: number, base: number, permutations: Uint16Array): number {
  let inverse = 0;
  let rest = index;
  let unit = 1 / base;
  for (let place = 0; place < permutations.length; place += base) {
    inverse += permutations[place + (rest % base)] * unit;
    rest = Math.floor(rest / base);
    unit /= base;
  }
  return Math.min(inverse, 1 - Number.EPSILON / 2);
}

/** Returns random permutations of 0 … base - 1, one for each digit that a double has in this base. */
function digitPermutations(base: number, uniform: () => number): Uint16Array {
  const places = Math.ceil(54 / Math.log2(base)) - 1;
  const permutations = Uint16Array.from({ length: places * base }, (_, i) => i % base);
  for (let start = 0; start < permutations.length; start += base)
    for (let i = base - 1; i > 0; i--) {
      const [a, b] = [start + i, start + Math.floor(uniform() * (i + 1))];
      [permutations[a], permutations[b]] = [permutations[b], permutations[a]];
    }
  return permutations;
}

function firstPrimes(count: number): number[] {
  const primes: number[] = [];
  for (let n = 2; primes.length < count; n++) if (isPrime(n, primes)) primes.push(n);
  return primes;
}

/** @param smaller every prime below n. */
function isPrime(n: number, smaller: readonly number[]): boolean {
  for (const p of smaller) {
    if (p * p > n) return true;
    if (n % p === 0) return false;
  }
  return true;
}
