/** Search spaces inferred from history: pure functions of FrozenTrial[]. */
import type { Distribution, SearchSpace } from './distribution.ts';
import { InvalidArgumentError } from './errors.ts';
import type { FrozenTrial } from './frozen-trial.ts';
import { declaredPart, jointSpace, unified } from './joint-space.ts';

import { BOOLEAN, checkOptions } from './option-rules.ts';
import { shown } from './shown.ts';
/**
 * Parameters with the same distribution in every finished trial that has any (COMPLETE and PRUNED; with `includeRunning` also
 * RUNNING), sorted by name; single-valued ones are left out. Optuna: `IntersectionSearchSpace`. A categorical parameter whose
 * choices were added to is the same still, with all its choices.
 */
export function intersectionSearchSpace(
  trials: readonly FrozenTrial[],
  options: { includeRunning?: boolean | undefined } = {},
): SearchSpace {
  assertTrials(trials);
  checkOptions('intersectionSearchSpace', options, { includeRunning: BOOLEAN });
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
 * each branch of a conditional space is a group. Sorted by name, as are their parameters; single-valued ones are left out, as are
 * those whose distribution changed otherwise than by added choices. Optuna: `_GroupDecomposedSearchSpace`.
 */
export function groupDecomposedSearchSpace(trials: readonly FrozenTrial[]): readonly SearchSpace[] {
  assertTrials(trials);
  const groups = new SearchSpaceGroups();
  for (const { state, distributions } of trials) if (hasEnded(state)) groups.add(distributions);
  return groups.spaces(null);
}

/** `groupDecomposedSearchSpace`, trial by trial. */
export class SearchSpaceGroups {
  /** With the newest distributions, or those with all choices. */
  #groups: Map<string, Distribution>[] = [];
  /** Names whose distribution changed. */
  readonly #unstable = new Set<string>();
  #last: { readonly declared: SearchSpace | null; readonly spaces: readonly SearchSpace[] } | null = null;

  /** Takes in the distributions of one more trial. */
  add(distributions: SearchSpace): void {
    if (this.#changesNothing(distributions)) return;
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
          const both = unified(known, now);
          if (both === null) this.#unstable.add(name);
          isChanged ||= both !== known;
          present.set(name, both ?? now);
        }
      }
      next.push(...[present, absent].filter(({ size }) => size > 0));
    }
    if (unknown.size > 0) next.push(unknown);
    if (isChanged || next.length !== this.#groups.length) this.#last = null;
    this.#groups = next;
  }

  /** Whether the trial has some of the groups as they are, whole, and nothing else. Most trials are like others before. */
  #changesNothing(distributions: SearchSpace): boolean {
    let nKnown = 0;
    for (const group of this.#groups) {
      let nPresent = 0;
      for (const [name, known] of group) {
        if (!Object.hasOwn(distributions, name)) continue;
        if (unified(known, distributions[name]) !== known) return false;
        nPresent++;
      }
      if (nPresent > 0 && nPresent < group.size) return false;
      nKnown += nPresent;
    }
    return nKnown === Object.keys(distributions).length;
  }

  /**
   * The groups so far, the same array as long as nothing changes. Of a declared space: what it has of them, with its
   * distributions, a changed one too if it is now as declared.
   */
  spaces(declared: SearchSpace | null): readonly SearchSpace[] {
    if (this.#last === null || this.#last.declared !== declared) {
      const spaces = this.#groups
        .map((group) => this.#spaceOf(group, declared))
        .filter((space) => Object.keys(space).length > 0)
        .sort((a, b) => (Object.keys(a)[0] < Object.keys(b)[0] ? -1 : 1));
      this.#last = { declared, spaces };
    }
    return this.#last.spaces;
  }

  #spaceOf(group: ReadonlyMap<string, Distribution>, declared: SearchSpace | null): SearchSpace {
    if (declared !== null) return declaredPart(jointSpace(group), declared);
    return jointSpace([...group].filter(([name]) => !this.#unstable.has(name)));
  }
}

function assertTrials(trials: unknown): void {
  if (!Array.isArray(trials))
    throw new InvalidArgumentError(`trials must be a list, but are ${shown(trials)}`);
}

function hasEnded(state: FrozenTrial['state']): boolean {
  return state === 'COMPLETE' || state === 'PRUNED';
}
