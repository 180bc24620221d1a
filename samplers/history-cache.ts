/**
 * Lets a sampler keep derived data per study and bring it up to date in O(changes). A cache follows the history by the
 * identity of its trials; anything that it does not recognize makes it start anew, so it can change only the speed.
 */

import { type FrozenTrial, isFinished } from '../src/core/frozen-trial.ts';
import type { SamplerContext } from '../src/core/sampler.ts';
import { sameNumbers } from '../src/math/vector.ts';

/** The trials of one study by number, and in which order they appeared or changed. */
export class History {
  /** Index = trial number; absent where the history has none. */
  readonly trials: (FrozenTrial | undefined)[] = [];
  /** Numbers of trials that were added, or that were RUNNING and changed, oldest first. */
  readonly changes: number[] = [];
  /** The trials of the last history: most of the next one is the same, place by place. */
  readonly #seen: FrozenTrial[] = [];
  #count = 0;
  /** The array of the last history: a study hands out the same one, longer, as long as that can be. */
  #array: readonly FrozenTrial[] | null = null;
  /** The first so many trials of that array are known, and finished, so they stay as they are. */
  #settled = 0;

  /** Takes over what is new. False if the past differs from what was seen: then nothing here may be used. */
  sync(trials: readonly FrozenTrial[]): boolean {
    const seen = this.#seen;
    const n = trials.length;
    if (trials !== this.#array) this.#settled = 0;
    this.#array = trials;
    for (let i = this.#settled; i < n; i++) {
      const trial = trials[i];
      if (i === this.#settled && isFinished(trial.state)) this.#settled++;
      if (seen[i] === trial) continue;
      seen[i] = trial;
      const known = this.trials[trial.number];
      if (known === trial) continue;
      if (known === undefined) this.#count++;
      else if (isFinished(known.state)) {
        if (!sameFinished(known, trial)) return false;
        this.trials[trial.number] = trial;
        continue;
      }
      this.trials[trial.number] = trial;
      this.changes.push(trial.number);
    }
    return this.#count === trials.length;
  }
}

/** Follows `History.changes`: hands each changed trial on once. */
export class ChangeCursor {
  readonly #history: History;
  #next = 0;

  constructor(history: History) {
    this.#history = history;
  }

  /** Applies the trials that are new or have changed since the last call, in the order of these changes. */
  forEachChange(apply: (trial: FrozenTrial) => void): void {
    const { changes, trials } = this.#history;
    while (this.#next < changes.length) apply(trials[changes[this.#next++]]!);
  }
}

/** One `T` per study; a study is recognized by its first trial. */
export class StudyCaches<T extends object> {
  readonly #create: (history: History) => T;
  readonly #known = new WeakMap<FrozenTrial, { readonly history: History; readonly data: T }>();
  /** A sampler is asked several times about one trial. */
  #last: { readonly context: SamplerContext; readonly data: T } | null = null;

  constructor(create: (history: History) => T) {
    this.#create = create;
  }

  /** Returns what is known of the study of this context, brought up to its history. */
  of(context: SamplerContext): T {
    if (this.#last?.context !== context) this.#last = { context, data: this.#of(context.trials) };
    return this.#last.data;
  }

  #of(trials: readonly FrozenTrial[]): T {
    const known = trials.length === 0 ? undefined : this.#known.get(trials[0]);
    if (known?.history.sync(trials)) return known.data;
    const history = new History();
    history.sync(trials);
    const data = this.#create(history);
    if (trials.length > 0) this.#known.set(trials[0], { history, data });
    return data;
  }
}

/** A storage may read a finished trial again: another object, but the same trial. */
function sameFinished(a: FrozenTrial, b: FrozenTrial): boolean {
  return (
    a.trialId === b.trialId &&
    a.state === b.state &&
    sameNumbersOrNull(a.values, b.values) &&
    sameNumbersOrNull(a.constraints, b.constraints) &&
    sameNumbers([...a.intermediateValues].flat(), [...b.intermediateValues].flat()) &&
    JSON.stringify([a.params, a.distributions, a.systemAttrs]) ===
      JSON.stringify([b.params, b.distributions, b.systemAttrs])
  );
}

function sameNumbersOrNull(a: readonly number[] | null, b: readonly number[] | null): boolean {
  if (a === null || b === null) return a === b;
  return sameNumbers(a, b);
}
