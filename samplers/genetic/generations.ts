import { type FrozenTrial, failedAtParams, type StudyDirection } from '../../src/core/frozen-trial.ts';
import { ChangeCursor, type History } from '../history-cache.ts';
import type { Population, Selection } from './population.ts';

/** In so many steps a generation replaces its parents. */
const N_STEPS = 5;
/** So few can be crossed. */
const MIN_FOUNDERS = 2;

/** The trials of a study by generation, and the parents of each generation: a function of the history alone. */
export class Generations {
  readonly #changes: ChangeCursor;
  readonly #generationAttr: string;
  readonly #populationSize: number;
  readonly #select: Selection;
  /** By generation, in order of trial number. */
  readonly #members: FrozenTrial[][] = [];
  /** By generation, how many trials failed: its worst members, which nothing descends from. */
  readonly #nFailed: number[] = [];
  /** The parents of generation 1, 2, …, as far as they are known, for these directions. */
  readonly #parents: Population[] = [];
  #directions: readonly StudyDirection[] = [];
  #breeders: { readonly parents: Population; readonly nMembers: number; readonly chosen: Population } | null =
    null;

  /** @param generationAttr the system attribute that names a trial's generation. */
  constructor(history: History, generationAttr: string, populationSize: number, select: Selection) {
    this.#changes = new ChangeCursor(history);
    this.#generationAttr = generationAttr;
    this.#populationSize = populationSize;
    this.#select = select;
  }

  /**
   * The generation of the next trial: the latest one until it has `populationSize` trials, COMPLETE ones or such as failed; the
   * first one needs two that nothing is wrong with.
   */
  current(): number {
    this.#update();
    const latest = Math.max(0, this.#members.length - 1);
    const nComplete = this.#membersOf(latest).length;
    const isFull = nComplete + (this.#nFailed[latest] ?? 0) >= this.#populationSize;
    return isFull && (latest > 0 || nComplete >= MIN_FOUNDERS) ? latest + 1 : latest;
  }

  /** The parents of `generation`: the elite of the generation before it and of that one's parents; null for 0. */
  parentsOf(generation: number, directions: readonly StudyDirection[]): Population | null {
    this.#update();
    if (directions !== this.#directions) {
      if (directions.join() !== this.#directions.join()) this.#parents.length = 0;
      this.#directions = directions;
    }
    let parents: Population | null = null;
    if (generation > 0 && this.#parents.length > 0)
      parents = this.#parents[Math.min(generation, this.#parents.length) - 1];
    for (let g = this.#parents.length + 1; g <= generation; g++) {
      const candidates: FrozenTrial[] = [...this.#membersOf(g - 1), ...(parents?.trials ?? [])];
      parents = this.#select(candidates, directions, this.#populationSize, g);
      this.#parents.push(parents);
    }
    return parents;
  }

  /**
   * Whom the next trial of `generation` descends from: its parents or, after every fifth of the generation, the elite of
   * these and of its members so far; null for 0. Waiting for the whole generation would waste what is known (Durillo,
   * Nebro, Luna and Alba, "On the Effect of the Steady-State Selection Scheme in Multi-Objective Genetic Algorithms", EMO
   * 2009).
   */
  breedersOf(generation: number, directions: readonly StudyDirection[]): Population | null {
    const parents = this.parentsOf(generation, directions);
    const members = this.#membersOf(generation);
    const step = Math.ceil(this.#populationSize / N_STEPS);
    const nMembers = members.length - (members.length % step);
    if (parents === null || nMembers === 0) return parents;
    if (this.#breeders?.parents !== parents || this.#breeders.nMembers !== nMembers) {
      const candidates = [...members.slice(0, nMembers), ...parents.trials];
      const chosen = this.#select(candidates, directions, this.#populationSize, generation);
      this.#breeders = { parents, nMembers, chosen };
    }
    return this.#breeders.chosen;
  }

  #membersOf(generation: number): readonly FrozenTrial[] {
    return this.#members[generation] ?? [];
  }

  #update(): void {
    this.#changes.forEachChange((trial) => {
      const generation = this.#generationOf(trial);
      if (failedAtParams(trial)) this.#nFailed[generation] = (this.#nFailed[generation] ?? 0) + 1;
      if (trial.state !== 'COMPLETE') return;
      while (this.#members.length <= generation) this.#members.push([]);
      const members = this.#members[generation];
      let at = members.length;
      while (at > 0 && members[at - 1].number > trial.number) at--;
      // A latecomer changes what is bred from its generation, and the parents of all later ones.
      if (at < members.length) this.#breeders = null;
      members.splice(at, 0, trial);
      this.#parents.length = Math.min(this.#parents.length, generation);
    });
  }

  /** Trials of other samplers found the first generation, so that nothing that is known is thrown away. */
  #generationOf(trial: FrozenTrial): number {
    const generation = trial.systemAttrs[this.#generationAttr];
    return Number.isSafeInteger(generation) && (generation as number) >= 0 ? (generation as number) : 0;
  }
}
