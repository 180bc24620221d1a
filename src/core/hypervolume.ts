import { hypervolume as volumeOf } from '../pareto/hypervolume.ts';
import { InvalidArgumentError } from './errors.ts';
import type { StudyDirection } from './frozen-trial.ts';
import { lossesOf } from './losses.ts';
import { shown } from './shown.ts';

/**
 * Returns the hypervolume of points: the measure of all that is at least as good as the reference point and no better than some
 * point. Points that are not better than the reference in every objective add nothing.
 *
 * ```ts
 * const points = study.bestTrials.map((trial) => trial.values!);
 * hypervolume(points, [10, 0], study.directions); // loss to be minimized, speed to be maximized
 * ```
 *
 * @param points Values, one list for each point; they need not be a Pareto front. Infinite ones are allowed.
 * @param referencePoint What every point should be better than, one finite number for each objective.
 * @param directions One for each objective; default: all are minimized.
 * @throws InvalidArgumentError
 */
export function hypervolume(
  points: readonly (readonly number[])[],
  referencePoint: readonly number[],
  directions: readonly StudyDirection[] = asList(referencePoint).map(() => 'minimize'),
): number {
  const m = asList(referencePoint).length;
  if (m === 0 || !referencePoint.every(Number.isFinite))
    throw new InvalidArgumentError(
      `a reference point has one finite number for each objective, but is ${shown(referencePoint)}`,
    );
  const isDirection = (each: unknown): boolean => each === 'minimize' || each === 'maximize';
  if (asList(directions).length !== m || !directions.every(isDirection))
    throw new InvalidArgumentError(
      `directions are 'minimize' or 'maximize', one for each of the ${m} number(s) of the reference point, but are ` +
        shown(directions),
    );
  for (const point of asList(points))
    if (asList(point).length !== m || point.some((value) => typeof value !== 'number' || Number.isNaN(value)))
      throw new InvalidArgumentError(
        `a point has ${m} number(s), as the reference point has, but one is ${shown(point)}`,
      );
  const reference = lossesOf(referencePoint, directions);
  const losses = points.map((point) => lossesOf(point, directions));
  const better = losses.filter((point) => point.every((loss, k) => loss < reference[k]));
  return volumeOf(Float64Array.from(better.flat()), reference);
}

function asList<T>(value: readonly T[]): readonly T[] {
  if (!Array.isArray(value))
    throw new InvalidArgumentError(`hypervolume takes lists of numbers, but got ${shown(value)}`);
  return value;
}
