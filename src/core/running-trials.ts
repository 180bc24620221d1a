import { type Attrs, SYSTEM_ATTR } from './frozen-trial.ts';
import type { JsonValue } from './json.ts';

/** From so many in a row on, two numbers stand for them. */
const LEAST_RUN = 3;

/**
 * The numbers of the trials that were unfinished when a trial was asked, ascending. The attribute `thanos:running` keeps them as
 * a list of numbers and of pairs `[first, last]`, so that a large batch, of which every trial has those before it running,
 * costs no more than a small one.
 */
export class RunningTrials implements Iterable<number> {
  static readonly NONE = new RunningTrials([]);
  readonly #runs: readonly (readonly [first: number, last: number])[];

  private constructor(runs: readonly (readonly [number, number])[]) {
    this.#runs = runs;
  }

  /** Returns those of ascending numbers that are below `end`. */
  static below(end: number, numbers: Iterable<number>): RunningTrials {
    const runs: [number, number][] = [];
    for (const number of numbers) {
      if (number >= end) break;
      const last = runs.at(-1);
      if (last !== undefined && last[1] === number - 1) last[1] = number;
      else runs.push([number, number]);
    }
    return runs.length === 0 ? RunningTrials.NONE : new RunningTrials(runs);
  }

  /** From the system attributes of a trial. */
  static readFrom(systemAttrs: Attrs): RunningTrials {
    const stored = systemAttrs[SYSTEM_ATTR.running] as readonly (number | [number, number])[] | undefined;
    if (stored === undefined) return RunningTrials.NONE;
    return new RunningTrials(stored.map((item) => (typeof item === 'number' ? [item, item] : item)));
  }

  get isEmpty(): boolean {
    return this.#runs.length === 0;
  }

  has(number: number): boolean {
    return this.#runs.some(([first, last]) => first <= number && number <= last);
  }

  *[Symbol.iterator](): Iterator<number> {
    for (const [first, last] of this.#runs) for (let number = first; number <= last; number++) yield number;
  }

  toJson(): JsonValue {
    return this.#runs.flatMap(([first, last]): JsonValue[] => {
      if (last - first + 1 >= LEAST_RUN) return [[first, last]];
      return first === last ? [first] : [first, last];
    });
  }
}
