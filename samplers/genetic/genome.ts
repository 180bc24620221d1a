import {
  type CategoricalDistribution,
  type Distribution,
  type ParamValue,
  type SearchSpace,
  sameChoice,
} from '../../src/core/distribution.ts';
import type { FrozenTrial } from '../../src/core/frozen-trial.ts';
import {
  type Bounds,
  fromReal,
  type NumericDistribution,
  realBounds,
  toReal,
} from '../../src/core/numeric-transform.ts';
import type { Rng } from '../../src/core/rng.ts';

/** The gene of a parameter that a trial does not have, or has outside its distribution. */
const ABSENT = Number.NaN;

/**
 * The parameters of a space as a row of genes: first the numeric ones, in the real space of numeric-transform.ts, then
 * the numbers of the choices.
 */
export class Genome {
  readonly space: SearchSpace;
  readonly nNumeric: number;
  /** The bounds of the numeric genes. */
  readonly bounds: readonly Bounds[];
  readonly #names: readonly string[];
  readonly #distributions: readonly Distribution[];
  readonly #template: Readonly<Record<string, ParamValue>>;
  readonly #rows = new WeakMap<FrozenTrial, Float64Array>();

  constructor(space: SearchSpace) {
    this.space = space;
    const names = Object.keys(space);
    const numeric = names.filter((name) => space[name].kind !== 'categorical');
    this.#names = [...numeric, ...names.filter((name) => space[name].kind === 'categorical')];
    this.#distributions = this.#names.map((name) => space[name]);
    this.#template = Object.fromEntries(this.#names.map((name) => [name, null]));
    this.nNumeric = numeric.length;
    this.bounds = numeric.map((name) => realBounds(space[name] as NumericDistribution));
  }

  /** Number of genes. */
  get size(): number {
    return this.#names.length;
  }

  /** Returns the number of choices of a gene after the numeric ones. */
  nChoices(gene: number): number {
    return (this.#distributions[gene] as CategoricalDistribution).choices.length;
  }

  rowOf(trial: FrozenTrial): Float64Array {
    let row = this.#rows.get(trial);
    if (row === undefined) {
      row = new Float64Array(this.size);
      for (let j = 0; j < row.length; j++) row[j] = geneOf(this.#distributions[j], this.#names[j], trial);
      this.#rows.set(trial, row);
    }
    return row;
  }

  /** The parameters of a row; absent genes are left out, all others cut to their distributions. */
  paramsOf(row: readonly number[]): Record<string, ParamValue> {
    // A copy of one object is fast, and takes any name (`__proto__`).
    const params: Record<string, ParamValue> = { ...this.#template };
    for (let j = 0; j < row.length; j++) {
      const d = this.#distributions[j];
      if (Number.isNaN(row[j])) delete params[this.#names[j]];
      else params[this.#names[j]] = d.kind === 'categorical' ? d.choices[row[j]] : fromReal(d, row[j]);
    }
    return params;
  }

  /** The gene of the nearest value that the parameter can have; a continuous one can have all, an absent one none. */
  snapped(gene: number, x: number): number {
    if (Number.isNaN(x)) return ABSENT;
    const d = this.#distributions[gene];
    return d.kind === 'categorical' || d.step === null ? x : toReal(d, fromReal(d, x));
  }

  /** A gene drawn uniformly. */
  uniform(gene: number, rng: Rng): number {
    if (gene >= this.nNumeric) return rng.int(this.nChoices(gene));
    const { low, high } = this.bounds[gene];
    return rng.uniformIn(low, high);
  }
}

function geneOf(d: Distribution, name: string, { params }: FrozenTrial): number {
  if (!Object.hasOwn(params, name)) return ABSENT;
  const value = params[name];
  if (d.kind === 'categorical') {
    const choice = d.choices.findIndex((c) => sameChoice(c, value));
    return choice < 0 ? ABSENT : choice;
  }
  if (typeof value !== 'number' || !(value >= d.low && value <= d.high)) return ABSENT;
  return toReal(d, value);
}
