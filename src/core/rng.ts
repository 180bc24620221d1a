/**
 * The only source of randomness. A generator is keyed by what it is for — (seed, trial number, purpose) — so that
 * a draw never depends on how many draws were made elsewhere, and a resumed run draws what the first one did.
 */
import seedrandom from 'seedrandom';
import { InvalidArgumentError } from './errors.ts';

/** A generator of pseudorandom numbers, made by `Rng.keyed`: equal keys draw equal numbers. */
export class Rng {
  readonly #key: string;
  readonly #prng: seedrandom.PRNG;
  #spareNormal: number | null = null;

  private constructor(key: string) {
    this.#key = key;
    this.#prng = seedrandom.alea('', { state: stateOf(key) });
  }

  /** The generator of this key: `Rng.keyed(seed, trialNumber, 'tpe')`. */
  static keyed(...key: readonly (string | number)[]): Rng {
    return new Rng(key.join('/'));
  }

  /**
   * One number of this key, uniform in [0, 1), 53 bits: its hash, at a small part of the cost of a generator. It is not
   * the first number of `Rng.keyed`.
   */
  static uniformOf(...key: readonly (string | number)[]): number {
    begin(HASH_A, HASH_B);
    absorb(key.join('/'));
    return uniformOfHash();
  }

  /** An independent generator below this one's key; it does not advance this one. */
  fork(...purpose: readonly (string | number)[]): Rng {
    return new Rng(`${this.#key}/${purpose.join('/')}`);
  }

  /** Uniform in [0, 1), 53 bits. */
  uniform(): number {
    return this.#prng.double();
  }

  /** Uniform in [low, high). */
  uniformIn(low: number, high: number): number {
    return low + (high - low) * this.#prng.double();
  }

  /** Uniform integer in [0, n). */
  int(n: number): number {
    if (!(n >= 1)) throw new InvalidArgumentError(`Rng.int(n) needs n >= 1, but got ${n}`);
    return Math.floor(this.#prng.double() * n);
  }

  /** Standard normal (Box-Muller, both values used). */
  normal(): number {
    if (this.#spareNormal !== null) {
      const spare = this.#spareNormal;
      this.#spareNormal = null;
      return spare;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.#prng.double()));
    const angle = 2 * Math.PI * this.#prng.double();
    this.#spareNormal = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** One of the items, each as likely as the others. */
  pick<T>(items: readonly T[]): T {
    return items[this.int(items.length)];
  }

  /** A shuffled copy (Fisher-Yates). */
  shuffled<T>(items: readonly T[]): T[] {
    const result = [...items];
    for (let i = result.length - 1; i > 0; i--) {
      const j = this.int(i + 1);
      [result[i], result[j]] = [result[j], result[i]];
    }
    return result;
  }

  /** An index drawn with probability proportional to `weights`. */
  weightedIndex(weights: ArrayLike<number>): number {
    let total = 0;
    for (let i = 0; i < weights.length; i++) total += weights[i];
    let u = this.#prng.double() * total;
    for (let i = 0; i < weights.length - 1; i++) {
      u -= weights[i];
      if (u < 0) return i;
    }
    return weights.length - 1;
  }
}

/** `Rng.uniformOf` of many keys that begin alike: the beginning is hashed once. */
export class UniformsOf {
  readonly #a: number;
  readonly #b: number;

  constructor(...prefix: readonly (string | number)[]) {
    begin(HASH_A, HASH_B);
    absorb(`${prefix.join('/')}/`);
    this.#a = a;
    this.#b = b;
  }

  /** Equals `Rng.uniformOf(...prefix, rest)`. */
  at(rest: string): number {
    begin(this.#a, this.#b);
    absorb(rest);
    return uniformOfHash();
  }
}

/**
 * The state of a generator for a key.
 * Design note: seedrandom's own way from a seed to a state is slow, and mixes the last characters too little: the first
 * draws of neighboring keys (`…/g1`, `…/g2`) were visibly related (test/unit/rng.test.ts).
 */
function stateOf(key: string): seedrandom.State.Alea {
  begin(HASH_A, HASH_B);
  absorb(key);
  mix();
  const s0 = (a >>> 0) / 2 ** 32;
  const s1 = (b >>> 0) / 2 ** 32;
  mix();
  return { c: 1, s0, s1, s2: (a >>> 0) / 2 ** 32 };
}

const HASH_A = 0xdeadbeef;
const HASH_B = 0x41c6ce57;

// Two 32-bit multiplicative hashes of a key, cross-mixed in the end; in variables, since a pair would be allocated.
let a = 0;
let b = 0;

function begin(startA: number, startB: number): void {
  a = startA;
  b = startB;
}

function absorb(key: string): void {
  for (let i = 0; i < key.length; i++) {
    const c = key.charCodeAt(i);
    a = Math.imul(a ^ c, 2654435761);
    b = Math.imul(b ^ c, 1597334677);
  }
}

function mix(): void {
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
}

function uniformOfHash(): number {
  mix();
  return ((a >>> 5) * 2 ** 26 + (b >>> 6)) / 2 ** 53;
}
