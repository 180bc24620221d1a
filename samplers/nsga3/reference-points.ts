import { InvalidArgumentError } from '../../src/core/errors.ts';
import { shown } from '../../src/core/shown.ts';

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

/** @throws InvalidArgumentError if they are not points of equally many finite coordinates, none of them the origin. */
export function checkReferencePoints(points: unknown): readonly (readonly number[])[] {
  const isPoint = (point: unknown): boolean =>
    Array.isArray(point) &&
    point.length === (points as unknown[][])[0].length &&
    point.every(Number.isFinite) &&
    point.some((x) => x !== 0);
  if (!Array.isArray(points) || points.length === 0 || !points.every(isPoint))
    throw new InvalidArgumentError(
      'referencePoints must be points of as many finite coordinates as there are objectives, none of them the origin, ' +
        `but are ${shown(points)}`,
    );
  return points.map((point) => [...point]);
}
