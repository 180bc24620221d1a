import {
  type Distribution,
  distributionsEqual,
  isSingle,
  type SearchSpace,
} from '../src/core/distribution.ts';
import type { FrozenTrial, TrialState } from '../src/core/frozen-trial.ts';
import { ChangeCursor, type History } from './history-cache.ts';

/**
 * The parameters that can be drawn jointly: those with one and the same distribution in every trial of the given states
 * (as `intersectionSearchSpace`, kept up to date in O(new trials)), restricted to what the user declared.
 */
export class RelativeSpace {
  readonly #changes: ChangeCursor;
  readonly #states: readonly TrialState[];
  #common: Map<string, Distribution> | null = null;
  #space: SearchSpace | null = null;

  constructor(history: History, states: readonly TrialState[]) {
    this.#changes = new ChangeCursor(history);
    this.#states = states;
  }

  /** Sorted by name, without single-valued distributions. Before the first trial: the declared space. */
  get(declared: SearchSpace | null): SearchSpace {
    this.#changes.forEachChange((trial) => this.#intersect(trial));
    if (this.#common === null) return joint(Object.entries(declared ?? {}));
    this.#space ??= joint([...this.#common]);
    if (declared === null) return this.#space;
    const within = ([name, d]: [string, Distribution]): boolean =>
      name in declared && distributionsEqual(d, declared[name]);
    const entries = Object.entries(this.#space);
    return entries.every(within) ? this.#space : Object.fromEntries(entries.filter(within));
  }

  #intersect(trial: FrozenTrial): void {
    if (!this.#states.includes(trial.state)) return;
    if (this.#common === null) {
      this.#common = new Map(Object.entries(trial.distributions));
      return;
    }
    for (const [name, distribution] of this.#common) {
      const other = trial.distributions[name];
      if (other !== undefined && distributionsEqual(distribution, other)) continue;
      this.#common.delete(name);
      this.#space = null;
    }
  }
}

function joint(entries: readonly [string, Distribution][]): SearchSpace {
  const kept = entries.filter(([, d]) => !isSingle(d));
  return Object.fromEntries(kept.sort(([a], [b]) => (a < b ? -1 : 1)));
}
