import type { FrozenTrial, StudyDirection } from '../../src/core/frozen-trial.ts';
import { crowdingDistances, pickRows } from '../../src/pareto/index.ts';
import { type Population, rankTrials } from '../genetic/population.ts';

/** The best `size` of the COMPLETE `trials`, by rank and then by crowding distance (ties: the older trial first). */
export function selectElite(
  trials: readonly FrozenTrial[],
  directions: readonly StudyDirection[],
  size: number,
): Population {
  const { losses, fronts } = rankTrials(trials, directions);
  const elite = { trials: [] as FrozenTrial[], ranks: [] as number[], crowding: [] as number[] };
  for (const [rank, front] of fronts.entries()) {
    const distances = crowdingDistances(pickRows(losses, directions.length, front), directions.length);
    for (const k of leastCrowded(distances, size - elite.trials.length)) {
      elite.trials.push(trials[front[k]]);
      elite.ranks.push(rank);
      elite.crowding.push(distances[k]);
    }
    if (elite.trials.length === size) break;
  }
  return elite;
}

/** Positions of the `count` largest distances, or of all, in order, if there are not more. */
function leastCrowded(distances: Float64Array, count: number): number[] {
  const positions = Array.from(distances, (_, k) => k);
  if (distances.length <= count) return positions;
  // Infinity - Infinity is NaN, which counts as a tie.
  return positions.sort((a, b) => distances[b] - distances[a] || a - b).slice(0, count);
}
