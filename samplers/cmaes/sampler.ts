import {
  type Distribution,
  distributionsEqual,
  type ParamValue,
  type SearchSpace,
} from '../../src/core/distribution.ts';
import { InvalidArgumentError, ThanosError } from '../../src/core/errors.ts';
import type { Attrs, FrozenTrial, StudyDirection } from '../../src/core/frozen-trial.ts';
import type { RelativeSample, Sampler, SamplerContext } from '../../src/core/sampler.ts';
import { type History, StudyCaches } from '../history-cache.ts';
import { BOOLEAN, checkOptions, integerFrom, type OptionRule, orNull, SEED } from '../options.ts';
import { RelativeSpace } from '../relative-space.ts';
import { trialRng } from '../trial-rng.ts';
import { sampleUniformFor } from '../uniform.ts';
import { DRAWN_ATTR, Evolution } from './evolution.ts';
import { Generations } from './generations.ts';
import { MirroredDraws } from './mirrored-draws.ts';
import { rank, scoreOf } from './ranking.ts';
import { type RestartStrategy, Restarts } from './restarts.ts';
import type { RunStart, Variant } from './run.ts';
import { defaultPopsize } from './strategy.ts';
import { isNumeric, UnitSpace } from './unit-space.ts';
import { warmStart } from './warm-start.ts';

export interface CmaEsSamplerOptions {
  /** An integer >= 0; default 0: two runs of one program draw the same. Give each run its own to make them differ. */
  readonly seed?: number;
  /** As long as fewer trials than this have finished, sample uniformly. Default 1. */
  readonly nStartupTrials?: number;
  /** Trials per generation, at least 2; default (null) 4 + floor(3 ln d) for d parameters. */
  readonly popsize?: number | null;
  /** Keep ints and stepped floats from freezing at one value (CMA-ES with margin). Default false. */
  readonly withMargin?: boolean;
  /** Learn variances alone, no correlations: faster to adapt, and cheap in hundreds of dimensions. Default false. */
  readonly useSeparableCma?: boolean;
  /** Adapt the learning rates, for noisy or multimodal objectives and thousands of trials. Default false. */
  readonly lrAdapt?: boolean;
  /** Learn from PRUNED trials too, by their last report. Default false. */
  readonly considerPrunedTrials?: boolean;
  /** Start anew when a run has converged; default null: go on at the point of convergence. */
  readonly restartStrategy?: RestartStrategy | null;
  /** Trials of a similar study, to start from where they were best instead of from the centre. */
  readonly sourceTrials?: readonly FrozenTrial[] | null;
  /** Draws what CMA-ES cannot: categorical parameters, and those that not every trial has. Default: uniformly. */
  readonly independentSampler?: Sampler | null;
}

const RULES: Readonly<Record<keyof CmaEsSamplerOptions, OptionRule>> = {
  seed: SEED,
  nStartupTrials: integerFrom(0),
  popsize: orNull(integerFrom(2)),
  withMargin: BOOLEAN,
  useSeparableCma: BOOLEAN,
  lrAdapt: BOOLEAN,
  considerPrunedTrials: BOOLEAN,
  restartStrategy: {
    what: "'ipop', 'bipop' or null",
    accepts: (value) => value === null || value === 'ipop' || value === 'bipop',
  },
  sourceTrials: orNull({ what: 'a list of trials', accepts: Array.isArray }),
  independentSampler: orNull({
    what: 'a sampler',
    accepts: (value) => typeof value === 'object' && value !== null && 'sampleIndependent' in value,
  }),
};

/** A sixth of the unit cube, as Optuna. */
const SIGMA0 = 1 / 6;

const GENERATION_ATTR: Readonly<Record<Variant, string>> = {
  full: 'cma:generation',
  'adaptive rates': 'cma:generation',
  separable: 'sepcma:generation',
  margin: 'cmawm:generation',
};

/**
 * CMA-ES over the numeric parameters (N. Hansen, arXiv:1604.00772) with Optuna's defaults, attributes and scaling: the unit
 * cube, in log space for `log`. Everything else is drawn independently. Its state is nowhere stored: a trial carries its
 * generation (`cma:generation`), and telling the generations of the history gives the state, also after a study that Optuna has
 * run. Feasible trials rank before infeasible ones.
 *
 * Throws UNSUPPORTED for several objectives.
 */
export class CmaEsSampler implements Sampler {
  readonly name = 'cmaes';
  readonly seed: number;
  readonly options: Attrs;
  readonly capabilities = { multiObjective: false, constraints: true, categorical: true, defineByRun: true };
  readonly #settings: Settings;
  readonly #independent: Sampler | null;
  readonly #studies: StudyCaches<CmaStudy>;

  /** @throws InvalidArgumentError on an unknown option, a value that it cannot have, or options that exclude each other. */
  constructor(options: CmaEsSamplerOptions = {}) {
    checkOptions('the cmaes sampler', options, RULES);
    const settings: Settings = {
      seed: options.seed ?? 0,
      nStartupTrials: options.nStartupTrials ?? 1,
      variant: variantOf(options),
      popsize: options.popsize ?? null,
      considerPrunedTrials: options.considerPrunedTrials ?? false,
      restartStrategy: options.restartStrategy ?? null,
      sourceTrials: options.sourceTrials ?? null,
    };
    this.seed = settings.seed;
    this.#settings = settings;
    this.#independent = options.independentSampler ?? null;
    this.#studies = new StudyCaches((history) => new CmaStudy(history, settings));
    this.options = {
      seed: this.seed,
      nStartupTrials: settings.nStartupTrials,
      popsize: settings.popsize,
      withMargin: settings.variant === 'margin',
      useSeparableCma: settings.variant === 'separable',
      lrAdapt: settings.variant === 'adaptive rates',
      considerPrunedTrials: settings.considerPrunedTrials,
      restartStrategy: settings.restartStrategy,
      sourceTrials: settings.sourceTrials?.length ?? null,
      independentSampler:
        this.#independent === null
          ? null
          : { name: this.#independent.name, options: this.#independent.options },
    };
  }

  inferRelativeSearchSpace(context: SamplerContext): SearchSpace {
    if (context.directions.length > 1)
      throw new ThanosError(
        'UNSUPPORTED',
        `the cmaes sampler needs one objective, but the study has ${context.directions.length}; use tpe or nsga2`,
      );
    return this.#studies.of(context).numericSpace(context.declaredSpace);
  }

  sampleRelative(context: SamplerContext, space: SearchSpace): RelativeSample {
    if (Object.keys(space).length === 0) return { params: {} };
    const { evolution, generations, draws, unitSpace } = this.#studies
      .of(context)
      .search(space, context.directions[0]);
    const { generation, run } = evolution.current();
    if (generations.nFinished < this.#settings.nStartupTrials) return { params: {} };
    const rng = trialRng(this.seed, context, 'cmaes');
    const normal = (): number => rng.normal();
    const z =
      context.attempt === 0
        ? draws.vector(generation, generations.sizeOf(generation))
        : Float64Array.from({ length: unitSpace.dimensions }, normal);
    const point = run.draw(z, normal);
    const params: Record<string, ParamValue> = {};
    unitSpace.names.forEach((name, j) => {
      params[name] = unitSpace.value(j, run.encode(j, point[j]));
    });
    const systemAttrs = { [GENERATION_ATTR[this.#settings.variant]]: generation };
    const isItself = point.every((x, j) => x >= 0 && x <= 1 && !run.isDiscrete(j));
    return { params, systemAttrs: isItself ? systemAttrs : { ...systemAttrs, [DRAWN_ATTR]: [...point] } };
  }

  sampleIndependent(context: SamplerContext, name: string, distribution: Distribution): ParamValue {
    return this.#independent === null
      ? sampleUniformFor(this.seed, context, name, distribution)
      : this.#independent.sampleIndependent(context, name, distribution);
  }
}

interface Settings {
  readonly seed: number;
  readonly nStartupTrials: number;
  readonly variant: Variant;
  readonly popsize: number | null;
  readonly considerPrunedTrials: boolean;
  readonly restartStrategy: RestartStrategy | null;
  readonly sourceTrials: readonly FrozenTrial[] | null;
}

interface Search {
  readonly space: SearchSpace;
  readonly direction: StudyDirection;
  readonly unitSpace: UnitSpace;
  readonly generations: Generations;
  readonly evolution: Evolution;
  readonly draws: MirroredDraws;
}

/** What is derived from the history of one study. */
class CmaStudy {
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
    if (last !== null && last.direction === direction && isSameSpace(last.space, space)) return last;
    this.#search = this.#newSearch(space, direction);
    return this.#search;
  }

  #newSearch(space: SearchSpace, direction: StudyDirection): Search {
    const { variant, considerPrunedTrials, restartStrategy, seed } = this.#settings;
    const unitSpace = new UnitSpace(space, variant === 'margin');
    const generations = new Generations(
      this.#history,
      GENERATION_ATTR[variant],
      (trial) => scoreOf(trial, considerPrunedTrials) !== null && unitSpace.isCovered(trial.params),
    );
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
    const { variant, popsize, sourceTrials, considerPrunedTrials } = this.#settings;
    const { dimensions, gridSizes } = unitSpace;
    const region =
      sourceTrials === null
        ? { mean: new Float64Array(dimensions).fill(0.5), sigma: SIGMA0, covariance: null }
        : warmStart(sourcePoints(sourceTrials, unitSpace, direction, considerPrunedTrials));
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
  const usable = trials.filter(
    (t) => scoreOf(t, considerPrunedTrials) !== null && unitSpace.isCovered(t.params),
  );
  const points = rank(usable, direction, considerPrunedTrials).map(({ trial }) => {
    const point = new Float64Array(unitSpace.dimensions);
    unitSpace.toUnit(trial.params, point, 0);
    return point;
  });
  const inside = points.filter((point) => point.every((x) => x >= 0 && x <= 1));
  if (inside.length === 0)
    throw new InvalidArgumentError(
      'sourceTrials must hold finished trials with every numeric parameter of this study, inside its bounds, but of ' +
        `${trials.length} there is none; give trials of a study with the same space, or null`,
    );
  return inside;
}

function variantOf({ withMargin, useSeparableCma, lrAdapt, sourceTrials }: CmaEsSamplerOptions): Variant {
  const chosen = Object.entries({ withMargin, useSeparableCma, lrAdapt }).filter(([, isOn]) => isOn === true);
  if (chosen.length > 1)
    throw new InvalidArgumentError(
      `withMargin, useSeparableCma and lrAdapt exclude each other, but ${chosen.map(([name]) => name).join(' and ')} are true; choose one`,
    );
  if (useSeparableCma === true && (sourceTrials ?? null) !== null)
    throw new InvalidArgumentError(
      'sourceTrials and useSeparableCma exclude each other, but both are given; leave one out',
    );
  if (withMargin === true) return 'margin';
  if (useSeparableCma === true) return 'separable';
  return lrAdapt === true ? 'adaptive rates' : 'full';
}

function isSameSpace(a: SearchSpace, b: SearchSpace): boolean {
  if (a === b) return true;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && distributionsEqual(a[name], b[name]))
  );
}
