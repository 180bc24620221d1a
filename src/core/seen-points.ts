import type { ParamValue } from './distribution.ts';
import { type FrozenTrial, isFinished } from './frozen-trial.ts';
import { relativeFromAttrs } from './history.ts';
import type { RunningTrials } from './running-trials.ts';

/** The points of a finite space that trials have had, so that none is suggested twice while others are left. */
export class SeenPoints {
  readonly #names: readonly string[];
  readonly #trials: readonly FrozenTrial[];
  /** Numbers of the finished trials of a point, of those below `#entered`. */
  readonly #numbers = new Map<string, number[]>();
  /** Numbers of the other ones below `#entered`. */
  readonly #unfinished = new Set<number>();
  #entered = 0;
  readonly #keysAtAsk = new WeakMap<FrozenTrial, string>();

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
   * Whether a trial below `trialNumber` has had this point. Of those that were `running` when it was asked, only what was decided at
   * their own asking counts, so that a resumed study answers the same.
   */
  has(params: Readonly<Record<string, ParamValue>>, trialNumber: number, running: RunningTrials): boolean {
    this.#enterFinished();
    const key = this.#keyOf(params);
    const wasAskedFor = (number: number): boolean => this.#keyAtAsk(this.#trials[number]) === key;
    const isKnownOf = (number: number): boolean =>
      number < trialNumber && (!running.has(number) || wasAskedFor(number));
    if (this.#numbers.get(key)?.some(isKnownOf) === true) return true;
    for (const number of this.#unfinished) if (number < trialNumber && wasAskedFor(number)) return true;
    return false;
  }

  #enterFinished(): void {
    for (const number of this.#unfinished) if (this.#enter(number)) this.#unfinished.delete(number);
    for (; this.#entered < this.#trials.length; this.#entered++)
      if (!this.#enter(this.#entered)) this.#unfinished.add(this.#entered);
  }

  /** Whether it is finished, so that what is known of it stays so. */
  #enter(number: number): boolean {
    const trial = this.#trials[number];
    if (!isFinished(trial.state)) return false;
    const key = this.#keyOf(trial.params);
    const numbers = this.#numbers.get(key);
    if (numbers === undefined) this.#numbers.set(key, [number]);
    else numbers.push(number);
    return true;
  }

  #keyAtAsk(trial: FrozenTrial): string {
    let key = this.#keysAtAsk.get(trial);
    if (key === undefined) {
      const { params } = relativeFromAttrs(trial.systemAttrs);
      key = this.#keyOf(Object.keys(params).length > 0 ? params : trial.params);
      this.#keysAtAsk.set(trial, key);
    }
    return key;
  }

  #keyOf(params: Readonly<Record<string, ParamValue>>): string {
    return JSON.stringify(
      this.#names.map((name) => (Object.hasOwn(params, name) ? params[name] : undefined)),
    );
  }
}
