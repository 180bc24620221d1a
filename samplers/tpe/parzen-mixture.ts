import type { Rng } from '../../src/core/rng.ts';
import { upperBound } from '../../src/math/bisect.ts';
import type { CandidateBatch, Candidates } from './candidates.ts';
import { ChoiceKernels } from './choice-kernels.ts';
import { KernelLine } from './kernel-line.ts';
import { KernelProduct } from './kernel-product.ts';
import { grown, KernelSlots } from './kernel-slots.ts';
import { KernelWeights, type Weighting } from './kernel-weights.ts';
import { NumericKernels } from './numeric-kernels.ts';
import type { ParzenSpace } from './parzen-space.ts';

/**
 * A mixture of product kernels over past trials and, of weight 1, the prior (Bergstra et al., "Algorithms for Hyper-Parameter
 * Optimization", NeurIPS 2011; multivariate: Falkner et al., BOHB, ICML 2018), with Optuna 5's widths and weights. Trials come
 * and go one by one; `fit` then brings the kernels up to date.
 */
export class ParzenMixture {
  readonly #space: ParzenSpace;
  readonly #weighting: Weighting;
  readonly #slots = new KernelSlots();
  readonly #numeric: readonly NumericKernels[];
  readonly #categorical: readonly ChoiceKernels[];
  readonly #kernels: KernelLine | KernelProduct;
  /** Slots whose kernels changed, each once. */
  readonly #changed: number[] = [];
  #isChanged: Uint8Array;
  #weights: KernelWeights;
  #logTotal = 0;
  #isFitted = false;
  /** Scratch of `#sumWeights`. */
  #sums = new Float64Array(64);

  constructor(space: ParzenSpace, weighting: Weighting) {
    this.#space = space;
    this.#weighting = weighting;
    this.#numeric = space.axes.map((axis, j) => new NumericKernels(axis, this.#slots, j));
    this.#categorical = space.categorical.map((d) => new ChoiceKernels(d, this.#slots));
    this.#kernels = space.isLine
      ? new KernelLine(this.#numeric[0], this.#slots)
      : new KernelProduct(space, this.#slots, this.#numeric, this.#categorical);
    this.#isChanged = new Uint8Array(this.#slots.capacity);
    this.#weights = new KernelWeights(weighting, 0);
  }

  /** Number of observations. */
  get size(): number {
    return this.#slots.size;
  }

  /** Takes in a trial; returns its slot. */
  add(trialNumber: number, row: Float64Array): number {
    this.#isFitted = false;
    const slot = this.#slots.add(trialNumber);
    if (this.#isChanged.length < this.#slots.capacity) this.#reserve();
    const { axes, nNumeric, width } = this.#space;
    for (let j = 0; j < nNumeric; j++) this.#numeric[j].add(slot, axes[j].positionOfValue(row[j]));
    for (let j = nNumeric; j < width; j++) this.#categorical[j - nNumeric].add(slot, row[j]);
    this.#touch(slot);
    return slot;
  }

  #reserve(): void {
    this.#isChanged = grown(this.#isChanged, this.#slots.capacity);
    for (const kernels of [...this.#numeric, ...this.#categorical, this.#kernels]) kernels.reserve();
  }

  remove(slot: number): void {
    this.#isFitted = false;
    this.#slots.remove(slot);
    for (const kernels of this.#numeric) kernels.remove(slot);
  }

  #touch(slot: number): void {
    if (this.#isChanged[slot] === 1) return;
    this.#isChanged[slot] = 1;
    this.#changed.push(slot);
  }

  /** To be called after the last `add` or `remove`, before any question. */
  fit(): void {
    if (this.#isFitted) return;
    this.#isFitted = true;
    for (const kernels of this.#numeric)
      kernels.fit((slot) => {
        this.#touch(slot);
      });
    for (const kernels of this.#categorical) kernels.fit();
    this.#weights = new KernelWeights(this.#weighting, this.size);
    this.#logTotal = Math.log(this.#weights.total);
    this.#kernels.fit(this.#changed, this.#weights);
    for (const slot of this.#changed) this.#isChanged[slot] = 0;
    this.#changed.length = 0;
  }

  /** Fills rows with draws, as many as there is room for. */
  sample(rng: Rng, rows: Float64Array): void {
    const { axes, nNumeric, width, categorical } = this.#space;
    const sums = this.#sumWeights();
    for (let at = 0; at < rows.length; at += width) {
      const rank = upperBound(sums, rng.uniform() * sums[this.size], this.size);
      if (rank === this.size) {
        for (let j = 0; j < nNumeric; j++) rows[at + j] = axes[j].samplePrior(rng);
        for (let j = nNumeric; j < width; j++)
          rows[at + j] = rng.int(categorical[j - nNumeric].choices.length);
        continue;
      }
      const slot = this.#slots.byAge[rank];
      for (let j = 0; j < nNumeric; j++) rows[at + j] = this.#numeric[j].sample(rng, slot);
      for (let j = nNumeric; j < width; j++) rows[at + j] = this.#categorical[j - nNumeric].sample(rng, slot);
    }
  }

  /** Cumulative weights by age, that of the prior last. */
  #sumWeights(): Float64Array {
    if (this.#sums.length <= this.size) this.#sums = new Float64Array(2 * this.size + 1);
    let sum = 0;
    for (let k = 0; k < this.size; k++) {
      sum += this.#weights.at(k);
      this.#sums[k] = sum;
    }
    this.#sums[this.size] = sum + 1;
    return this.#sums;
  }

  /** Log densities at a batch of candidates; where one is above its ceiling, something between the two. */
  logDensities(candidates: Candidates, batch: CandidateBatch): void {
    this.#shift(batch.ceilings, batch.size, this.#logTotal);
    this.#kernels.logSums(candidates, batch);
    this.#shift(batch.logs, batch.size, -this.#logTotal);
  }

  /** Something not above the log densities, found much faster. */
  logDensityBounds(candidates: Candidates, batch: CandidateBatch): void {
    this.#kernels.logSumBounds(candidates, batch);
    this.#shift(batch.logs, batch.size, -this.#logTotal);
  }

  #shift(logs: Float64Array, n: number, by: number): void {
    for (let i = 0; i < n; i++) logs[i] += by;
  }
}
