import { partitionPoint } from '../../src/math/bisect.ts';

/**
 * Places for the kernels of one mixture: whatever is kept per kernel is an array over slots, and a slot that a kernel leaves is
 * used again.
 */
export class KernelSlots {
  /** Trial number by slot. */
  numbers = new Int32Array(16);
  /** The first `size` entries are the slots in use, by increasing trial number. */
  byAge = new Int32Array(16);
  size = 0;
  readonly #free: number[] = [];
  #next = 0;

  /** Arrays over slots must have at least this length. */
  get capacity(): number {
    return this.numbers.length;
  }

  add(number: number): number {
    if (this.size === this.capacity) {
      this.numbers = grown(this.numbers, 2 * this.capacity);
      this.byAge = grown(this.byAge, 2 * this.capacity);
    }
    const slot = this.#free.pop() ?? this.#next++;
    const at = this.#position(number);
    this.byAge.copyWithin(at + 1, at, this.size++);
    this.byAge[at] = slot;
    this.numbers[slot] = number;
    return slot;
  }

  remove(slot: number): void {
    const at = this.#position(this.numbers[slot]);
    this.byAge.copyWithin(at, at + 1, this.size--);
    this.#free.push(slot);
  }

  #position(number: number): number {
    const { numbers, byAge } = this;
    // Most often it is the newest.
    if (this.size > 0 && numbers[byAge[this.size - 1]] < number) return this.size;
    return partitionPoint(this.size, (rank) => numbers[byAge[rank]] < number);
  }
}

export function grown<A extends Float64Array | Int32Array | Uint8Array>(array: A, length: number): A {
  const result = new (array.constructor as new (length: number) => A)(length);
  result.set(array);
  return result;
}
