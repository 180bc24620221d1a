import {
  type CategoricalDistribution,
  type ParamValue,
  type SearchSpace,
  sameChoice,
} from '../../src/core/distribution.ts';
import { NumericAxis } from './numeric-axis.ts';

/**
 * A search space as rows of numbers, with the columns in the order continuous, fine, coarse (see `NumericAxis`), categorical. A
 * row holds values in model space where they are continuous, unscaled where they are stepped, and indices of choices.
 */
export class ParzenSpace {
  readonly axes: readonly NumericAxis[];
  readonly nContinuous: number;
  /** Continuous and fine. */
  readonly nSmooth: number;
  readonly nNumeric: number;
  readonly categorical: readonly CategoricalDistribution[];
  /** Length of a row. */
  readonly width: number;
  /** By column. */
  readonly #names: readonly string[];

  constructor(space: SearchSpace) {
    const numeric: [string, NumericAxis][] = [];
    const categorical: [string, CategoricalDistribution][] = [];
    for (const [name, d] of Object.entries(space))
      if (d.kind === 'categorical') categorical.push([name, d]);
      else numeric.push([name, new NumericAxis(d)]);
    const kinds = ['continuous', 'fine', 'coarse'] as const;
    const ordered = kinds.flatMap((kind) => numeric.filter(([, axis]) => axis.kind === kind));
    const count = (kind: NumericAxis['kind']): number =>
      ordered.filter(([, axis]) => axis.kind === kind).length;
    this.axes = ordered.map(([, axis]) => axis);
    this.nContinuous = count('continuous');
    this.nSmooth = this.nContinuous + count('fine');
    this.nNumeric = ordered.length;
    this.categorical = categorical.map(([, d]) => d);
    this.#names = [...ordered, ...categorical].map(([name]) => name);
    this.width = this.#names.length;
  }

  /** Whether the space is one smooth axis. */
  get isLine(): boolean {
    return this.width === 1 && this.nSmooth === 1;
  }

  /** Null if a parameter is missing, or has a choice that this space does not know. */
  rowOf(params: Readonly<Record<string, ParamValue>>): Float64Array | null {
    const row = new Float64Array(this.width);
    for (let j = 0; j < this.width; j++) {
      const name = this.#names[j];
      if (!Object.hasOwn(params, name)) return null;
      const value = params[name];
      if (j < this.nContinuous) row[j] = this.axes[j].positionOf(value);
      else if (j < this.nNumeric) row[j] = this.axes[j].valueOf(value);
      else row[j] = this.categorical[j - this.nNumeric].choices.findIndex((c) => sameChoice(c, value));
      if (row[j] < 0 && j >= this.nNumeric) return null;
    }
    return row;
  }

  /** External values of the row that starts at `at`. */
  paramsOf(rows: Float64Array, at: number): Record<string, ParamValue> {
    return Object.fromEntries(this.#names.map((name, j) => [name, this.#external(j, rows[at + j])]));
  }

  #external(j: number, value: number): ParamValue {
    return j < this.nNumeric
      ? this.axes[j].external(value)
      : this.categorical[j - this.nNumeric].choices[value];
  }

  /** Log density of a row under the prior. */
  logPrior(rows: Float64Array, at: number): number {
    let log = 0;
    for (let j = 0; j < this.nNumeric; j++) log += this.axes[j].logPrior(rows[at + j]);
    for (const { choices } of this.categorical) log -= Math.log(choices.length);
    return log;
  }
}
