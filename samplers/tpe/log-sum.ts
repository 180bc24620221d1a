/**
 * A term below exp(-42) of another is left out of the sum: for thousands of terms of any weight, all of them together change it
 * by less than 1e-10.
 */
const NEGLIGIBLE = -42;

/** log(sum of weight exp(term)), term by term. */
export class LogSum {
  /** What a term must reach to count. */
  floor = 0;
  #highest = 0;
  /** Sum relative to the highest term. */
  #total = 1;
  #ceiling = 0;
  /** What the total must exceed so that the sum exceeds the ceiling. */
  #enough = 0;

  /**
   * Begins anew.
   * @param term the first one, of weight 1.
   * @param ceiling more need not be known: see `isEnough`.
   */
  start(term: number, ceiling: number): void {
    this.#highest = term;
    this.#total = 1;
    this.#ceiling = ceiling;
    this.floor = term + NEGLIGIBLE;
    this.#enough = Math.exp(ceiling - term);
  }

  add(term: number, weight: number): void {
    const above = term - this.#highest;
    if (above <= 0) {
      this.#total += weight * Math.exp(above);
      return;
    }
    this.#total = this.#total * Math.exp(-above) + weight;
    this.#highest = term;
    this.floor = term + NEGLIGIBLE;
    this.#enough = Math.exp(this.#ceiling - term);
  }

  /** Whether the sum is beyond the ceiling. */
  get isEnough(): boolean {
    return this.#total > this.#enough;
  }

  get log(): number {
    return this.#highest + Math.log(this.#total);
  }
}
