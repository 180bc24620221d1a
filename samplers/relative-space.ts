import { type Conditions, NO_CONDITIONS } from '../src/core/conditions.ts';
import type { Distribution, SearchSpace } from '../src/core/distribution.ts';
import type { FrozenTrial, TrialState } from '../src/core/frozen-trial.ts';
import { declaredPart, jointSpace, unified } from '../src/core/joint-space.ts';
import { ChangeCursor, type History } from './history-cache.ts';

/**
 * The parameters that can be drawn jointly: those with one and the same distribution in every trial of the given states
 * (as `intersectionSearchSpace`, kept up to date in O(new trials)), restricted to what the user declared.
 */
export class RelativeSpace {
  readonly #history: History;
  readonly #changes: ChangeCursor;
  readonly #states: readonly TrialState[];
  /** Whether a trial has been intersected, by its number. */
  readonly #counted: boolean[] = [];
  #common: Map<string, Distribution> | null = null;
  #space: SearchSpace | null = null;
  #declared: { readonly space: SearchSpace; readonly of: SearchSpace; readonly part: SearchSpace } | null =
    null;

  constructor(history: History, states: readonly TrialState[]) {
    this.#history = history;
    this.#changes = new ChangeCursor(history);
    this.#states = states;
  }

  /** Sorted by name, without single-valued distributions. Before the first trial: what exists always of the declared space. */
  get(declared: SearchSpace | null, conditions: Conditions = NO_CONDITIONS): SearchSpace {
    let isOutdated = false;
    this.#changes.forEachChange((trial) => {
      // What a running trial had not yet suggested must not stay left out.
      if (this.#counted[trial.number] === true) isOutdated = true;
      else this.#intersect(trial);
    });
    if (isOutdated) this.#recount();
    if (this.#common === null) return unconditional(declared, conditions);
    this.#space ??= jointSpace(this.#common);
    if (declared === null) return this.#space;
    if (this.#declared?.space !== declared || this.#declared.of !== this.#space)
      this.#declared = { space: declared, of: this.#space, part: declaredPart(this.#space, declared) };
    return this.#declared.part;
  }

  #recount(): void {
    this.#common = null;
    this.#space = null;
    for (const trial of this.#history.trials) if (trial !== undefined) this.#intersect(trial);
  }

  #intersect(trial: FrozenTrial): void {
    if (!this.#states.includes(trial.state)) return;
    this.#counted[trial.number] = true;
    if (this.#common === null) {
      this.#common = new Map(Object.entries(trial.distributions));
      return;
    }
    for (const [name, distribution] of this.#common) {
      const other = Object.hasOwn(trial.distributions, name) ? trial.distributions[name] : undefined;
      if (other === distribution) continue;
      const both = other === undefined ? null : unified(distribution, other);
      if (both === distribution) continue;
      if (both === null) this.#common.delete(name);
      else this.#common.set(name, both);
      this.#space = null;
    }
  }
}

/** The parameters of a declared space that no choice of another one can take away. */
export function unconditional(declared: SearchSpace | null, conditions: Conditions): SearchSpace {
  return jointSpace(Object.entries(declared ?? {}).filter(([name]) => !conditions.has(name)));
}
