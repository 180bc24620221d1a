import type { FrozenTrial } from '../core/frozen-trial.ts';

/**
 * Keeps what was derived from a history for as long as that history is there: a running trial is judged at each of its steps,
 * against the same one.
 */
export class PerHistory<T> {
  readonly #known = new WeakMap<
    readonly FrozenTrial[],
    { length: number; readonly values: Map<string, T> }
  >();

  /** Returns what was derived from these trials under this key, or derives it. */
  get(trials: readonly FrozenTrial[], key: string, derive: () => T): T {
    let entry = this.#known.get(trials);
    if (entry?.length !== trials.length) {
      entry = { length: trials.length, values: new Map() };
      this.#known.set(trials, entry);
    }
    if (!entry.values.has(key)) entry.values.set(key, derive());
    return entry.values.get(key)!;
  }
}
