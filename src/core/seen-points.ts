import type { ParamValue } from './distribution.ts';
import { type FrozenTrial, isFinished } from './frozen-trial.ts';
import { relativeFromAttrs } from './history.ts';

/** The points of a finite space that trials have had, so that none is suggested twice while others are left. */
export class SeenPoints {
  readonly #names: readonly string[];
  readonly #trials: readonly FrozenTrial[];
  /** Numbers of the trials of a point, of those below `#entered`, which are all finished. */
  readonly #numbers = new Map<string, number[]>();
  #entered = 0;

  /** @param trials of the study, by number; grows while this is in use. */
  constructor(names: readonly string[], trials: readonly FrozenTrial[]) {
    this.#names = names;
    this.#trials = trials;
  }

  isOf(names: readonly string[]): boolean {
    return names.length === this.#names.length && names.every((name, i) => name === this.#names[i]);
  }

  /** Number of different points so far. */
  get count(): number {
    this.#enterFinished();
    return this.#numbers.size;
  }

  /**
   * Has a trial below `trialNumber` had this point? Of those that were `running` when it was asked, only what was decided at
   * their own asking counts, so that a resumed study answers the same.
   */
  has(
    params: Readonly<Record<string, ParamValue>>,
    trialNumber: number,
    running: readonly number[],
  ): boolean {
    this.#enterFinished();
    const key = this.#keyOf(params);
    const isKnownOf = (number: number): boolean =>
      number < trialNumber && (!running.includes(number) || this.#keyAtAsk(this.#trials[number]) === key);
    if (this.#numbers.get(key)?.some(isKnownOf) === true) return true;
    for (let i = this.#entered; i < Math.min(trialNumber, this.#trials.length); i++)
      if (this.#keyAtAsk(this.#trials[i]) === key) return true;
    return false;
  }

  #enterFinished(): void {
    for (; this.#entered < this.#trials.length; this.#entered++) {
      const trial = this.#trials[this.#entered];
      if (!isFinished(trial.state)) return;
      const key = this.#keyOf(trial.params);
      const numbers = this.#numbers.get(key);
      if (numbers === undefined) this.#numbers.set(key, [trial.number]);
      else numbers.push(trial.number);
    }
  }

  #keyAtAsk(trial: FrozenTrial): string {
    const { params } = relativeFromAttrs(trial.systemAttrs);
    return this.#keyOf(Object.keys(params).length > 0 ? params : trial.params);
  }

  #keyOf(params: Readonly<Record<string, ParamValue>>): string {
    return JSON.stringify(
      this.#names.map((name) => (Object.hasOwn(params, name) ? params[name] : undefined)),
    );
  }
}
