import type { SearchSpace } from '../../src/core/distribution.ts';
import { InvalidArgumentError } from '../../src/core/errors.ts';
import { type FrozenTrial, failedAtParams, type StudyDirection } from '../../src/core/frozen-trial.ts';
import { sameSpace } from '../../src/core/joint-space.ts';
import type { History } from '../history-cache.ts';
import { RelativeSpace } from '../relative-space.ts';
import { Evolution } from './evolution.ts';
import { CmaGenerations, type Lesson } from './generations.ts';
import { MirroredDraws } from './mirrored-draws.ts';
import type { Settings } from './options.ts';
import { rank, scoreOf } from './ranking.ts';
import { Restarts } from './restarts.ts';
import { INITIAL_SIGMA, type RunStart, type Variant } from './run.ts';
import { defaultPopsize } from './strategy.ts';
import { isNumeric, UnitSpace } from './unit-space.ts';
import { warmStart } from './warm-start.ts';

/** Attribute of a trial: its generation. Optuna's names. */
export const GENERATION_ATTR: Readonly<Record<Variant, string>> = {
  full: 'cma:generation',
  'adaptive rates': 'cma:generation',
  separable: 'sepcma:generation',
  margin: 'cmawm:generation',
};

/** One joint space and what its trials have led to. */
export interface Search {
  readonly space: SearchSpace;
  readonly direction: StudyDirection;
  readonly unitSpace: UnitSpace;
  readonly generations: CmaGenerations;
  readonly evolution: Evolution;
  readonly draws: MirroredDraws;
}

/** What is derived from the history of one study. */
export class CmaStudy {
  readonly #history: History;
  readonly #settings: Settings;
  readonly #relativeSpace: RelativeSpace;
  #numeric: { readonly of: SearchSpace; readonly space: SearchSpace } | null = null;
  #search: Search | null = null;

  constructor(history: History, settings: Settings) {
    this.#history = history;
    this.#settings = settings;
    const states = settings.considerPrunedTrials
      ? (['COMPLETE', 'PRUNED'] as const)
      : (['COMPLETE'] as const);
    this.#relativeSpace = new RelativeSpace(history, states);
  }

  numericSpace(declared: SearchSpace | null): SearchSpace {
    const of = this.#relativeSpace.get(declared);
    if (this.#numeric?.of !== of)
      this.#numeric = {
        of,
        space: Object.fromEntries(Object.entries(of).filter(([, d]) => isNumeric(d))),
      };
    return this.#numeric.space;
  }

  search(space: SearchSpace, direction: StudyDirection): Search {
    const last = this.#search;
    if (last !== null && last.direction === direction && sameSpace(last.space, space)) return last;
    this.#search = this.#newSearch(space, direction);
    return this.#search;
  }

  #newSearch(space: SearchSpace, direction: StudyDirection): Search {
    const { variant, considerPrunedTrials, restartStrategy, seed } = this.#settings;
    const unitSpace = new UnitSpace(space, variant === 'margin');
    const lessonOf = (trial: FrozenTrial): Lesson => {
      const isRanked = scoreOf(trial, considerPrunedTrials) !== null;
      if (!(isRanked || failedAtParams(trial)) || !unitSpace.holds(trial.params)) return null;
      return isRanked ? 'rank' : 'failure';
    };
    const generations = new CmaGenerations(this.#history, GENERATION_ATTR[variant], lessonOf);
    const start = this.#start(unitSpace, direction);
    const plan = {
      unitSpace,
      start,
      restarts: () => (restartStrategy === null ? null : new Restarts(restartStrategy, seed, start.popsize)),
      rank: (trials: readonly FrozenTrial[]) => rank(trials, direction, considerPrunedTrials),
    };
    return {
      space,
      direction,
      unitSpace,
      generations,
      evolution: new Evolution(plan, generations),
      draws: new MirroredDraws(seed, unitSpace.dimensions),
    };
  }

  #start(unitSpace: UnitSpace, direction: StudyDirection): RunStart {
    const { variant, popsize, sourceTrials, sourceSpread, considerPrunedTrials } = this.#settings;
    const { dimensions, gridSizes } = unitSpace;
    const region =
      sourceTrials === null
        ? { mean: new Float64Array(dimensions).fill(0.5), sigma: INITIAL_SIGMA, covariance: null }
        : warmStart(sourcePoints(sourceTrials, unitSpace, direction, considerPrunedTrials), sourceSpread);
    return { variant, popsize: popsize ?? defaultPopsize(dimensions), gridSizes, ...region };
  }
}

/** Best first. */
function sourcePoints(
  trials: readonly FrozenTrial[],
  unitSpace: UnitSpace,
  direction: StudyDirection,
  considerPrunedTrials: boolean,
): readonly Float64Array[] {
  const usable = trials.filter((t) => scoreOf(t, considerPrunedTrials) !== null && unitSpace.holds(t.params));
  if (usable.length === 0)
    throw new InvalidArgumentError(
      'sourceTrials must hold finished trials with every numeric parameter of this study, inside its bounds, but of ' +
        `${trials.length} there is none; give trials of a study with the same space, or null`,
    );
  return rank(usable, direction, considerPrunedTrials).map(({ trial }) => {
    const point = new Float64Array(unitSpace.dimensions);
    unitSpace.toUnit(trial.params, point, 0);
    return point;
  });
}
