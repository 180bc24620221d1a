import type { FrozenTrial } from '../../src/core/frozen-trial.ts';
import { RunningTrials } from '../../src/core/running-trials.ts';
import { ChangeCursor, type History } from '../history-cache.ts';

interface Generation {
  /** The trial of the lowest number, whatever became of it. */
  first: FrozenTrial;
  /** All trials of it, whatever became of them. */
  size: number;
  /** Those that can be learned from, failed ones included, in order of number. */
  readonly members: FrozenTrial[];
}

/** What can be learned from a trial: its rank; that it failed; or nothing, as long as it runs for instance. */
export type Lesson = 'rank' | 'failure' | null;

/** Where more trials fail for each that does not, the search is where nothing can be found. */
const MAX_FAILURES_EACH = 3;

/**
 * The trials of a history by the generation in their system attribute. A generation is closed by the first trial of the next
 * one; its parents are those that had finished when that trial was asked, so that they stay the same for all later trials.
 *
 * Failed trials are the worst of their generation. They make up no more than its worse half, so that a ranking of those that
 * did not fail decides where the search moves.
 */
export class CmaGenerations {
  readonly #changes: ChangeCursor;
  readonly #attr: string;
  readonly #lessonOf: (trial: FrozenTrial) => Lesson;
  readonly #byGeneration = new Map<number, Generation>();
  /** By trial number. */
  readonly #known: boolean[] = [];
  readonly #lessons: Lesson[] = [];
  #nFinished = 0;

  /** @param attr the attribute that holds a trial's generation. */
  constructor(history: History, attr: string, lessonOf: (trial: FrozenTrial) => Lesson) {
    this.#changes = new ChangeCursor(history);
    this.#attr = attr;
    this.#lessonOf = lessonOf;
  }

  /** Trials that can be ranked, of any generation or of none. */
  get nFinished(): number {
    return this.#nFinished;
  }

  /** How many trials have been asked in a generation. */
  sizeOf(generation: number): number {
    return this.#byGeneration.get(generation)?.size ?? 0;
  }

  /** Takes over what is new in the history. Returns the first generation whose parents it may change; Infinity for none. */
  sync(): number {
    let changed = Number.POSITIVE_INFINITY;
    this.#changes.forEachChange((trial) => {
      const isNew = (this.#lessons[trial.number] ?? null) === null;
      if (isNew) this.#lessons[trial.number] = this.#lessonOf(trial);
      const isMember = isNew && this.#lessons[trial.number] !== null;
      if (isNew && this.#lessons[trial.number] === 'rank') this.#nFinished++;
      const number = trial.systemAttrs[this.#attr];
      if (typeof number === 'number') changed = Math.min(changed, this.#put(number, trial, isMember));
    });
    return changed;
  }

  /** Whether a generation that is open does little but fail. */
  isFailing(generation: number, popsize: number): boolean {
    const members = this.#byGeneration.get(generation)?.members ?? [];
    const nFailed = members.filter(({ number }) => this.#lessons[number] === 'failure').length;
    return nFailed >= popsize / 2 && nFailed > MAX_FAILURES_EACH * (members.length - nFailed);
  }

  /** The members of a generation that make the next one, in order of number; null while they are fewer than `popsize`. */
  parentsOf(generation: number, popsize: number): readonly FrozenTrial[] | null {
    const members = this.#byGeneration.get(generation)?.members ?? [];
    if (members.length < popsize) return null;
    const next = this.#byGeneration.get(generation + 1)?.first;
    if (next !== undefined) {
      const running = RunningTrials.readFrom(next.systemAttrs);
      const then = members.filter((t) => t.number < next.number && !running.has(t.number));
      const parents = this.#parentsAmong(then, popsize);
      if (parents !== null) return parents;
    }
    return this.#parentsAmong(members, popsize);
  }

  #parentsAmong(members: readonly FrozenTrial[], popsize: number): readonly FrozenTrial[] | null {
    const failures = members.filter(({ number }) => this.#lessons[number] === 'failure');
    const left = new Set(failures.slice(Math.floor(popsize / 2)));
    const parents = members.filter((trial) => !left.has(trial));
    return parents.length < popsize ? null : parents;
  }

  #put(number: number, trial: FrozenTrial, isMember: boolean): number {
    let generation = this.#byGeneration.get(number);
    const isFirst = generation === undefined || trial.number < generation.first.number;
    if (generation === undefined) {
      generation = { first: trial, size: 0, members: [] };
      this.#byGeneration.set(number, generation);
    }
    if (!this.#known[trial.number]) generation.size++;
    this.#known[trial.number] = true;
    if (isFirst) generation.first = trial;
    if (isMember) {
      const { members } = generation;
      let at = members.length;
      while (at > 0 && members[at - 1].number > trial.number) at--;
      members.splice(at, 0, trial);
    }
    return isFirst ? number - 1 : number;
  }
}
