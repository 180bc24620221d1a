import { InvalidArgumentError } from '../../src/core/errors.ts';
import { type FrozenTrial, type StudyDirection, totalViolation } from '../../src/core/frozen-trial.ts';
import { lossRows } from '../../src/core/losses.ts';
import type { Rng } from '../../src/core/rng.ts';
import { shown } from '../../src/core/shown.ts';
import { nonDominatedFronts } from '../../src/pareto/index.ts';

/** Individuals with Deb's two measures of fitness, side by side. */
export interface Population {
  readonly trials: readonly FrozenTrial[];
  /** Constrained non-domination rank; 0 is the front. */
  readonly ranks: readonly number[];
  /** Crowding distance within its rank; 0 where it is not used. */
  readonly crowding: readonly number[];
}

/**
 * Chooses the parents of a generation: the best `size` of the COMPLETE `trials`, or all if there are not more. It depends
 * on its arguments alone.
 */
export type Selection = (
  trials: readonly FrozenTrial[],
  directions: readonly StudyDirection[],
  size: number,
  generation: number,
) => Population;

/** Trials in fronts, the best first. */
export interface RankedTrials {
  /** Row-major, (trials, objectives), minimized. */
  readonly losses: Float64Array;
  /** Rows of each front, in lexicographic order. */
  readonly fronts: readonly (readonly number[])[];
}

/** Sorts COMPLETE trials by constrained domination; a trial without constraints is feasible. */
export function rankTrials(
  trials: readonly FrozenTrial[],
  directions: readonly StudyDirection[],
): RankedTrials {
  const losses = lossRows(trials, directions);
  const violations = trials.some((t) => t.constraints !== null) ? trials.map(violationOf) : undefined;
  return { losses, fronts: nonDominatedFronts(losses, directions.length, violations) };
}

/**
 * Different parents by binary tournaments of the crowded-comparison operator (Deb et al. 2002, section III-B); the same
 * one again only where the population is smaller than `count`.
 */
export function chooseParents(population: Population, count: number, rng: Rng): number[] {
  const parents: number[] = [];
  while (parents.length < count) {
    const isUsedUp = parents.length >= population.trials.length;
    parents.push(tournament(population, rng, isUsedUp ? [] : parents));
  }
  return parents;
}

function tournament({ trials, ranks, crowding }: Population, rng: Rng, taken: readonly number[]): number {
  const skipped = taken.length > 1 ? [...taken].sort((a, b) => a - b) : taken;
  const draw = (): number => {
    let i = rng.int(trials.length - skipped.length);
    for (const other of skipped) if (i >= other) i++;
    return i;
  };
  const [a, b] = [draw(), draw()];
  if (ranks[a] !== ranks[b]) return ranks[a] < ranks[b] ? a : b;
  return crowding[a] > crowding[b] ? a : b;
}

function violationOf(trial: FrozenTrial): number {
  if (trial.constraints?.some(Number.isNaN))
    throw new InvalidArgumentError(
      `constraint values must not be NaN, but trial ${trial.number} has ${shown(trial.constraints)}`,
    );
  return totalViolation(trial) ?? 0;
}
