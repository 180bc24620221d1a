/** Search spaces inferred from history: pure functions of FrozenTrial[]. */
import { type Distribution, distributionsEqual, extendsChoices, type SearchSpace } from './distribution.ts';
import type { FrozenTrial } from './frozen-trial.ts';
import { jointSpace, unified } from './joint-space.ts';

/**
 * Parameters with the same distribution in every finished trial that has any (COMPLETE and PRUNED; with `includeRunning` also
 * RUNNING), sorted by name; single-valued ones are left out. Optuna: `IntersectionSearchSpace`. A categorical parameter whose
 * choices were added to is the same still, with all its choices.
 */
export function intersectionSearchSpace(
  trials: readonly FrozenTrial[],
  options: { includeRunning?: boolean } = {},
): SearchSpace {
  let common: Map<string, Distribution> | null = null;
  for (const { state, distributions } of trials) {
    if (!hasEnded(state) && !(options.includeRunning === true && state === 'RUNNING')) continue;
    if (common === null) {
      common = new Map(Object.entries(distributions));
      continue;
    }
    for (const [name, distribution] of common) {
      const both = Object.hasOwn(distributions, name) ? unified(distribution, distributions[name]) : null;
      if (both === null) common.delete(name);
      else common.set(name, both);
    }
  }
  return jointSpace(common ?? []);
}

/**
 * The parameters of finished trials (COMPLETE and PRUNED) in groups: two belong together if every trial has both or neither. So
 * each branch of a conditional space is a group. Sorted by name, as are their parameters; single-valued ones are left out.
 * Optuna: `_GroupDecomposedSearchSpace`. Of a distribution that changed, the newest counts, or that with all choices.
 */
export function groupDecomposedSearchSpace(trials: readonly FrozenTrial[]): readonly SearchSpace[] {
  const groups = new SearchSpaceGroups();
  for (const { state, distributions } of trials) if (hasEnded(state)) groups.add(distributions);
  return groups.spaces;
}

/** `groupDecomposedSearchSpace`, trial by trial. */
export class SearchSpaceGroups {
  #groups: Map<string, Distribution>[] = [];
  #spaces: readonly SearchSpace[] | null = [];

  /** Takes in the distributions of one more trial. */
  add(distributions: SearchSpace): void {
    const next: Map<string, Distribution>[] = [];
    const unknown = new Map(Object.entries(distributions));
    let isChanged = false;
    for (const group of this.#groups) {
      const present = new Map<string, Distribution>();
      const absent = new Map<string, Distribution>();
      for (const [name, known] of group) {
        const now = unknown.get(name);
        unknown.delete(name);
        if (now === undefined) absent.set(name, known);
        else {
          const newest = extendsChoices(now, known) ? known : now;
          isChanged ||= !distributionsEqual(newest, known);
          present.set(name, newest);
        }
      }
      next.push(...[present, absent].filter(({ size }) => size > 0));
    }
    if (unknown.size > 0) next.push(unknown);
    if (isChanged || next.length !== this.#groups.length) this.#spaces = null;
    this.#groups = next;
  }

  /** The groups so far; the same array as long as they stay the same. */
  get spaces(): readonly SearchSpace[] {
    this.#spaces ??= this.#groups
      .map(jointSpace)
      .filter((space) => Object.keys(space).length > 0)
      .sort((a, b) => (Object.keys(a)[0] < Object.keys(b)[0] ? -1 : 1));
    return this.#spaces;
  }
}

function hasEnded(state: FrozenTrial['state']): boolean {
  return state === 'COMPLETE' || state === 'PRUNED';
}
