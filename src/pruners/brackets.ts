import { crc32 } from 'node:zlib';

/**
 * Hyperband's brackets: bracket b halves successively from step minResource * reductionFactor^b. A trial belongs to one by
 * a hash of its study's name and its number, in the proportions that give every bracket the same number of steps to spend
 * (Li et al., Hyperband, JMLR 18, 2018, algorithm 1: n of bracket s).
 */
export class Brackets {
  /** Into so many slots a trial is hashed, for each bracket. */
  readonly budgets: readonly number[];
  readonly #total: number;
  #studyName = '';
  /** By trial number. */
  #known: number[] = [];

  constructor(minResource: number, maxResource: number, reductionFactor: number) {
    // Design note: floor(log(max / min) / log(factor)) + 1 without its rounding, which costs Optuna a bracket at 243 = 3^5.
    let count = 0;
    for (let resource = minResource; resource <= maxResource; resource *= reductionFactor) count++;
    this.budgets = Array.from({ length: count }, (_, bracket) => {
      const s = count - 1 - bracket;
      return Math.ceil((count * reductionFactor ** s) / (s + 1));
    });
    this.#total = this.budgets.reduce((sum, budget) => sum + budget, 0);
  }

  /** The bracket of a trial; there must be at least one. */
  of(studyName: string, trialNumber: number): number {
    if (studyName !== this.#studyName) {
      this.#studyName = studyName;
      this.#known = [];
    }
    this.#known[trialNumber] ??= this.#hash(trialNumber);
    return this.#known[trialNumber];
  }

  #hash(trialNumber: number): number {
    let slot = crc32(`${this.#studyName}_${trialNumber}`) % this.#total;
    let bracket = 0;
    while (slot >= this.budgets[bracket]) slot -= this.budgets[bracket++];
    return bracket;
  }
}
