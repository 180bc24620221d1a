import type { ParzenSpace } from './parzen-space.ts';

/** Points of a space, prepared for density evaluations: what does not depend on the mixture is computed once. */
export class Candidates {
  readonly size: number;
  /** Shape (size, space.width): rows as `ParzenSpace` has them. After a change, call `prepare`. */
  readonly rows: Float64Array;
  /** Shape (size, stepped axes): numbers of cells, beyond those whose masses are kept all one. */
  readonly indices: Int32Array;
  /** By point: log density under the prior. */
  readonly logPriors: Float64Array;
  readonly #space: ParzenSpace;

  constructor(space: ParzenSpace, size: number) {
    this.#space = space;
    this.size = size;
    this.rows = new Float64Array(size * space.width);
    this.indices = new Int32Array(size * (space.nNumeric - space.nContinuous));
    this.logPriors = new Float64Array(size);
  }

  prepare(): void {
    const { axes, width, nContinuous, nNumeric } = this.#space;
    const { rows, indices } = this;
    let to = 0;
    for (let s = 0; s < this.size; s++) {
      const at = s * width;
      this.logPriors[s] = this.#space.logPrior(rows, at);
      for (let j = nContinuous; j < nNumeric; j++)
        indices[to++] = Math.min(axes[j].indexOf(rows[at + j]), axes[j].nKept);
    }
  }

  /** Whether an earlier candidate is the same. Never so if a parameter is continuous, but now and again for others. */
  isRepeated(s: number): boolean {
    const { nContinuous, width } = this.#space;
    if (nContinuous > 0) return false;
    for (let other = 0; other < s; other++) {
      let j = 0;
      while (j < width && this.rows[other * width + j] === this.rows[s * width + j]) j++;
      if (j === width) return true;
    }
    return false;
  }
}

/** Some candidates, up to four, whose densities are wanted. */
export class CandidateBatch {
  size = 0;
  readonly members = new Int32Array(4);
  /** By member: a density known to be above this need not be known better. */
  readonly ceilings = new Float64Array(4);
  /** By member: the answer. */
  readonly logs = new Float64Array(4);

  push(member: number, ceiling: number): void {
    this.members[this.size] = member;
    this.ceilings[this.size++] = ceiling;
  }
}
