import type { FrozenTrial } from '../../src/core/frozen-trial.ts';
import type { Rng } from '../../src/core/rng.ts';
import { fillFromFronts, pickRows } from '../../src/pareto/index.ts';
import { type RankedTrials, rankTrials, type Selection } from '../genetic/population.ts';
import { associate, fillNiches } from './niching.ts';
import { normalizedLosses } from './normalize.ts';
import { dasDennisPoints } from './reference-points.ts';

export interface NichingOptions {
  /** One coordinate per objective; null for Das and Dennis's points. */
  readonly referencePoints: readonly (readonly number[])[] | null;
  readonly dividingParameter: number;
  /** The generator for the choice of a generation's parents. */
  readonly rngOf: (generation: number) => Rng;
}

/** Whole fronts as long as they fit; of the front that does not, what fills the niches around the reference points evenly. */
export function nicheSelection({ referencePoints, dividingParameter, rngOf }: NichingOptions): Selection {
  const even = new Map<number, ReturnType<typeof dasDennisPoints>>();
  const evenPoints = (m: number): ReturnType<typeof dasDennisPoints> => {
    if (!even.has(m)) even.set(m, dasDennisPoints(m, dividingParameter));
    return even.get(m)!;
  };
  return (trials, directions, size, generation) => {
    const m = directions.length;
    const points = referencePoints ?? evenPoints(m);
    const ranked = rankTrials(trials, directions);
    const fill = (tied: readonly number[], missing: number, whole: readonly number[]): number[] => {
      const front = [...tied].sort((a, b) => a - b);
      const losses = pickRows(ranked.losses, m, [...whole, ...front]);
      const association = associate(normalizedLosses(losses, m), m, points);
      const chosen = fillNiches(association, whole.length, missing, rngOf(generation));
      return chosen.map((row) => front[row - whole.length]);
    };
    return populationOf(trials, ranked, fillFromFronts(ranked.fronts, size, fill));
  };
}

function populationOf(trials: readonly FrozenTrial[], { fronts }: RankedTrials, rows: readonly number[]) {
  const rankOf = new Map(fronts.flatMap((front, rank) => front.map((row) => [row, rank] as const)));
  return {
    trials: rows.map((row) => trials[row]),
    ranks: rows.map((row) => rankOf.get(row)!),
    crowding: rows.map(() => 0),
  };
}
