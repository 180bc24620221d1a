import { didYouMean } from '../src/core/did-you-mean.ts';
import {
  categoricalDistribution,
  type Distribution,
  isSingle,
  type ParamValue,
  type SearchSpace,
} from '../src/core/distribution.ts';
import { InvalidArgumentError, SearchSpaceExhaustedError, ThanosError } from '../src/core/errors.ts';
import { type FrozenTrial, SYSTEM_ATTR } from '../src/core/frozen-trial.ts';
import { isPlainObject, setOwn } from '../src/core/json.ts';
import { assertName } from '../src/core/names.ts';
import type { OptionRule } from '../src/core/option-rules.ts';
import { defineOptions, type OptionsOf, required, SEED, type SettingsOf } from '../src/core/options.ts';
import { Rng } from '../src/core/rng.ts';
import type {
  RelativeSample,
  SamplerCapabilities,
  SamplerContext,
  StudyTraits,
} from '../src/core/sampler.ts';
import { shown } from '../src/core/shown.ts';
import { BaseSampler } from './base-sampler.ts';
import { noneAllowed } from './enumeration.ts';
import { ChangeCursor, type History, StudyCaches } from './history-cache.ts';
import { holds } from './holds.ts';

type Point = Readonly<Record<string, ParamValue>>;

const MAX_POINTS = 10_000_000;
const GRID: OptionRule<never> = {
  what: 'an object { name: [value, …] } with at least one parameter',
  accepts: (value) => isPlainObject(value) && Object.keys(value).length > 0,
};

const OPTIONS = defineOptions(
  'the grid sampler',
  {
    /** An integer >= 0 that the points are shuffled by. Default: a new study draws one, and records it. */
    seed: SEED,
    /** The values to try, per parameter: distinct ones, each inside the parameter's distribution. */
    searchSpace: required<Readonly<Record<string, readonly ParamValue[]>>>(GRID),
  },
  ({ seed, searchSpace }) => {
    const names = Object.keys(searchSpace).sort();
    for (const name of names) assertName('the name of a parameter', name);
    const values = names.map((name) => checkedValues(name, searchSpace[name]));
    const nPoints = values.reduce((product, { length }) => product * length, 1);
    if (nPoints > MAX_POINTS)
      throw new InvalidArgumentError(
        `a grid may have at most ${MAX_POINTS} points, but this one has ${nPoints}; give fewer values or use the random sampler`,
      );
    return {
      /** Shuffles the points. */
      seed,
      /** The values to try, by name, the names sorted. */
      searchSpace: Object.fromEntries(names.map((name, i) => [name, values[i]])),
      /** The parameters, sorted. */
      names,
      /** The values of each of `names`. */
      values,
      /** The number of combinations. */
      nPoints,
    };
  },
);

/** Options of {@link GridSampler}. */
export interface GridSamplerOptions extends OptionsOf<typeof OPTIONS> {}

/** Trial attribute: the point that the trial was given, for later trials to see while it runs. */
const POINT_ATTR = 'thanos:grid_point';

/**
 * Tries every point of an explicit grid once, in an order shuffled by the seed. A point is taken as soon as a trial of
 * the history has it, whatever became of that trial and whoever made it (another seed, another sampler, an enqueued
 * trial), so a resumed study neither repeats nor misses one.
 *
 * Throws SearchSpaceExhaustedError when no point is left, UNSUPPORTED for a parameter that the grid lacks, and
 * InvalidArgumentError for a grid value outside its distribution.
 */
export class GridSampler extends BaseSampler<SettingsOf<typeof OPTIONS>> {
  readonly name = 'grid';
  readonly capabilities: SamplerCapabilities = {
    multiObjective: true,
    constraints: false,
    categorical: true,
    defineByRun: true,
    enumerates: true,
  };
  readonly #studies = new StudyCaches((history) => new TakenPoints(history, (trial) => this.#pointOf(trial)));
  #order: Uint32Array | null = null;

  /** @throws InvalidArgumentError on an empty grid, repeated values, or more than ten million points. */
  constructor(options: GridSamplerOptions) {
    super(OPTIONS, options);
  }

  /**
   * @throws ThanosError UNSUPPORTED for a parameter that the grid lacks or that is conditional; InvalidArgumentError for values
   * outside of their distribution, and names that are none of the space.
   */
  validate({ declaredSpace, conditions }: StudyTraits): void {
    if (!declaredSpace) return;
    for (const [name, { parent, choice }] of conditions)
      throw new ThanosError(
        'UNSUPPORTED',
        `a grid has no conditional parameters, but '${name}' exists only where '${parent}' is ${shown(choice)}; ` +
          'use the brute-force sampler, which tries every combination that exists',
      );
    const { names, searchSpace } = this.settings;
    const known = Object.keys(declaredSpace);
    for (const name of names)
      if (!Object.hasOwn(declaredSpace, name))
        throw new InvalidArgumentError(
          `a grid must name parameters of the space, but '${name}' is none; ${didYouMean(name, known)}known are: ${known.join(', ')}`,
        );
    for (const [name, distribution] of Object.entries(declaredSpace)) {
      if (isSingle(distribution)) continue;
      this.#assertInGrid(name);
      for (const value of searchSpace[name]) assertHolds(name, distribution, value);
    }
  }

  /**
   * What was declared, or else the grid itself: a define-by-run trial, too, is given its point when it is asked, so that
   * later ones see it while it runs.
   */
  override inferRelativeSearchSpace(context: SamplerContext): SearchSpace {
    if (context.declaredSpace === null)
      return Object.fromEntries(
        this.settings.names.map((name, i) => [name, categoricalDistribution(this.settings.values[i])]),
      );
    return Object.fromEntries(Object.entries(context.declaredSpace).filter(([, d]) => !isSingle(d)));
  }

  override sampleRelative(context: SamplerContext, space: SearchSpace): RelativeSample {
    const point = this.#nextPoint(context);
    const systemAttrs = { [POINT_ATTR]: point };
    // Whether a value lies in its distribution can only be checked when that is known.
    if (context.declaredSpace === null) return { params: {}, systemAttrs };
    const params = Object.fromEntries(
      Object.entries(space).map(([name, distribution]) => [name, this.#value(point, name, distribution)]),
    );
    return { params, systemAttrs };
  }

  override sampleIndependent(context: SamplerContext, name: string, distribution: Distribution): ParamValue {
    return this.#value(this.#nextPoint(context), name, distribution);
  }

  #assertInGrid(name: string): void {
    const { names } = this.settings;
    if (!names.includes(name))
      throw new ThanosError(
        'UNSUPPORTED',
        `the grid sampler knows the parameters ${names.join(', ')}, but was asked for '${name}'; ${didYouMean(name, names)}` +
          'add its values to the grid or fix it to one value',
      );
  }

  #value(point: Point, name: string, distribution: Distribution): ParamValue {
    this.#assertInGrid(name);
    assertHolds(name, distribution, point[name]);
    return point[name];
  }

  /** The first point in the seed's order that no trial of the history has, and that was not refused for this trial. */
  #nextPoint(context: SamplerContext): Point {
    const { attempt } = context;
    const index = this.#studies.of(context).free(this.#shuffledOrder(), attempt);
    if (index !== null) return this.#pointAt(index);
    if (attempt > 0 && context.trials.length === 0) throw noneAllowed(attempt);
    const refused = attempt === 0 ? '' : `, or refused for trial ${context.trialNumber}`;
    throw new SearchSpaceExhaustedError(
      `all ${this.settings.nPoints} points of the grid have been tried${refused}; add values to the grid to go on`,
    );
  }

  /** Mixed-radix index of the point that a trial evaluates, or null if it is not on the grid. */
  #pointOf(trial: FrozenTrial): number | null {
    // What a trial has not suggested yet is known if its user fixed it, or else from the point that it was given.
    const fixed = (trial.systemAttrs[SYSTEM_ATTR.fixedParams] ?? {}) as Point;
    const known: Point = {
      ...(trial.systemAttrs[POINT_ATTR] as Point | undefined),
      ...fixed,
      ...trial.params,
    };
    let index = 0;
    for (let i = 0; i < this.settings.names.length; i++) {
      const k = this.settings.values[i].indexOf(known[this.settings.names[i]]);
      if (k < 0) return null;
      index = index * this.settings.values[i].length + k;
    }
    return index;
  }

  #pointAt(index: number): Point {
    const point: Record<string, ParamValue> = {};
    let rest = index;
    for (let i = this.settings.names.length - 1; i >= 0; i--) {
      const radix = this.settings.values[i].length;
      setOwn(point, this.settings.names[i], this.settings.values[i][rest % radix]);
      rest = Math.floor(rest / radix);
    }
    return point;
  }

  #shuffledOrder(): Uint32Array {
    if (this.#order === null) {
      const rng = Rng.keyed(this.seed, 'grid');
      const order = Uint32Array.from({ length: this.settings.nPoints }, (_, i) => i);
      for (let i = order.length - 1; i > 0; i--) {
        const j = rng.int(i + 1);
        [order[i], order[j]] = [order[j], order[i]];
      }
      this.#order = order;
    }
    return this.#order;
  }
}

/** Which points of a grid the trials of one study have. */
class TakenPoints {
  readonly #changes: ChangeCursor;
  readonly #pointOf: (trial: FrozenTrial) => number | null;
  /** By trial number. */
  readonly #points: (number | null)[] = [];
  /** How many trials have a point. */
  readonly #counts = new Map<number, number>();
  /** Every point before this place in the order is taken. */
  #start = 0;

  constructor(history: History, pointOf: (trial: FrozenTrial) => number | null) {
    this.#changes = new ChangeCursor(history);
    this.#pointOf = pointOf;
  }

  /** Returns the point that comes after `skipped` others among those in `order` that no trial has; `order` is the same in every call. */
  free(order: Uint32Array, skipped: number): number | null {
    this.#changes.forEachChange((trial) => {
      const before = this.#points[trial.number] ?? null;
      const now = this.#pointOf(trial);
      if (before === now) return;
      this.#points[trial.number] = now;
      if (now !== null) this.#counts.set(now, (this.#counts.get(now) ?? 0) + 1);
      if (before !== null) this.#release(before);
    });
    while (this.#start < order.length && this.#counts.has(order[this.#start])) this.#start++;
    let left = skipped;
    for (let i = this.#start; i < order.length; i++)
      if (!this.#counts.has(order[i]) && left-- === 0) return order[i];
    return null;
  }

  #release(point: number): void {
    const left = this.#counts.get(point)! - 1;
    if (left > 0) this.#counts.set(point, left);
    else {
      this.#counts.delete(point);
      this.#start = 0;
    }
  }
}

function assertHolds(name: string, distribution: Distribution, value: ParamValue): void {
  if (!holds(distribution, value))
    throw new InvalidArgumentError(
      `every grid value must lie in its distribution, but '${name}' has ${shown(value)} and the ` +
        `distribution is ${shown(distribution)}; change the grid or the distribution`,
    );
}

function checkedValues(name: string, values: unknown): readonly ParamValue[] {
  if (!Array.isArray(values) || values.length === 0)
    throw new InvalidArgumentError(
      `every grid parameter needs a list of at least one value, but '${name}' has ${shown(values)}`,
    );
  const unusable = values.findIndex((value) => !isParamValue(value));
  if (unusable >= 0)
    throw new InvalidArgumentError(
      `a grid value must be null, a string, a boolean or a finite number, but '${name}' has ${shown(values[unusable])}`,
    );
  if (new Set(values).size !== values.length)
    throw new InvalidArgumentError(
      `grid values must be distinct, but '${name}' has ${shown(values)}; remove the copies`,
    );
  return [...values];
}

function isParamValue(value: unknown): value is ParamValue {
  return value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
}
