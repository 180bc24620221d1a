import type { Distribution } from './distribution.ts';
import { type FrozenTrial, isFinished } from './frozen-trial.ts';
import type { Storage } from './storage.ts';

/** A study's trials as last read; re-reads only from the first unfinished one. */
export class StudySnapshot {
  readonly #storage: Storage;
  readonly #studyId: number;
  readonly #trials: FrozenTrial[] = [];
  readonly #known = new Map<string, Distribution>();
  /** All trials with a lower number are finished. */
  #settled = 0;
  #finished = 0;

  constructor(storage: Storage, studyId: number) {
    this.#storage = storage;
    this.#studyId = studyId;
  }

  /** Index = number. */
  get trials(): readonly FrozenTrial[] {
    return this.#trials;
  }

  get finishedCount(): number {
    return this.#finished;
  }

  /** The first distribution that the study's history has for a name. */
  knownDistribution(name: string): Distribution | undefined {
    return this.#known.get(name);
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
    this.#finished = this.#trials.length - this.unfinished().length;
  }

  /** Takes over one trial that has just been written; the ones before it must have been read. */
  put(trial: FrozenTrial): void {
    this.#trials[trial.number] = trial;
    for (const name in trial.distributions)
      if (!this.#known.has(name)) this.#known.set(name, trial.distributions[name]);
  }
}
