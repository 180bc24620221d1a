import type { FrozenTrial, StudyDirection } from '../../src/core/frozen-trial.ts';
import { ChangeCursor, type History } from '../history-cache.ts';
import { RelativeSpace } from '../relative-space.ts';
import { type Population, selectElite } from './population.ts';

/** Optuna's name, so that either tool continues the other's study. */
export const GENERATION_ATTR = 'NSGAIISampler:generation';

/** The COMPLETE trials of a study by generation, and the parents of each generation: a function of the history alone. */
export class Generations {
  readonly relativeSpace: RelativeSpace;
  readonly #changes: ChangeCursor;
  /** By generation, in order of trial number. */
  readonly #members: FrozenTrial[][] = [];
  readonly #parents: {
    readonly key: string;
    readonly nMembers: number;
    readonly from: Population | null;
    readonly population: Population;
  }[] = [];

  constructor(history: History) {
    this.relativeSpace = new RelativeSpace(history, ['COMPLETE']);
    this.#changes = new ChangeCursor(history);
  }

  /** The generation of the next trial: the latest one until it has `populationSize` COMPLETE trials. */
  current(populationSize: number): number {
    this.#update();
    const latest = Math.max(0, this.#members.length - 1);
    return (this.#members[latest]?.length ?? 0) < populationSize ? latest : latest + 1;
  }

  /** The parents of `generation`: the elite of the generation before it and of that one's parents; null for 0. */
  parentsOf(generation: number, directions: readonly StudyDirection[], size: number): Population | null {
    this.#update();
    let parents: Population | null = null;
    const key = `${directions.join()} ${size}`;
    for (let g = 1; g <= generation; g++) {
      const members = this.#members[g - 1] ?? [];
      const known = this.#parents[g];
      if (known?.key !== key || known.nMembers !== members.length || known.from !== parents)
        this.#parents[g] = {
          key,
          nMembers: members.length,
          from: parents,
          population: selectElite([...members, ...(parents?.trials ?? [])], directions, size),
        };
      parents = this.#parents[g].population;
    }
    return parents;
  }

  #update(): void {
    this.#changes.forEachChange((trial) => {
      if (trial.state !== 'COMPLETE') return;
      // Trials of other samplers found the first generation, so that nothing that is known is thrown away.
      const generation = Number(trial.systemAttrs[GENERATION_ATTR] ?? 0);
      while (this.#members.length <= generation) this.#members.push([]);
      const members = this.#members[generation];
      let at = members.length;
      while (at > 0 && members[at - 1].number > trial.number) at--;
      members.splice(at, 0, trial);
    });
  }
}
