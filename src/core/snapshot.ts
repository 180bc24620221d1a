import { damageOf } from './damage.ts';
import {
  assertCompatible,
  cardinality,
  type Distribution,
  extendsChoices,
  isSingle,
  type SearchSpace,
} from './distribution.ts';
import type { StorageError } from './errors.ts';
import {
  type FrozenTrial,
  frozenTrial,
  isFinished,
  NO_INTERMEDIATE_VALUES,
  SYSTEM_ATTR,
} from './frozen-trial.ts';
import { NO_ATTRS } from './json.ts';
import type { Storage } from './storage.ts';
import { changedTrials } from './stored-trials.ts';

/** A study's trials as last read; of those that were finished then none is read again. */
export class StudySnapshot {
  readonly #storage: Storage;
  readonly #studyId: number;
  readonly #trials: FrozenTrial[] = [];
  /** In order of number. */
  readonly #unfinished = new Map<number, FrozenTrial>();
  readonly #known = new Map<string, Distribution>();
  #lastSpace: SearchSpace | null = null;
  #damage: StorageError | null;

  /** @param damage of the study itself, as it was read. */
  constructor(storage: Storage, studyId: number, damage: StorageError | null = null) {
    this.#storage = storage;
    this.#studyId = studyId;
    this.#damage = damage;
  }

  /** Index = number. */
  get trials(): readonly FrozenTrial[] {
    return this.#trials;
  }

  get finishedCount(): number {
    return this.#trials.length - this.#unfinished.size;
  }

  /**
   * What is wrong with the study or one of its trials, if anything is: it can be read, but samplers must not go on with a
   * history that is not the one that was written.
   */
  get damage(): StorageError | null {
    return this.#damage;
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

  /** By number, in order. */
  get unfinished(): ReadonlyMap<number, FrozenTrial> {
    return this.#unfinished;
  }

  async refresh(): Promise<void> {
    const last = this.#trials.at(-1) ?? null;
    const known = { last, unfinished: [...this.#unfinished.values()] };
    for (const trial of await changedTrials(this.#storage, this.#studyId, known)) this.put(trial);
  }

  /** Takes over one trial that has just been written or read. */
  put(trial: FrozenTrial): void {
    const { number } = trial;
    if (number < this.#trials.length && !this.#unfinished.has(number)) return;
    while (this.#trials.length < number) this.#trials.push(missingTrial(this.#trials.length));
    this.#trials[number] = trial;
    if (isFinished(trial.state)) this.#unfinished.delete(number);
    else this.#unfinished.set(number, trial);
    this.#damage ??= damageOf(trial);
    this.#learn(trial);
  }

  #learn(trial: FrozenTrial): void {
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

/** Stands for a trial that the storage has lost, so that the others keep their places; the trial after it is damaged then. */
function missingTrial(number: number): FrozenTrial {
  return frozenTrial({
    trialId: -1,
    number,
    state: 'FAIL',
    params: NO_PARAMS,
    distributions: NO_PARAMS,
    values: null,
    userAttrs: NO_ATTRS,
    systemAttrs: { [SYSTEM_ATTR.failReason]: 'it is missing in the storage' },
    intermediateValues: NO_INTERMEDIATE_VALUES,
    datetimeStart: null,
    datetimeComplete: null,
  });
}

const NO_PARAMS = Object.freeze({});
