import type { SearchSpace } from '../../src/core/distribution.ts';
import { type FrozenTrial, type StudyDirection, totalViolation } from '../../src/core/frozen-trial.ts';
import { lossRows } from '../../src/core/losses.ts';
import { ascending } from '../../src/math/bisect.ts';
import { crowdingDistances, nonDominationRanks } from '../../src/pareto/index.ts';
import { ChangeCursor, type History } from '../history-cache.ts';
import { RelativeSpace } from '../relative-space.ts';
import { type Candidate, candidateKey } from './candidate.ts';

/** What the evolutionary search needs of the history of one study, kept up to date in O(changes). */
export class SearchHistory {
  readonly relativeSpace: RelativeSpace;
  readonly #history: History;
  readonly #canonical: (candidate: Candidate) => Candidate;
  #tried: TriedCandidates | null = null;
  readonly #changes: ChangeCursor;
  #parents: { readonly key: string; readonly start: number; readonly trials: readonly FrozenTrial[] } | null =
    null;

  constructor(history: History, canonical: (candidate: Candidate) => Candidate) {
    this.#history = history;
    this.#canonical = canonical;
    this.#changes = new ChangeCursor(history);
    this.relativeSpace = new RelativeSpace(history, ['COMPLETE', 'PRUNED', 'RUNNING']);
  }

  /** Keys of the candidates that trials have, in this space. */
  tried(space: SearchSpace): { has(key: string): boolean } {
    const genes = Object.keys(space).join('\n');
    if (this.#tried?.genes !== genes)
      this.#tried = new TriedCandidates(this.#history, genes, space, this.#canonical);
    return this.#tried.keys();
  }

  /** The best `count` COMPLETE trials with a number below `start` that have every gene. */
  parents(
    space: SearchSpace,
    start: number,
    count: number,
    directions: readonly StudyDirection[],
  ): readonly FrozenTrial[] {
    const names = Object.keys(space);
    const key = [start, count, ...directions, ...names].join('\n');
    this.#changes.forEachChange((trial) => {
      if (this.#parents !== null && trial.number < this.#parents.start) this.#parents = null;
    });
    if (this.#parents?.key !== key) {
      const trials = this.#history.trials.filter(
        (t): t is FrozenTrial =>
          t !== undefined &&
          t.number < start &&
          t.state === 'COMPLETE' &&
          names.every((name) => Object.hasOwn(t.params, name)),
      );
      this.#parents = { key, start, trials: fittest(trials, count, directions) };
    }
    return this.#parents.trials;
  }
}

class TriedCandidates {
  readonly genes: string;
  readonly #names: readonly string[];
  readonly #space: SearchSpace;
  readonly #canonical: (candidate: Candidate) => Candidate;
  readonly #changes: ChangeCursor;
  /** By trial number. */
  readonly #keys: string[] = [];
  /** How many trials have a key. */
  readonly #counts = new Map<string, number>();

  constructor(
    history: History,
    genes: string,
    space: SearchSpace,
    canonical: (candidate: Candidate) => Candidate,
  ) {
    this.genes = genes;
    this.#names = Object.keys(space);
    this.#space = space;
    this.#canonical = canonical;
    this.#changes = new ChangeCursor(history);
  }

  keys(): ReadonlyMap<string, number> {
    this.#changes.forEachChange((trial) => {
      this.#count(this.#keys[trial.number], -1);
      const isWhole = this.#names.every((name) => Object.hasOwn(trial.params, name));
      const key = isWhole ? candidateKey(this.#space, this.#canonical(trial.params)) : '';
      this.#keys[trial.number] = key;
      this.#count(key, 1);
    });
    return this.#counts;
  }

  #count(key: string | undefined, by: 1 | -1): void {
    if (key === undefined) return;
    const count = (this.#counts.get(key) ?? 0) + by;
    if (count === 0) this.#counts.delete(key);
    else this.#counts.set(key, count);
  }
}

/** By constraint violation, then rank, then crowding distance; ties: the older first. */
function fittest(
  trials: readonly FrozenTrial[],
  count: number,
  directions: readonly StudyDirection[],
): readonly FrozenTrial[] {
  if (trials.length <= count) return trials;
  const m = directions.length;
  const losses = lossRows(trials, directions);
  const violations = trials.map((t) => totalViolation(t) ?? 0);
  const ranks = nonDominationRanks(losses, m, violations);
  const crowding = m === 1 ? null : crowdingDistances(losses, m);
  const order = trials.map((_, i) => i);
  order.sort(
    (a, b) => ranks[a] - ranks[b] || (crowding === null ? 0 : ascending(crowding[b], crowding[a])) || a - b,
  );
  return order.slice(0, count).map((i) => trials[i]);
}
