import type { SearchSpace } from '../../src/core/distribution.ts';
import { SearchSpaceGroups } from '../../src/core/search-space.ts';
import { ChangeCursor, type History } from '../history-cache.ts';
import { declaredPart } from '../relative-space.ts';

/** `groupDecomposedSearchSpace` of a history that is followed, restricted to what the user declared. */
export class SpaceGroups {
  readonly #changes: ChangeCursor;
  readonly #groups = new SearchSpaceGroups();
  #last: {
    readonly of: object;
    readonly declared: SearchSpace;
    readonly spaces: readonly SearchSpace[];
  } | null = null;

  constructor(history: History) {
    this.#changes = new ChangeCursor(history);
  }

  /** The same array as long as nothing changes. */
  get(declared: SearchSpace | null): readonly SearchSpace[] {
    this.#changes.forEachChange(({ state, distributions }) => {
      if (state === 'COMPLETE' || state === 'PRUNED') this.#groups.add(distributions);
    });
    const all = this.#groups.spaces;
    if (declared === null) return all;
    if (this.#last?.of !== all || this.#last.declared !== declared) {
      const parts = all.map((space) => declaredPart(space, declared));
      const spaces = parts.filter((space) => Object.keys(space).length > 0);
      this.#last = { of: all, declared, spaces };
    }
    return this.#last.spaces;
  }
}
