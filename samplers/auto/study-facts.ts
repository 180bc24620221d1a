import { type Distribution, isSingle, type SearchSpace } from '../../src/core/distribution.ts';
import { type FrozenTrial, failedAtParams, isFinished, totalViolation } from '../../src/core/frozen-trial.ts';
import { ChangeCursor, type History } from '../history-cache.ts';

/** What a choice of sampler depends on. */
export interface StudyFacts {
  /** Parameters that are not single-valued. */
  readonly nParams: number;
  readonly nCategorical: number;
  /** Whether some parameters exist only in some trials. */
  readonly isConditional: boolean;
  readonly nComplete: number;
}

/** The share of the first trials that must differ. */
const DIFFERENT = 0.75;

/** Reads the facts off a history, each trial once. */
export class HistoryFacts {
  readonly #history: History;
  readonly #changes: ChangeCursor;
  readonly #kinds = new Map<string, Distribution['kind']>();
  #smallest = Number.POSITIVE_INFINITY;
  #nComplete = 0;

  constructor(history: History) {
    this.#history = history;
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
      nComplete: this.#nComplete,
    };
  }

  /**
   * Whether the first `n` trials that have finished can be told apart by what they are worth: most are COMPLETE, and differ. If
   * not, as where much fails, is pruned or penalized, or on a plateau, a ranking says little. False as long as there are fewer.
   */
  firstDiffer(n: number): boolean {
    const seen = new Set<string>();
    let nFirst = 0;
    for (const trial of this.#history.trials) {
      if (nFirst === n) break;
      if (trial === undefined || !isFinished(trial.state)) continue;
      if (trial.state === 'FAIL' && !failedAtParams(trial)) continue;
      nFirst++;
      if (trial.state === 'COMPLETE') seen.add(worthOf(trial));
    }
    return nFirst === n && seen.size > DIFFERENT * n;
  }

  #read(trial: FrozenTrial): void {
    if (!isFinished(trial.state) || trial.state === 'FAIL') return;
    if (trial.state === 'COMPLETE') this.#nComplete++;
    let n = 0;
    for (const name in trial.distributions) {
      if (isSingle(trial.distributions[name])) continue;
      n++;
      if (!this.#kinds.has(name)) this.#kinds.set(name, trial.distributions[name].kind);
    }
    this.#smallest = Math.min(this.#smallest, n);
  }
}

function worthOf(trial: FrozenTrial): string {
  const violation = totalViolation(trial) ?? 0;
  return violation > 0 ? `infeasible by ${violation}` : String(trial.values);
}

function kindsOf(space: SearchSpace): Distribution['kind'][] {
  return Object.values(space)
    .filter((d) => !isSingle(d))
    .map((d) => d.kind);
}
