/** Numeric parameters as points of the unit cube. */
import {
  cardinality,
  type Distribution,
  type ParamValue,
  type SearchSpace,
} from '../../src/core/distribution.ts';
import {
  fromReal,
  type NumericDistribution,
  realBounds,
  toReal,
  tractable,
} from '../../src/core/numeric-transform.ts';

interface Axis {
  readonly name: string;
  readonly distribution: NumericDistribution;
  /** In real coordinates: what 0 stands for, and how far it is to 1. */
  readonly low: number;
  readonly range: number;
}

const ROUNDING = 1e-9;

type Params = Readonly<Record<string, ParamValue>>;

export class UnitSpace {
  readonly names: readonly string[];
  readonly dimensions: number;
  /** For each coordinate, the number of values of its grid; 0 if it has none. */
  readonly gridSizes: readonly number[];
  readonly #axes: readonly Axis[];

  /**
   * @param space without categorical parameters.
   * @param hasGrids if true, linearly stepped parameters are grids, whose ends are 0 and 1; else such a parameter has half a
   *   step of room at its ends.
   */
  constructor(space: SearchSpace, hasGrids: boolean) {
    const isGrid = (d: NumericDistribution): boolean => hasGrids && d.step !== null && !d.log;
    this.#axes = Object.entries(space).map(([name, d]) => axisOf(name, d as NumericDistribution, isGrid));
    this.names = this.#axes.map(({ name }) => name);
    this.dimensions = this.names.length;
    this.gridSizes = this.#axes.map(({ distribution: d }) => (isGrid(d) ? cardinality(d) : 0));
  }

  /** Whether all parameters are there, and inside their bounds. */
  holds(params: Params): boolean {
    return this.#axes.every((axis) => {
      const value = Object.hasOwn(params, axis.name) ? params[axis.name] : null;
      if (typeof value !== 'number') return false;
      const x = coordinate(axis, value);
      return x >= -ROUNDING && x <= 1 + ROUNDING;
    });
  }

  /** Writes the point of `params` to `out` from `at` on. */
  toUnit(params: Params, out: Float64Array, at: number): void {
    this.#axes.forEach((axis, j) => {
      out[at + j] = coordinate(axis, params[axis.name]);
    });
  }

  /** The value of parameter j that is nearest to a coordinate. */
  value(j: number, x: number): ParamValue {
    const { distribution, low, range } = this.#axes[j];
    return fromReal(distribution, low + x * range);
  }
}

function coordinate({ distribution, low, range }: Axis, value: ParamValue): number {
  return (toReal(distribution, value) - low) / range;
}

export function isNumeric(d: Distribution): d is NumericDistribution {
  return d.kind !== 'categorical';
}

function axisOf(
  name: string,
  distribution: NumericDistribution,
  isGrid: (d: NumericDistribution) => boolean,
): Axis {
  const { low, high } = isGrid(distribution) ? tractable(distribution) : realBounds(distribution);
  return { name, distribution, low, range: high - low };
}
