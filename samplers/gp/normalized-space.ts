/**
 * A search space as columns of numbers: [0, 1] for numeric parameters, the index of the choice for categorical ones.
 */
import {
  type CategoricalDistribution,
  cardinality,
  type ParamValue,
  type SearchSpace,
  sameChoice,
  toInternalRepr,
} from '../../src/core/distribution.ts';
import type { FrozenTrial } from '../../src/core/frozen-trial.ts';
import { fromReal, type NumericDistribution, realBounds, toReal } from '../../src/core/numeric-transform.ts';

export interface Column {
  readonly kind: 'continuous' | 'discrete' | 'categorical';
  /** Number of values; Infinity if continuous. */
  readonly size: number;
  has(value: ParamValue): boolean;
  normalize(value: ParamValue): number;
  external(normalized: number): ParamValue;
  /** The normalized value number `index` of a discrete or categorical column. */
  valueAt(index: number): number;
  /** Returns the index of the nearest value. */
  indexAt(normalized: number): number;
}

/** The largest number of values that are told apart; more are as good as continuous. */
const MAX_DISCRETE = 1e6;

export class NormalizedSpace {
  readonly names: readonly string[];
  readonly columns: readonly Column[];
  readonly isCategorical: readonly boolean[];
  readonly d: number;

  constructor(space: SearchSpace) {
    this.names = Object.keys(space);
    this.columns = Object.values(space).map((d) =>
      d.kind === 'categorical' ? choiceColumn(d) : numericColumn(d),
    );
    this.isCategorical = this.columns.map(({ kind }) => kind === 'categorical');
    this.d = this.names.length;
  }

  /** The point of a trial; null if it lacks a parameter, or has a value that is outside the space. */
  pointOf({ params }: FrozenTrial): Float64Array<ArrayBuffer> | null {
    const point = new Float64Array(this.d);
    for (let j = 0; j < this.d; j++) {
      const name = this.names[j];
      if (!Object.hasOwn(params, name) || !this.columns[j].has(params[name])) return null;
      point[j] = this.columns[j].normalize(params[name]);
    }
    return point;
  }

  /** Between two points; of different choices it is 1. */
  distance(a: Float64Array, b: Float64Array): number {
    let sum = 0;
    for (let j = 0; j < this.d; j++) {
      if (this.isCategorical[j]) sum += a[j] === b[j] ? 0 : 1;
      else sum += (a[j] - b[j]) ** 2;
    }
    return Math.sqrt(sum);
  }

  /** Moves the discrete columns of a point of [0, 1)^d to values of theirs. Changes and returns it. */
  snap(point: Float64Array): Float64Array {
    this.columns.forEach((column, j) => {
      if (column.kind === 'categorical') point[j] = Math.floor(point[j] * column.size);
      else if (column.kind === 'discrete') point[j] = column.valueAt(column.indexAt(point[j]));
    });
    return point;
  }

  params(point: Float64Array): Record<string, ParamValue> {
    return Object.fromEntries(this.names.map((name, j) => [name, this.columns[j].external(point[j])]));
  }
}

function choiceColumn(d: CategoricalDistribution): Column {
  return {
    kind: 'categorical',
    size: d.choices.length,
    has: (value) => d.choices.some((choice) => sameChoice(choice, value)),
    normalize: (value) => toInternalRepr(d, value),
    external: (index) => d.choices[index],
    valueAt: (index) => index,
    indexAt: (index) => index,
  };
}

function numericColumn(d: NumericDistribution): Column {
  const { low, high } = realBounds(d);
  const width = high - low;
  const size = cardinality(d);
  const normalize = (value: ParamValue): number => (toReal(d, value) - low) / width;
  const external = (u: number): ParamValue => fromReal(d, low + u * width);
  const step = d.step ?? 0;
  return {
    kind: size <= MAX_DISCRETE ? 'discrete' : 'continuous',
    size,
    has: (value) => typeof value === 'number' && value >= d.low && value <= d.high,
    normalize,
    external,
    valueAt: (index) => normalize(d.low + index * step),
    indexAt: (u) => Math.round(((external(u) as number) - d.low) / step),
  };
}
