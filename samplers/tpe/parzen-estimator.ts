import type { SearchSpace } from '../../src/core/distribution.ts';
import type { FrozenTrial } from '../../src/core/frozen-trial.ts';
import type { Rng } from '../../src/core/rng.ts';
import { CandidateBatch, Candidates } from './candidates.ts';
import { grown } from './kernel-slots.ts';
import type { Weighting } from './kernel-weights.ts';
import { ParzenMixture } from './parzen-mixture.ts';
import { ParzenSpace } from './parzen-space.ts';

type Observation = Pick<FrozenTrial, 'number' | 'params'>;

const NONE = 0;
const BELOW = 1;
const ABOVE = 2;
/** Still below, but not in the new split. */
const LEAVING = 3;

/**
 * The densities l (of trials below the split) and g (of those above it) of one search space. Follows the history trial by trial,
 * so that a new one costs little. Only trials that have every parameter of the space count.
 */
export class ParzenEstimator {
  readonly space: ParzenSpace;
  readonly below: ParzenMixture;
  readonly above: ParzenMixture;
  /** By trial number: where it is, and its slot there. */
  #sides = new Uint8Array(64);
  #slots = new Int32Array(64);
  /** Trials that were to be below. */
  #numbersBelow: Int32Array = new Int32Array(0);
  #candidates: Candidates | null = null;
  readonly #batch = new CandidateBatch();
  /** Several at a time are faster than one by one, except on a line. */
  readonly #batchSize: number;

  constructor(space: SearchSpace, weightingBelow: Weighting) {
    this.space = new ParzenSpace(space);
    this.below = new ParzenMixture(this.space, weightingBelow);
    this.above = new ParzenMixture(this.space, 'recency');
    this.#batchSize = this.space.isLine ? 1 : 4;
  }

  /** Takes over a new or changed trial, above the split for now; or forgets one that does not count (any more). */
  observe(trial: Observation, counts: boolean): void {
    this.#place(trial, counts ? ABOVE : NONE);
  }

  /** Moves trials between the densities and brings both up to date. @param numbers of those below. */
  split(numbers: Int32Array, trialOf: (number: number) => Observation): void {
    const before = this.#numbersBelow;
    const sides = this.#sides;
    for (let i = 0; i < before.length; i++) if (sides[before[i]] === BELOW) sides[before[i]] = LEAVING;
    for (let i = 0; i < numbers.length; i++) {
      if (sides[numbers[i]] === LEAVING) sides[numbers[i]] = BELOW;
      else if (sides[numbers[i]] === ABOVE) this.#place(trialOf(numbers[i]), BELOW);
    }
    for (let i = 0; i < before.length; i++)
      if (sides[before[i]] === LEAVING) this.#place(trialOf(before[i]), ABOVE);
    this.#numbersBelow = numbers;
    this.below.fit();
    this.above.fit();
  }

  #place({ number, params }: Observation, side: number): void {
    if (number >= this.#sides.length) {
      const length = Math.max(number + 1, 2 * this.#sides.length);
      this.#sides = grown(this.#sides, length);
      this.#slots = grown(this.#slots, length);
    }
    if (this.#sides[number] === BELOW || this.#sides[number] === LEAVING)
      this.below.remove(this.#slots[number]);
    if (this.#sides[number] === ABOVE) this.above.remove(this.#slots[number]);
    const row = side === NONE ? null : this.space.rowOf(params);
    this.#sides[number] = row === null ? NONE : side;
    if (row !== null) this.#slots[number] = (side === BELOW ? this.below : this.above).add(number, row);
  }

  /** Returns the row with the largest l / g of `n` draws from l. */
  mostPromising(rng: Rng, n: number): Float64Array {
    const { below, above, space } = this;
    if (this.#candidates?.size !== n) this.#candidates = new Candidates(space, n);
    const candidates = this.#candidates;
    below.sample(rng, candidates.rows);
    candidates.prepare();
    const logBelow = new Array<number>(n);
    // What is not looked at cannot win: a repeated candidate.
    const bounds = new Array<number>(n).fill(Number.NEGATIVE_INFINITY);
    const batch = this.#batch;
    for (let s = 0; s < n; ) {
      for (batch.size = 0; s < n && batch.size < 4; s++)
        if (!candidates.isRepeated(s)) batch.push(s, Number.POSITIVE_INFINITY);
      below.logDensities(candidates, batch);
      for (let i = 0; i < batch.size; i++) logBelow[batch.members[i]] = batch.logs[i];
      above.logDensityBounds(candidates, batch);
      for (let i = 0; i < batch.size; i++)
        bounds[batch.members[i]] = logBelow[batch.members[i]] - batch.logs[i];
    }
    const best = this.#largestRatio(candidates, logBelow, bounds);
    return candidates.rows.subarray(best * space.width, (best + 1) * space.width);
  }

  /**
   * The candidate with the largest l / g, whose g is not yet known. The most promising are looked at first: then most others
   * cannot win, and their g need not be known.
   */
  #largestRatio(candidates: Candidates, logBelow: readonly number[], bounds: number[]): number {
    const batch = this.#batch;
    let best = 0;
    let largest = Number.NEGATIVE_INFINITY;
    do {
      batch.size = 0;
      while (batch.size < this.#batchSize) {
        const s = indexOfLargest(bounds);
        if (!(bounds[s] > largest)) break;
        bounds[s] = Number.NEGATIVE_INFINITY;
        batch.push(s, logBelow[s] - largest);
      }
      this.above.logDensities(candidates, batch);
      for (let i = 0; i < batch.size; i++) {
        const difference = logBelow[batch.members[i]] - batch.logs[i];
        if (!(difference > largest)) continue;
        best = batch.members[i];
        largest = difference;
      }
    } while (batch.size > 0);
    return best;
  }
}

function indexOfLargest(values: readonly number[]): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
}
