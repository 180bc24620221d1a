import type { FrozenTrial } from '../core/frozen-trial.ts';
import { lowerBound } from '../math/bisect.ts';

/**
 * What a trial has reported, in order of step. A running trial is judged after each of its steps, so this grows with its
 * values instead of being made again; the order in which they were reported does not count.
 */
export class Reported {
  /** Ascending. */
  readonly steps: number[] = [];
  /** One for each step. */
  readonly values: number[] = [];
  /** The least and the greatest of the values up to each step; NaN while there are no numbers. */
  readonly #least: number[] = [];
  readonly #greatest: number[] = [];
  readonly #source: ReadonlyMap<number, number>;
  /** The sum of the values, in order of step. */
  #sum = 0;
  #nOdd = 0;
  /** Goes on where it stopped, as long as it is never asked for more than there is. */
  readonly #entries: Iterator<[number, number]>;

  constructor(source: ReadonlyMap<number, number>) {
    this.#source = source;
    this.#entries = source.entries();
  }

  /** Null if nothing was reported. */
  get lastStep(): number | null {
    return this.steps.at(-1) ?? null;
  }

  /** The least loss of the first `count` steps; NaN if there are no numbers. */
  leastLoss(sign: 1 | -1, count = this.steps.length): number {
    if (count === 0) return Number.NaN;
    return sign === 1 ? this.#least[count - 1] : -this.#greatest[count - 1];
  }

  /** The mean of all values; NaN before the first. */
  get mean(): number {
    return this.#sum / this.values.length;
  }

  /** Whether all values are. */
  get isFinite(): boolean {
    return this.#nOdd === 0;
  }

  /** The value at the first step >= `step`; undefined if the trial did not come that far. */
  valueFrom(step: number): number | undefined {
    return this.values[lowerBound(this.steps, step)];
  }

  /** Whether a step in [from, last) was reported, where `last` is the last one. */
  hasBeforeLast(from: number): boolean {
    return this.steps.length > 1 && this.steps[this.steps.length - 2] >= from;
  }

  /** Takes in what the trial has reported since the last call. */
  takeNew(): this {
    for (let left = this.#source.size - this.steps.length; left > 0; left--) {
      const [step, value] = this.#entries.next().value as [number, number];
      const place = lowerBound(this.steps, step);
      if (!Number.isFinite(value)) this.#nOdd++;
      if (place === this.steps.length) {
        this.steps.push(step);
        this.values.push(value);
        this.#sum += value;
      } else {
        this.steps.splice(place, 0, step);
        this.values.splice(place, 0, value);
        this.#sum = this.values.reduce((sum, each) => sum + each, 0);
      }
      for (let i = place; i < this.steps.length; i++) this.#sumUp(i);
    }
    return this;
  }

  #sumUp(i: number): void {
    const value = this.values[i];
    const least = i === 0 ? Number.NaN : this.#least[i - 1];
    const greatest = i === 0 ? Number.NaN : this.#greatest[i - 1];
    this.#least[i] = value < least || Number.isNaN(least) ? value : least;
    this.#greatest[i] = value > greatest || Number.isNaN(greatest) ? value : greatest;
  }
}

const known = new WeakMap<ReadonlyMap<number, number>, Reported>();

/** Returns what a trial has reported so far; kept and brought up to date from call to call. */
export function reportedBy({ intermediateValues }: FrozenTrial): Reported {
  let reported = known.get(intermediateValues);
  if (reported === undefined) {
    reported = new Reported(intermediateValues);
    known.set(intermediateValues, reported);
  }
  return reported.takeNew();
}
