import { type FrozenTrial, SYSTEM_ATTR } from '../../src/core/frozen-trial.ts';
import { ChangeCursor, type History } from '../history-cache.ts';

interface Generation {
  /** The trial of the lowest number, whatever became of it. */
  first: FrozenTrial;
  /** All trials of it, whatever became of them. */
  size: number;
  /** Those that count, in order of number. */
  readonly members: FrozenTrial[];
}

/**
 * The trials of a history by the generation in their system attribute. A generation is closed by the first trial of the next
 * one; its parents are those that had finished when that trial was asked, so that they stay the same for all later trials.
 */
export class Generations {
  readonly #changes: ChangeCursor;
  readonly #attr: string;
  readonly #counts: (trial: FrozenTrial) => boolean;
  readonly #byGeneration = new Map<number, Generation>();
  /** By trial number. */
  readonly #known: boolean[] = [];
  readonly #counted: boolean[] = [];
  #nFinished = 0;

  /**
   * @param attr the attribute that holds a trial's generation.
   * @param counts has the trial finished in a way that can be learnt from?
   */
  constructor(history: History, attr: string, counts: (trial: FrozenTrial) => boolean) {
    this.#changes = new ChangeCursor(history);
    this.#attr = attr;
    this.#counts = counts;
  }

  /** Trials that count, of any generation or of none. */
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
      const counts = !this.#counted[trial.number] && this.#counts(trial);
      if (counts) {
        this.#counted[trial.number] = true;
        this.#nFinished++;
      }
      const number = trial.systemAttrs[this.#attr];
      if (typeof number === 'number') changed = Math.min(changed, this.#put(number, trial, counts));
    });
    return changed;
  }

  /** The members of a generation that make the next one, in order of number; null while they are fewer than `popsize`. */
  parentsOf(generation: number, popsize: number): readonly FrozenTrial[] | null {
    const members = this.#byGeneration.get(generation)?.members ?? [];
    if (members.length < popsize) return null;
    const next = this.#byGeneration.get(generation + 1)?.first;
    if (next !== undefined) {
      const running = (next.systemAttrs[SYSTEM_ATTR.running] as readonly number[] | undefined) ?? [];
      const then = members.filter((t) => t.number < next.number && !running.includes(t.number));
      if (then.length >= popsize) return then;
    }
    return [...members];
  }

  #put(number: number, trial: FrozenTrial, counts: boolean): number {
    let generation = this.#byGeneration.get(number);
    const isFirst = generation === undefined || trial.number < generation.first.number;
    if (generation === undefined) {
      generation = { first: trial, size: 0, members: [] };
      this.#byGeneration.set(number, generation);
    }
    if (!this.#known[trial.number]) generation.size++;
    this.#known[trial.number] = true;
    if (isFirst) generation.first = trial;
    if (counts) {
      const { members } = generation;
      let at = members.length;
      while (at > 0 && members[at - 1].number > trial.number) at--;
      members.splice(at, 0, trial);
    }
    return isFirst ? number - 1 : number;
  }
}
