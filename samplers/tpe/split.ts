/**
 * TPE's division of the history into a `below` set (the best trials, whose density is l) and an `above` set (density g).
 * Below is filled with complete feasible trials, then pruned, then infeasible ones; running and failed trials are above.
 *
 * Design note: Optuna leaves failed trials out, and so goes on drawing where every trial fails.
 */
import {
  type FrozenTrial,
  failedAtParams,
  type StudyDirection,
  totalViolation,
} from '../../src/core/index.ts';
import { lossesOf, lossOf } from '../../src/core/losses.ts';
import { ascending } from '../../src/math/bisect.ts';
import { fillFromFronts, largestVolume } from '../../src/pareto/best-rows.ts';
import { ChangeCursor, type History } from '../history-cache.ts';
import { Fronts } from './fronts.ts';
import { SortedIndex } from './sorted-index.ts';

/** Number of trials that make up the below set, of `n` finished ones: a tenth, at most 25 if there is one objective. */
export function defaultGamma(n: number, nObjectives: number): number {
  const tenth = Math.ceil(0.1 * n);
  return nObjectives > 1 ? tenth : Math.min(tenth, 25);
}

/** Which of a history's trials are below. Follows the history, so that a new trial costs little. */
export class TrialSplitter {
  readonly #history: History;
  readonly #changes: ChangeCursor;
  readonly #directions: readonly StudyDirection[];
  readonly #includeRunning: boolean;
  /** Complete feasible trials by loss, if there is one objective … */
  readonly #complete = new SortedIndex();
  /** … and by non-domination, if there are several. */
  readonly #fronts: Fronts;
  #nInFronts = 0;
  /** Finished infeasible trials by total violation. */
  readonly #infeasible = new SortedIndex();
  readonly #pruned: { readonly number: number; readonly merit: readonly [number, number] }[] = [];
  #isPrunedSorted = true;
  #cached: { readonly nBelow: number; readonly below: Int32Array } | null = null;
  #tie: {
    readonly front: readonly number[];
    readonly size: number;
    readonly chosen: readonly number[];
  } | null = null;

  constructor(history: History, directions: readonly StudyDirection[], includeRunning: boolean) {
    this.#history = history;
    this.#changes = new ChangeCursor(history);
    this.#directions = directions;
    this.#includeRunning = includeRunning;
    this.#fronts = new Fronts(directions.length);
  }

  get nObjectives(): number {
    return this.#directions.length;
  }

  /** Whether a trial is in one of the two sets. */
  counts(trial: FrozenTrial): boolean {
    const { state } = trial;
    if (state === 'COMPLETE' || state === 'PRUNED') return true;
    return state === 'RUNNING' ? this.#includeRunning : failedAtParams(trial);
  }

  /** Number of complete and pruned trials. */
  get nFinished(): number {
    this.#update();
    return this.#complete.size + this.#nInFronts + this.#pruned.length + this.#infeasible.size;
  }

  /** Numbers of the `nBelow` best finished trials (or of all), increasing; the same array as long as nothing changes. */
  below(nBelow: number): Int32Array {
    this.#update();
    if (this.#cached?.nBelow !== nBelow) this.#cached = { nBelow, below: this.#best(nBelow) };
    return this.#cached.below;
  }

  #update(): void {
    this.#changes.forEachChange((trial) => {
      this.#cached = null;
      const { number, state } = trial;
      if (state !== 'COMPLETE' && state !== 'PRUNED') return;
      const violation = totalViolation(trial) ?? 0;
      if (violation > 0) this.#infeasible.set(number, violation);
      else if (state === 'PRUNED') {
        this.#pruned.push({ number, merit: this.#meritOf(trial) });
        this.#isPrunedSorted = false;
      } else this.#addComplete(number, trial.values!);
    });
  }

  #addComplete(number: number, values: readonly number[]): void {
    const losses = lossesOf(values, this.#directions);
    if (losses.length === 1) this.#complete.set(number, losses[0]);
    else {
      this.#fronts.add(number, losses);
      this.#nInFronts++;
    }
  }

  #best(nBelow: number): Int32Array {
    const best: number[] =
      this.#directions.length > 1 ? this.#bestOfFronts(nBelow) : this.#complete.first(nBelow);
    if (best.length < nBelow) best.push(...this.#bestPruned(nBelow - best.length));
    if (best.length < nBelow) best.push(...this.#infeasible.first(nBelow - best.length));
    return Int32Array.from(best).sort();
  }

  /**
   * Whole fronts as long as they fit, and of the front that does not, the subset with the largest hypervolume (Ozaki et al.,
   * "Multiobjective Tree-Structured Parzen Estimator", JAIR 73, 2022).
   */
  #bestOfFronts(nBelow: number): number[] {
    return fillFromFronts(this.#fronts.fronts, nBelow, (front, missing) => this.#subset(front, missing));
  }

  #subset(front: readonly number[], size: number): readonly number[] {
    if (this.#tie?.front !== front || this.#tie.size !== size) {
      const rows = largestVolume(this.#fronts.lossesOf(front), this.#directions.length, size);
      this.#tie = { front, size, chosen: rows.map((row) => front[row]) };
    }
    return this.#tie.chosen;
  }

  /** Deeper step first, then the smaller loss there (NaN last); trials that reported nothing come last. */
  #bestPruned(size: number): number[] {
    if (!this.#isPrunedSorted)
      this.#pruned.sort(
        (a, b) =>
          ascending(a.merit[0], b.merit[0]) || ascending(a.merit[1], b.merit[1]) || a.number - b.number,
      );
    this.#isPrunedSorted = true;
    return this.#pruned.slice(0, size).map(({ number }) => number);
  }

  #meritOf({ intermediateValues }: FrozenTrial): readonly [number, number] {
    if (intermediateValues.size === 0) return [1, 0];
    const step = Math.max(...intermediateValues.keys());
    const value = intermediateValues.get(step)!;
    const loss = lossOf(value, this.#directions[0]);
    return [-step, Number.isNaN(loss) ? Number.POSITIVE_INFINITY : loss];
  }

  /** Trials that are in one of the two sets, by increasing number, but not in `below`. */
  above(below: Int32Array): Int32Array {
    const isBelow = new Set(below);
    const others = this.#history.trials.filter(
      (t) => t !== undefined && this.counts(t) && !isBelow.has(t.number),
    );
    return Int32Array.from(others, (t) => t!.number);
  }
}
