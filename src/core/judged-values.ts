/**
 * The intermediate values that a trial is judged by: those that it has reported. One that was re-entered and begins anew is
 * judged by what it had reported up to this step when it was here the first time.
 */
export class JudgedValues {
  readonly #values = new Map<number, number>();
  /** What it reported the first time and has not reported again, the nearest step last. */
  readonly #ahead: [step: number, value: number][];

  /** @param before what it had reported when it was entered, in order of step. */
  constructor(before: ReadonlyMap<number, number>) {
    this.#ahead = [...before].reverse();
  }

  /** Null as long as it has reported nothing again. The map grows. */
  get values(): ReadonlyMap<number, number> | null {
    return this.#values.size === 0 ? null : this.#values;
  }

  /** @param value of the step: that of the first time, if it had one. */
  report(step: number, value: number): void {
    for (let next = this.#ahead.at(-1); next !== undefined && next[0] <= step; next = this.#ahead.at(-1)) {
      this.#values.set(...next);
      this.#ahead.pop();
    }
    this.#values.set(step, value);
  }
}
