import type { OptionRule } from '../../src/core/option-rules.ts';

/**
 * Das and Dennis's points (SIAM J. Optimization 8(3), 1998): all whose coordinates are multiples of 1 / `divisions` and
 * add up to 1, the first coordinate falling.
 * @returns (nObjectives + divisions - 1 choose divisions) points of `nObjectives` coordinates.
 */
export function dasDennisPoints(nObjectives: number, divisions: number): readonly (readonly number[])[] {
  const points: number[][] = [];
  const extend = (point: readonly number[], left: number): void => {
    if (point.length === nObjectives - 1) {
      points.push([...point, left].map((k) => k / divisions));
      return;
    }
    for (let k = left; k >= 0; k--) extend([...point, k], left - k);
  };
  extend([], divisions);
  return points;
}

/** Points of equally many coordinates. */
export const REFERENCE_POINTS: OptionRule<readonly (readonly number[])[]> = {
  what: 'points of as many finite coordinates as there are objectives, none of them the origin',
  accepts: (points) =>
    Array.isArray(points) && points.length > 0 && points.every((point) => isPoint(point, points[0].length)),
};

function isPoint(point: unknown, dimensions: number): boolean {
  return (
    Array.isArray(point) &&
    point.length === dimensions &&
    point.every(Number.isFinite) &&
    point.some((x) => x !== 0)
  );
}
