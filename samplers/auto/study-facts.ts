import { type Distribution, isSingle, type SearchSpace } from '../../src/core/distribution.ts';
import { type FrozenTrial, isFinished } from '../../src/core/frozen-trial.ts';
import { ChangeCursor, type History } from '../history-cache.ts';

/** What a choice of sampler depends on. */
export interface StudyFacts {
  /** Parameters that are not single-valued. */
  readonly nParams: number;
  readonly nCategorical: number;
  /** Do some parameters exist only in some trials? */
  readonly isConditional: boolean;
}

/** Reads the facts off a history, each trial once. */
export class HistoryFacts {
  readonly #changes: ChangeCursor;
  readonly #kinds = new Map<string, Distribution['kind']>();
  #smallest = Number.POSITIVE_INFINITY;

  constructor(history: History) {
    this.#changes = new ChangeCursor(history);
  }

  /** `declared`, if given, says more than the trials that there are. */
  get(declared: SearchSpace | null, hasConditions: boolean): StudyFacts {
    this.#changes.forEachChange((trial) => this.#read(trial));
    const kinds = declared === null ? [...this.#kinds.values()] : kindsOf(declared);
    return {
      nParams: kinds.length,
      nCategorical: kinds.filter((kind) => kind === 'categorical').length,
      isConditional: declared === null ? this.#smallest < this.#kinds.size : hasConditions,
    };
  }

  #read(trial: FrozenTrial): void {
    if (!isFinished(trial.state) || trial.state === 'FAIL') return;
    let n = 0;
    for (const name in trial.distributions) {
      if (isSingle(trial.distributions[name])) continue;
      n++;
      if (!this.#kinds.has(name)) this.#kinds.set(name, trial.distributions[name].kind);
    }
    this.#smallest = Math.min(this.#smallest, n);
  }
}

function kindsOf(space: SearchSpace): Distribution['kind'][] {
  return Object.values(space)
    .filter((d) => !isSingle(d))
    .map((d) => d.kind);
}
