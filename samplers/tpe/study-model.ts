import type { SearchSpace } from '../../src/core/distribution.ts';
import type { StudyDirection } from '../../src/core/frozen-trial.ts';
import { sameSpace } from '../../src/core/joint-space.ts';
import type { SamplerContext } from '../../src/core/sampler.ts';
import { SearchSpaceGroups } from '../../src/core/search-space.ts';
import { ChangeCursor, type History } from '../history-cache.ts';
import { RelativeSpace, unconditional } from '../relative-space.ts';
import { ParzenEstimator } from './parzen-estimator.ts';
import { defaultGamma, TrialSplitter } from './split.ts';

/** What TPE derives from the history of one study. */
export class TpeStudyModel {
  readonly #history: History;
  readonly #nObjectives: number;
  readonly #splitter: TrialSplitter;
  readonly #relativeSpace: RelativeSpace;
  readonly #groups = new SearchSpaceGroups();
  readonly #toGroup: ChangeCursor;
  /** By the names of the space. */
  readonly #estimators = new Map<string, Followed>();
  #last: { readonly space: SearchSpace; readonly followed: Followed } | null = null;
  #merged: { readonly of: readonly SearchSpace[]; readonly space: SearchSpace } | null = null;

  constructor(history: History, directions: readonly StudyDirection[], constantLiar: boolean) {
    this.#history = history;
    this.#nObjectives = directions.length;
    this.#splitter = new TrialSplitter(history, directions, constantLiar);
    this.#relativeSpace = new RelativeSpace(history, ['COMPLETE', 'PRUNED']);
    this.#toGroup = new ChangeCursor(history);
  }

  /** Number of complete and pruned trials. */
  get nFinished(): number {
    return this.#splitter.nFinished;
  }

  /** The spaces that are each drawn from jointly: one, or the groups of parameters that occur together. */
  jointSpaces({ declaredSpace, conditions }: SamplerContext, isGrouped: boolean): readonly SearchSpace[] {
    if (!isGrouped) return [this.#relativeSpace.get(declaredSpace, conditions)];
    if (this.nFinished === 0) return [unconditional(declaredSpace, conditions)];
    this.#toGroup.forEachChange(({ state, distributions }) => {
      if (state === 'COMPLETE' || state === 'PRUNED') this.#groups.add(distributions);
    });
    return this.#groups.spaces(declaredSpace);
  }

  /** All parameters of joint spaces; the same object as long as the spaces are the same. */
  merged(spaces: readonly SearchSpace[]): SearchSpace {
    if (spaces.length === 1) return spaces[0];
    if (this.#merged?.of !== spaces)
      this.#merged = {
        of: spaces,
        space: Object.fromEntries(spaces.flatMap((space) => Object.entries(space))),
      };
    return this.#merged.space;
  }

  /** The densities of one space, up to date. */
  estimator(space: SearchSpace): ParzenEstimator {
    const { estimator, changes } = this.#followed(space);
    const splitter = this.#splitter;
    changes.forEachChange((trial) => {
      estimator.observe(trial, splitter.counts(trial));
    });
    const below = splitter.below(defaultGamma(splitter.nFinished, this.#nObjectives));
    estimator.split(below, (number) => this.#history.trials[number]!);
    return estimator;
  }

  #followed(space: SearchSpace): Followed {
    if (this.#last?.space === space) return this.#last.followed;
    const followed = this.#knownOrNew(space);
    this.#last = { space, followed };
    return followed;
  }

  #knownOrNew(space: SearchSpace): Followed {
    const key = Object.keys(space).join('\n');
    const known = this.#estimators.get(key);
    if (known !== undefined && sameSpace(known.space, space)) return known;
    const estimator = new ParzenEstimator(space, this.#nObjectives > 1 ? 'equal' : 'recency');
    const followed = { space, estimator, changes: new ChangeCursor(this.#history) };
    this.#estimators.set(key, followed);
    return followed;
  }
}

interface Followed {
  readonly space: SearchSpace;
  readonly estimator: ParzenEstimator;
  readonly changes: ChangeCursor;
}
