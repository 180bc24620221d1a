import {
  assertCompatible,
  cardinality,
  type Distribution,
  extendsChoices,
  isSingle,
  type SearchSpace,
} from './distribution.ts';
import { type FrozenTrial, isFinished } from './frozen-trial.ts';
import type { Storage } from './storage.ts';

/** A study's trials as last read; re-reads only from the first unfinished one. */
export class StudySnapshot {
  readonly #storage: Storage;
  readonly #studyId: number;
  readonly #trials: FrozenTrial[] = [];
  readonly #known = new Map<string, Distribution>();
  #settled = 0;
  #finished = 0;
  #lastSpace: SearchSpace | null = null;

  constructor(storage: Storage, studyId: number) {
    this.#storage = storage;
    this.#studyId = studyId;
  }

  /** Index = number. */
  get trials(): readonly FrozenTrial[] {
    return this.#trials;
  }

  /** All trials with a lower number are finished. */
  get settled(): number {
    return this.#settled;
  }

  get finishedCount(): number {
    return this.#finished;
  }

  /** The first distribution that the study's history has for a name; of a categorical the one with the most choices. */
  knownDistribution(name: string): Distribution | undefined {
    return this.#known.get(name);
  }

  /** The distributions of the trial that was put last if they are the same ones, or else these. */
  shared(distributions: SearchSpace): SearchSpace {
    const last = this.#lastSpace;
    if (last === null) return distributions;
    let nMore = 0;
    for (const _ in last) nMore++;
    for (const name in distributions) {
      if (last[name] !== distributions[name]) return distributions;
      nMore--;
    }
    return nMore === 0 ? last : distributions;
  }

  /** @throws ThanosError INCOMPATIBLE_DISTRIBUTION if the history has a parameter of this space with another kind. */
  assertCompatible(space: SearchSpace): void {
    for (const name in space) {
      const known = this.#known.get(name);
      if (known !== undefined && known !== space[name]) assertCompatible(name, known, space[name]);
    }
  }

  /** Number of points of a space, if it holds all parameters that the history has; else Infinity. */
  sizeOfWhole(space: SearchSpace): number {
    for (const [name, distribution] of this.#known)
      if (!Object.hasOwn(space, name) && !isSingle(distribution)) return Number.POSITIVE_INFINITY;
    return Object.values(space).reduce((size, d) => size * cardinality(d), 1);
  }

  /** Numbers of unfinished trials. */
  unfinished(): number[] {
    const numbers: number[] = [];
    for (let i = this.#settled; i < this.#trials.length; i++)
      if (!isFinished(this.#trials[i].state)) numbers.push(i);
    return numbers;
  }

  async refresh(): Promise<void> {
    for (const trial of await this.#storage.getTrials(this.#studyId, this.#settled)) this.put(trial);
    while (this.#settled < this.#trials.length && isFinished(this.#trials[this.#settled].state))
      this.#settled++;
    this.#finished = this.#settled;
    for (let i = this.#settled; i < this.#trials.length; i++)
      if (isFinished(this.#trials[i].state)) this.#finished++;
  }

  /** Takes over one trial that has just been written; the ones before it must have been read. */
  put(trial: FrozenTrial): void {
    this.#trials[trial.number] = trial;
    if (trial.distributions === this.#lastSpace) return;
    if (isFinished(trial.state)) this.#lastSpace = trial.distributions;
    for (const name in trial.distributions) {
      const distribution = trial.distributions[name];
      const known = this.#known.get(name);
      if (known === undefined || (known !== distribution && extendsChoices(known, distribution)))
        this.#known.set(name, distribution);
    }
  }
}
