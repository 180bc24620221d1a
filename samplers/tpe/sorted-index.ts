import { partitionPoint } from '../../src/math/bisect.ts';

/** Ids (small integers) in order of a key, ties by id. Insertion and removal are a binary search and one block move. */
export class SortedIndex {
  /** Key of each id; NaN if it is not in the index. */
  keys = new Float64Array(64).fill(Number.NaN);
  /** The first `size` entries are the ids in order. */
  order = new Int32Array(64);
  size = 0;

  has(id: number): boolean {
    return id < this.keys.length && !Number.isNaN(this.keys[id]);
  }

  /** Puts `id` at `key`, wherever it was before; NaN takes it out. */
  set(id: number, key: number): void {
    if (this.has(id)) {
      const at = this.#position(id, this.keys[id]);
      this.order.copyWithin(at, at + 1, this.size--);
      this.keys[id] = Number.NaN;
    }
    if (Number.isNaN(key)) return;
    this.#reserve(id);
    const at = this.#position(id, key);
    this.order.copyWithin(at + 1, at, this.size++);
    this.order[at] = id;
    this.keys[id] = key;
  }

  /** The first `n` ids, or all. */
  first(n: number): number[] {
    return [...this.order.subarray(0, Math.min(n, this.size))];
  }

  /** Where (key, id) stands or would stand. */
  #position(id: number, key: number): number {
    const { keys, order } = this;
    return partitionPoint(this.size, (rank) => {
      const other = order[rank];
      return keys[other] < key || (keys[other] === key && other < id);
    });
  }

  #reserve(id: number): void {
    if (id >= this.keys.length) {
      const keys = new Float64Array(Math.max(id + 1, this.keys.length * 2)).fill(Number.NaN);
      keys.set(this.keys);
      this.keys = keys;
    }
    if (this.size >= this.order.length) {
      const order = new Int32Array(this.order.length * 2);
      order.set(this.order);
      this.order = order;
    }
  }
}
