import {
  type CategoricalDistribution,
  type Distribution,
  type ParamValue,
  type SearchSpace,
  sameChoice,
} from '../../src/core/distribution.ts';
import type { FrozenTrial } from '../../src/core/frozen-trial.ts';
import type { Rng } from '../../src/core/rng.ts';
import { type Bounds, fromReal, type NumericDistribution, realBounds, toReal } from '../numeric-transform.ts';

/** The gene of a parameter that an individual does not have, or has outside its distribution. */
const ABSENT = Number.NaN;

/**
 * The parameters of a population as one matrix: a row for each individual, first its numeric genes, in the real space of
 * numeric-transform.ts, then the numbers of its choices.
 */
export class GenePool {
  readonly space: SearchSpace;
  readonly rows: readonly Float64Array[];
  readonly nNumeric: number;
  /** Of the numeric genes. */
  readonly bounds: readonly Bounds[];
  /** Does some individual lack some gene? */
  readonly hasGaps: boolean;
  /** Genes per individual. */
  readonly meanSize: number;
  readonly #names: readonly string[];
  readonly #distributions: readonly Distribution[];
  readonly #template: Readonly<Record<string, ParamValue>>;

  constructor(trials: readonly FrozenTrial[], space: SearchSpace) {
    this.space = space;
    const names = Object.keys(space);
    const numeric = names.filter((name) => space[name].kind !== 'categorical');
    this.#names = [...numeric, ...names.filter((name) => space[name].kind === 'categorical')];
    this.#distributions = this.#names.map((name) => space[name]);
    this.#template = Object.fromEntries(this.#names.map((name) => [name, null]));
    this.nNumeric = numeric.length;
    this.bounds = numeric.map((name) => realBounds(space[name] as NumericDistribution));
    this.rows = rowsOf(trials, this.#names, this.#distributions);
    const nPresent = this.rows.reduce((sum, row) => sum + countPresent(row), 0);
    this.hasGaps = nPresent < trials.length * names.length;
    this.meanSize = nPresent / trials.length;
  }

  get nGenes(): number {
    return this.#names.length;
  }

  nChoices(gene: number): number {
    return (this.#distributions[gene] as CategoricalDistribution).choices.length;
  }

  /**
   * Rows without gaps: what an individual lacks it borrows from the first of the others that has it; what all lack is drawn
   * uniformly.
   */
  completed(individuals: readonly number[], rng: Rng): readonly Float64Array[] {
    const rows = individuals.map((i) => this.rows[i]);
    if (!this.hasGaps) return rows;
    const filled = rows.map((row) => row.slice());
    for (let j = 0; j < this.nGenes; j++) {
      const lender = rows.find((row) => !Number.isNaN(row[j]));
      const value = lender === undefined ? this.#uniform(j, rng) : lender[j];
      for (const row of filled) if (Number.isNaN(row[j])) row[j] = value;
    }
    return filled;
  }

  /** The parameters of a row; absent genes are left out, all others cut to their distributions. */
  paramsOf(row: readonly number[]): Record<string, ParamValue> {
    const params: Record<string, ParamValue> = { ...this.#template };
    for (let j = 0; j < row.length; j++) {
      const d = this.#distributions[j];
      if (Number.isNaN(row[j])) delete params[this.#names[j]];
      else params[this.#names[j]] = d.kind === 'categorical' ? d.choices[row[j]] : fromReal(d, row[j]);
    }
    return params;
  }

  #uniform(gene: number, rng: Rng): number {
    if (gene >= this.nNumeric) return rng.int(this.nChoices(gene));
    const { low, high } = this.bounds[gene];
    return rng.uniformIn(low, high);
  }
}

function rowsOf(
  trials: readonly FrozenTrial[],
  names: readonly string[],
  distributions: readonly Distribution[],
): Float64Array[] {
  const n = names.length;
  const matrix = new Float64Array(trials.length * n);
  return trials.map(({ params }, i) => {
    const row = matrix.subarray(i * n, (i + 1) * n);
    for (let j = 0; j < n; j++)
      row[j] = Object.hasOwn(params, names[j]) ? geneOf(distributions[j], params[names[j]]) : ABSENT;
    return row;
  });
}

function geneOf(d: Distribution, value: ParamValue): number {
  if (d.kind === 'categorical') {
    const choice = d.choices.findIndex((c) => sameChoice(c, value));
    return choice < 0 ? ABSENT : choice;
  }
  if (typeof value !== 'number' || !(value >= d.low && value <= d.high)) return ABSENT;
  return toReal(d, value);
}

function countPresent(row: Float64Array): number {
  let count = 0;
  for (let j = 0; j < row.length; j++) if (!Number.isNaN(row[j])) count++;
  return count;
}
