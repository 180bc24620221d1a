/** Niches around reference points (Deb and Jain 2014, sections IV-D and IV-E). */
import type { Rng } from '../../src/core/rng.ts';

export interface Association {
  /** For each row, the number of the reference point whose line is nearest. */
  readonly niches: Int32Array;
  /** Distance from that line. */
  readonly distances: Float64Array;
}

/** @param losses shape (n, m), normalized. @param points lines from the origin through these. */
export function associate(
  losses: Float64Array,
  m: number,
  points: readonly (readonly number[])[],
): Association {
  const n = losses.length / m;
  const niches = new Int32Array(n);
  const distances = new Float64Array(n).fill(Number.POSITIVE_INFINITY);
  points.forEach((point, niche) => {
    const square = point.reduce((sum, x) => sum + x * x, 0);
    for (let i = 0; i < n; i++) {
      let projection = 0;
      for (let j = 0; j < m; j++) projection += losses[i * m + j] * point[j];
      projection /= square;
      let distance = 0;
      for (let j = 0; j < m; j++) distance += (losses[i * m + j] - projection * point[j]) ** 2;
      distance = Math.sqrt(distance);
      if (!(distance < distances[i])) continue;
      distances[i] = distance;
      niches[i] = niche;
    }
  });
  return { niches, distances };
}

/** A reference point to which some candidate is nearest. */
interface Niche {
  /** How many chosen rows it has. */
  size: number;
  /** Its candidates; the next one is the last. */
  readonly candidates: number[];
  isShuffled: boolean;
}

/**
 * Chooses `count` of the rows from `first` on, those before being chosen already, so that the niches fill evenly: each time
 * from a niche with the fewest chosen rows, at random among these; for an empty niche its nearest row, later any.
 * @param count at most the number of these rows.
 * @returns row numbers.
 */
export function fillNiches(association: Association, first: number, count: number, rng: Rng): number[] {
  const { distances } = association;
  const bySize: Niche[][] = [];
  const enter = (niche: Niche): void => {
    bySize[niche.size] ??= [];
    bySize[niche.size].push(niche);
  };
  for (const niche of nichesOf(association, first)) enter(niche);

  const chosen: number[] = [];
  for (let size = 0; chosen.length < count; size++) {
    const round = rng.shuffled(bySize[size] ?? []);
    while (round.length > 0 && chosen.length < count) {
      const niche = round.pop()!;
      if (size === 0) niche.candidates.sort((a, b) => distances[b] - distances[a] || b - a);
      else if (!niche.isShuffled) {
        niche.candidates.splice(0, niche.candidates.length, ...rng.shuffled(niche.candidates));
        niche.isShuffled = true;
      }
      chosen.push(niche.candidates.pop()!);
      niche.size++;
      if (niche.candidates.length > 0) enter(niche);
    }
  }
  return chosen;
}

/** In order of their first candidates. */
function nichesOf({ niches }: Association, first: number): Iterable<Niche> {
  const known = new Map<number, Niche>();
  for (let row = first; row < niches.length; row++) {
    const niche = known.get(niches[row]);
    if (niche === undefined) known.set(niches[row], { size: 0, candidates: [row], isShuffled: false });
    else niche.candidates.push(row);
  }
  for (let row = 0; row < first; row++) {
    const niche = known.get(niches[row]);
    if (niche !== undefined) niche.size++;
  }
  return known.values();
}
