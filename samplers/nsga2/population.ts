import { InvalidArgumentError } from '../../src/core/errors.ts';
import { type FrozenTrial, type StudyDirection, totalViolation } from '../../src/core/frozen-trial.ts';
import type { Rng } from '../../src/core/rng.ts';
import { crowdingDistances, lossesOf, nonDominationRanks, pickRows } from '../../src/pareto/index.ts';

/** Individuals with Deb's two measures of fitness. */
export interface Population {
  readonly trials: readonly FrozenTrial[];
  /** Constrained non-domination rank; 0 is the front. */
  readonly ranks: Int32Array;
  /** Crowding distance within its rank. */
  readonly crowding: Float64Array;
  /** Parameters that every individual has. */
  readonly names: ReadonlySet<string>;
}

/** The best `size` of the COMPLETE `trials`, by rank and then by crowding distance (ties: the older trial first). */
export function selectElite(
  trials: readonly FrozenTrial[],
  directions: readonly StudyDirection[],
  size: number,
): Population {
  const m = directions.length;
  const losses = lossesOf(trials, directions);
  const violations = trials.some((t) => t.constraints !== null) ? trials.map(violationOf) : undefined;
  const ranks = nonDominationRanks(losses, m, violations);
  const crowding = new Float64Array(trials.length);
  const members: number[][] = [];
  ranks.forEach((rank, i) => {
    members[rank] ??= [];
    members[rank].push(i);
  });
  const elite: number[] = [];
  for (const rank of members) {
    const distances = crowdingDistances(pickRows(losses, m, rank), m);
    rank.forEach((i, k) => {
      crowding[i] = distances[k];
    });
    const missing = size - elite.length;
    if (rank.length > missing)
      rank.sort((a, b) => (crowding[a] === crowding[b] ? a - b : crowding[b] - crowding[a]));
    elite.push(...rank.slice(0, missing));
    if (elite.length === size) break;
  }
  const kept = elite.map((i) => trials[i]);
  return {
    trials: kept,
    names: new Set(
      Object.keys(kept[0]?.params ?? {}).filter((name) => kept.every((t) => Object.hasOwn(t.params, name))),
    ),
    ranks: Int32Array.from(elite, (i) => ranks[i]),
    crowding: Float64Array.from(elite, (i) => crowding[i]),
  };
}

/**
 * Binary tournament by the crowded-comparison operator (Deb et al. 2002, section III-B).
 * @param except an individual that is left out, unless it is the only one.
 */
export function tournament(population: Population, rng: Rng, except: number | null): number {
  const n = population.trials.length - (except === null ? 0 : 1);
  if (n === 0) return 0;
  const draw = (): number => {
    const i = rng.int(n);
    return except !== null && i >= except ? i + 1 : i;
  };
  const [a, b] = [draw(), draw()];
  if (population.ranks[a] !== population.ranks[b]) return population.ranks[a] < population.ranks[b] ? a : b;
  return population.crowding[a] > population.crowding[b] ? a : b;
}

function violationOf(trial: FrozenTrial): number {
  if (trial.constraints?.some(Number.isNaN))
    throw new InvalidArgumentError(
      `constraint values must not be NaN, but trial ${trial.number} has ${JSON.stringify(trial.constraints)}`,
    );
  return totalViolation(trial) ?? 0;
}
