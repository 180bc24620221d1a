/**
 * TPE's division of the history into a `below` set (the best trials, whose density is l) and an `above` set (density g).
 * Below is filled with complete feasible trials, then pruned, then infeasible ones; running trials are above.
 */
import { type FrozenTrial, type StudyDirection, totalViolation } from '../../src/core/index.ts';
import { lossesOf, nonDominationRanks, pickRows, selectByHypervolume } from '../../src/pareto/index.ts';
import { ChangeCursor, History } from '../history-cache.ts';
import { SortedIndex } from './sorted-index.ts';

/** Trial numbers in increasing order. */
export interface Split {
  readonly below: Int32Array<ArrayBuffer>;
  readonly above: Int32Array<ArrayBuffer>;
}

/** Number of trials that make up the below set, of `n` finished ones: a tenth, at most 25 if there is one objective. */
export function defaultGamma(n: number, nObjectives: number): number {
  const tenth = Math.ceil(0.1 * n);
  return nObjectives > 1 ? tenth : Math.min(tenth, 25);
}

export class TrialSplitter {
  readonly #history: History;
  readonly #changes: ChangeCursor;
  readonly #directions: readonly StudyDirection[];
  readonly #includeRunning: boolean;
  /** Complete feasible trials; by loss if there is one objective, else by number. */
  readonly #complete = new SortedIndex();
  readonly #pruned = new Set<number>();
  /** Total violation of finished infeasible trials. */
  readonly #infeasible = new Map<number, number>();
  /** Belongs to one of the two sets, by trial number. */
  readonly #isCounted: boolean[] = [];
  #cached: { readonly nBelow: number; readonly split: Split } | null = null;

  constructor(history: History, directions: readonly StudyDirection[], includeRunning: boolean) {
    this.#history = history;
    this.#changes = new ChangeCursor(history);
    this.#directions = directions;
    this.#includeRunning = includeRunning;
  }

  /** Number of complete and pruned trials. */
  get nFinished(): number {
    this.#update();
    return this.#complete.size + this.#pruned.size + this.#infeasible.size;
  }

  split(nBelow: number): Split {
    this.#update();
    if (this.#cached?.nBelow !== nBelow) this.#cached = { nBelow, split: this.#split(nBelow) };
    return this.#cached.split;
  }

  #update(): void {
    this.#changes.forEachChange((trial) => {
      this.#cached = null;
      const { number, state } = trial;
      const isFinished = state === 'COMPLETE' || state === 'PRUNED';
      this.#isCounted[number] = isFinished || (state === 'RUNNING' && this.#includeRunning);
      if (!isFinished) return;
      const violation = totalViolation(trial) ?? 0;
      if (violation > 0) this.#infeasible.set(number, violation);
      else if (state === 'PRUNED') this.#pruned.add(number);
      else this.#complete.set(number, this.#completeKey(trial));
    });
  }

  #completeKey(trial: FrozenTrial): number {
    if (this.#directions.length > 1) return trial.number;
    const value = trial.values![0];
    return this.#directions[0] === 'maximize' ? -value : value;
  }

  #split(nBelow: number): Split {
    const below = this.#completeBelow(Math.min(nBelow, this.#complete.size));
    for (const candidates of [() => this.#prunedByMerit(), () => this.#infeasibleByViolation()]) {
      const missing = nBelow - below.length;
      if (missing > 0) below.push(...candidates().slice(0, missing));
    }
    const isBelow = new Uint8Array(this.#isCounted.length);
    for (const number of below) isBelow[number] = 1;
    const above = new Int32Array(this.#isCounted.length);
    let nAbove = 0;
    for (let number = 0; number < above.length; number++)
      if (this.#isCounted[number] && isBelow[number] === 0) above[nAbove++] = number;
    return { below: Int32Array.from(below).sort(), above: above.slice(0, nAbove) };
  }

  #completeBelow(size: number): number[] {
    const numbers = this.#complete.order.subarray(0, this.#complete.size);
    if (this.#directions.length === 1 || size === 0 || size === numbers.length)
      return [...numbers.subarray(0, size)];
    const losses = lossesOf(
      Array.from(numbers, (n) => this.#history.trials[n]!),
      this.#directions,
    );
    return bestRows(losses, this.#directions.length, size).map((row) => numbers[row]);
  }

  /** Deeper step first, then the smaller loss there (NaN last); trials that reported nothing come last. */
  #prunedByMerit(): number[] {
    const sign = this.#directions[0] === 'maximize' ? -1 : 1;
    const merit = (number: number): readonly [number, number] => {
      const { intermediateValues } = this.#history.trials[number]!;
      if (intermediateValues.size === 0) return [1, 0];
      const step = Math.max(...intermediateValues.keys());
      const loss = sign * intermediateValues.get(step)!;
      return [-step, Number.isNaN(loss) ? Number.POSITIVE_INFINITY : loss];
    };
    const ranked = [...this.#pruned]
      .sort((a, b) => a - b)
      .map((number) => ({ number, merit: merit(number) }));
    ranked.sort(
      (a, b) => ascending(a.merit[0], b.merit[0]) || ascending(a.merit[1], b.merit[1]) || a.number - b.number,
    );
    return ranked.map(({ number }) => number);
  }

  #infeasibleByViolation(): number[] {
    const ranked = [...this.#infeasible].sort(([n, x], [k, y]) => ascending(x, y) || n - k);
    return ranked.map(([number]) => number);
  }
}

/** The split of a history on its own; equals that of a `TrialSplitter` that has followed it. */
export function splitTrials(
  trials: readonly FrozenTrial[],
  directions: readonly StudyDirection[],
  nBelow: number,
): Split {
  const history = new History();
  history.sync(trials);
  return new TrialSplitter(history, directions, true).split(nBelow);
}

/**
 * The best `size` rows: whole fronts as long as they fit, and of the front that does not, the subset with the largest
 * hypervolume (Ozaki et al., "Multiobjective Tree-Structured Parzen Estimator", JAIR 73, 2022).
 */
function bestRows(losses: Float64Array, m: number, size: number): number[] {
  const fronts: number[][] = [];
  nonDominationRanks(losses, m).forEach((rank, row) => {
    fronts[rank] ??= [];
    fronts[rank].push(row);
  });
  const best: number[] = [];
  for (const front of fronts) {
    const missing = size - best.length;
    if (front.length <= missing) {
      best.push(...front);
      continue;
    }
    const tied = pickRows(losses, m, front);
    if (missing > 0)
      best.push(...selectByHypervolume(tied, referenceBehind(tied, m), missing).map((k) => front[k]));
    break;
  }
  return best;
}

/** A tenth beyond the worst loss of each objective (0 becomes 1e-12), as in Optuna. */
function referenceBehind(losses: Float64Array, m: number): Float64Array {
  const worst = new Float64Array(m).fill(Number.NEGATIVE_INFINITY);
  for (let k = 0; k < losses.length; k++) worst[k % m] = Math.max(worst[k % m], losses[k]);
  return worst.map((w) => Math.max(1.1 * w, 0.9 * w) || 1e-12);
}

function ascending(x: number, y: number): number {
  return x < y ? -1 : x > y ? 1 : 0;
}
