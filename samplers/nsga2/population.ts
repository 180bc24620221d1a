import type { FrozenTrial, StudyDirection } from '../../src/core/frozen-trial.ts';
import { crowdingDistances, pickRows } from '../../src/pareto/index.ts';
import { type Population, rankTrials } from '../genetic/population.ts';

/** The best `size` of the COMPLETE `trials`, by rank and then by crowding distance (ties: the older trial first). */
export function selectElite(
  trials: readonly FrozenTrial[],
  directions: readonly StudyDirection[],
  size: number,
): Population {
  const m = directions.length;
  const { losses, fronts } = rankTrials(trials, directions);
  const elite = { trials: [] as FrozenTrial[], ranks: [] as number[], crowding: [] as number[] };
  for (let rank = 0; rank < fronts.length && elite.trials.length < size; rank++) {
    const front = fronts[rank];
    const distances = crowdingDistances(pickRows(losses, m, front), m);
    const missing = size - elite.trials.length;
    for (const k of front.length > missing ? leastCrowded(front, distances, missing) : front.keys()) {
      elite.trials.push(trials[front[k]]);
      elite.ranks.push(rank);
      elite.crowding.push(distances[k]);
    }
  }
  return elite;
}

/** Positions in the front of the `count` largest distances. */
function leastCrowded(front: readonly number[], distances: Float64Array, count: number): number[] {
  const positions = [...front.keys()];
  // Infinity - Infinity is NaN, which counts as a tie.
  return positions.sort((a, b) => distances[b] - distances[a] || front[a] - front[b]).slice(0, count);
}
