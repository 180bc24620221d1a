/** The search for the point with the largest acquisition value. */
import type { Rng } from '../../src/core/rng.ts';
import { minimizeLbfgs, SOBOL_MAX_DIMENSIONS, SobolSequence } from '../../src/math/index.ts';
import type { Acquisition } from './acquisition.ts';
import type { NormalizedSpace } from './normalized-space.ts';
import type { Region } from './trust-region.ts';

export interface SearchSettings {
  /** Points of a Sobol' sequence. */
  readonly nPreliminarySamples: number;
  readonly nLocalSearch: number;
}

/** Parameters with so many values are searched value by value; more are first taken as continuous. */
const MAX_EXHAUSTIVE = 16;
/** Rounds over the discrete columns. */
const MAX_ROUNDS = 10;

export class AcquisitionSearch {
  readonly #acquisition: Acquisition;
  readonly #space: NormalizedSpace;
  readonly #region: Region;
  /** One per column, at most 1. */
  readonly #lengthscales: Float64Array;
  readonly #continuous: readonly number[];
  readonly #relaxed: readonly number[];
  readonly #discrete: readonly number[];

  /** @param lengthscales of the columns: in units of them the acquisition changes about as fast in all directions. */
  constructor(acquisition: Acquisition, space: NormalizedSpace, region: Region, lengthscales: Float64Array) {
    this.#acquisition = acquisition;
    this.#space = space;
    this.#region = region;
    this.#lengthscales = lengthscales.map((l) => Math.min(l, 1));
    const columnsThat = (is: (kind: string, size: number) => boolean): number[] =>
      space.columns.flatMap(({ kind, size }, j) => (is(kind, size) ? [j] : []));
    this.#continuous = columnsThat((kind) => kind === 'continuous');
    this.#discrete = columnsThat((kind) => kind !== 'continuous');
    this.#relaxed = columnsThat((kind, size) => kind !== 'categorical' && size > MAX_EXHAUSTIVE);
  }

  /**
   * Climbs from some of the preliminary points over the region and around the incumbents: the best, others drawn with
   * probability proportional to what they gain, and the incumbents.
   * @param incumbents good known points.
   */
  maximize(incumbents: readonly Float64Array[], settings: SearchSettings, rng: Rng): Float64Array {
    const samples = this.#preliminary(incumbents, settings.nPreliminarySamples, rng);
    const values = Float64Array.from(samples, (sample) => this.#acquisition.value(sample, 0));
    const starts = [...chooseStarts(values, settings.nLocalSearch - incumbents.length, rng)].map(
      (i) => samples[i],
    );
    let best = { x: starts[0], value: Number.NEGATIVE_INFINITY };
    for (const start of [...starts, ...incumbents]) {
      const top = this.#climb(start);
      if (top.value > best.value) best = top;
    }
    return best.x;
  }

  /** The best of `n` points of the whole space: another answer for every rng, and with n = 1 any. */
  bestOf(n: number, rng: Rng): Float64Array {
    let best: { x: Float64Array; value: number } | null = null;
    for (let i = 0; i < n; i++) {
      const x = this.#space.snap(Float64Array.from({ length: this.#space.d }, () => rng.uniform()));
      const value = this.#acquisition.value(x, 0);
      if (best === null || value > best.value) best = { x, value };
    }
    return best!.x;
  }

  #preliminary(incumbents: readonly Float64Array[], n: number, rng: Rng): Float64Array[] {
    const { d } = this.#space;
    const { low, high } = this.#region;
    const uniform = uniformPoints(n, d, rng);
    const samples = Array.from({ length: n }, (_, i) => {
      const point = uniform.subarray(i * d, i * d + d);
      this.#space.columns.forEach(({ kind }, j) => {
        if (kind !== 'categorical') point[j] = low[j] + point[j] * (high[j] - low[j]);
      });
      return this.#space.snap(point);
    });
    for (let i = 0; i < n / 4 && incumbents.length > 0; i++)
      samples.push(this.#near(incumbents[i % incumbents.length], rng));
    return samples;
  }

  /** A neighbor at a distance of any order of magnitude from 0.0003 to 0.3 length scales. */
  #near(center: Float64Array, rng: Rng): Float64Array {
    const distance = 10 ** rng.uniformIn(-3.5, -0.5);
    return this.#space.columns.reduce((x, column, j) => {
      if (column.kind !== 'categorical') {
        const moved = x[j] + distance * this.#lengthscales[j] * rng.normal();
        x[j] = Math.min(Math.max(moved, this.#region.low[j]), this.#region.high[j]);
        if (column.kind === 'discrete') x[j] = column.valueAt(column.indexAt(x[j]));
      } else if (rng.uniform() * this.#space.d < 1) x[j] = rng.int(column.size);
      return x;
    }, center.slice());
  }

  #climb(start: Float64Array): Top {
    let top = this.#ascend({ x: start, value: Number.NEGATIVE_INFINITY }, this.#relaxed);
    if (this.#discrete.length === 0) return top;
    const x = top.x.slice();
    for (const j of this.#discrete) {
      const column = this.#space.columns[j];
      x[j] = column.valueAt(column.indexAt(x[j]));
    }
    top = { x, value: this.#acquisition.value(x, 0) };
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const { value } = top;
      for (const j of this.#discrete) top = this.#bestAlong(j, top);
      if (top.value === value) break;
      top = this.#ascend(top, this.#continuous);
    }
    return top;
  }

  /** By L-BFGS over some columns. */
  #ascend(from: Top, columns: readonly number[]): Top {
    const x = from.x.slice();
    if (columns.length === 0) return { x, value: this.#acquisition.value(x, 0) };
    const scale = columns.map((j) => this.#lengthscales[j]);
    const full = new Float64Array(x.length);
    const negative = (scaled: Float64Array, gradient: Float64Array): number => {
      for (let k = 0; k < scaled.length; k++) x[columns[k]] = scaled[k] * scale[k];
      const value = this.#acquisition.valueAndGradient(x, full);
      for (let k = 0; k < scaled.length; k++) gradient[k] = -full[columns[k]] * scale[k];
      return -value;
    };
    const inUnits = (ends: Float64Array): Float64Array =>
      Float64Array.from(columns, (j, k) => ends[j] / scale[k]);
    const { low, high } = this.#region;
    const top = minimizeLbfgs(negative, inUnits(x), {
      low: inUnits(low),
      high: inUnits(high),
      gradientTolerance: 1e-2,
      maxIterations: 100,
    });
    if (!(-top.value > from.value)) return from;
    columns.forEach((j, k) => {
      x[j] = Math.min(Math.max(top.x[k] * scale[k], low[j]), high[j]);
    });
    return { x, value: -top.value };
  }

  /**
   * Tries the values of one column: all of them if they are few, else neighbors at doubling distances, again from a
   * better one.
   */
  #bestAlong(j: number, from: Top): Top {
    const column = this.#space.columns[j];
    let best = from;
    const attempt = (index: number): void => {
      const x = best.x.slice();
      x[j] = column.valueAt(index);
      const value = this.#acquisition.value(x, 0);
      if (value > best.value) best = { x, value };
    };
    if (column.size <= MAX_EXHAUSTIVE) {
      const own = column.indexAt(from.x[j]);
      for (let index = 0; index < column.size; index++) if (index !== own) attempt(index);
      return best;
    }
    for (let before = Number.NEGATIVE_INFINITY; best.value > before; ) {
      before = best.value;
      const center = column.indexAt(best.x[j]);
      for (let step = 1; step <= 8; step *= 2)
        for (const index of [center - step, center + step])
          if (index >= 0 && index < column.size) attempt(index);
    }
    return best;
  }
}

interface Top {
  readonly x: Float64Array;
  readonly value: number;
}

function uniformPoints(n: number, d: number, rng: Rng): Float64Array<ArrayBuffer> {
  if (d <= SOBOL_MAX_DIMENSIONS) return new SobolSequence(d, () => rng.uniform()).points(0, n);
  return Float64Array.from({ length: n * d }, () => rng.uniform());
}

/** The index of the largest value, then others with probability proportional to exp(value). */
function* chooseStarts(logs: Float64Array, n: number, rng: Rng): Generator<number> {
  const largest = logs.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const best = Math.max(0, logs.indexOf(largest));
  yield best;
  const weights = logs.map((log) => Math.exp(log - largest) || 0);
  weights[best] = 0;
  for (let k = 1; k < n && weights.some((weight) => weight > 0); k++) {
    const next = rng.weightedIndex(weights);
    weights[next] = 0;
    yield next;
  }
}
