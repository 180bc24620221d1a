import type { FrozenTrial } from '../../src/core/frozen-trial.ts';
import type { Rng } from '../../src/core/rng.ts';
import type { Genome } from './genome.ts';

/** The genes of a population, a row for each individual. */
export class GenePool {
  readonly genome: Genome;
  readonly rows: readonly Float64Array[];
  /** Genes per individual, without the absent ones. */
  readonly meanSize: number;
  readonly #hasGaps: boolean;

  constructor(genome: Genome, trials: readonly FrozenTrial[]) {
    this.genome = genome;
    this.rows = trials.map((trial) => genome.rowOf(trial));
    let nPresent = 0;
    for (const row of this.rows) for (let j = 0; j < row.length; j++) if (!Number.isNaN(row[j])) nPresent++;
    this.#hasGaps = nPresent < this.rows.length * genome.size;
    this.meanSize = nPresent / this.rows.length;
  }

  /** Whether the row is one of the pool's. */
  has(row: readonly number[]): boolean {
    for (const other of this.rows) {
      let j = 0;
      while (j < row.length && Object.is(other[j], row[j])) j++;
      if (j === row.length) return true;
    }
    return false;
  }

  /**
   * The rows of these individuals without gaps: what one lacks it borrows from the first of the others that has it; what
   * all lack is drawn uniformly.
   */
  completed(individuals: readonly number[], rng: Rng): readonly Float64Array[] {
    const rows = individuals.map((i) => this.rows[i]);
    if (!this.#hasGaps) return rows;
    const filled = rows.map((row) => row.slice());
    for (let j = 0; j < this.genome.size; j++) {
      const lender = rows.find((row) => !Number.isNaN(row[j]));
      const value = lender === undefined ? this.genome.uniform(j, rng) : lender[j];
      for (const row of filled) if (Number.isNaN(row[j])) row[j] = value;
    }
    return filled;
  }
}
