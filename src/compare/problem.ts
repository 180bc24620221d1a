import type { ObjectiveValue } from '../core/directions.ts';
import { InvalidArgumentError } from '../core/errors.ts';
import type { FrozenTrial, StudyDirection } from '../core/frozen-trial.ts';
import { shown } from '../core/shown.ts';
import type { FlatParamsOf, ParamsOf, Space, SpaceEntries } from '../core/space.ts';
import type { Trial } from '../core/trial.ts';

/** One value for each of the problem's directions. */
type ProblemValue = ObjectiveValue<readonly StudyDirection[]>;

/** What samplers are compared on: a space and how to evaluate a point of it. */
export interface Problem<S extends SpaceEntries = SpaceEntries> {
  /** Part of the names of the studies. */
  readonly name: string;
  /** The space that every sampler searches. */
  readonly space: Space<S>;
  /** One `minimize` or `maximize` per value that `evaluate` returns; at most 10. */
  readonly directions: readonly StudyDirection[];
  /** Returns the values. It may be asynchronous, record constraints (`trial.setConstraint`) and own child studies (`trial.createStudy`). */
  evaluate(params: ParamsOf<S>, trial: Trial<FlatParamsOf<S>>): ProblemValue | Promise<ProblemValue>;
  /** Constraint values (<= 0 feasible) of an evaluated trial, if they follow from it; as a study's option. */
  readonly constraints?: ((trial: FrozenTrial) => readonly number[]) | undefined;
  /**
   * The values, one per direction, from which the hypervolume of several objectives is measured. Default: the worst value
   * that any trial of the comparison had, objective by objective.
   */
  readonly referencePoint?: readonly number[] | undefined;
}

/** The time of a hypervolume grows exponentially with them: for 100 trials it is seconds for 10, and minutes for 12. */
const MOST_OBJECTIVES = 10;

/** @throws InvalidArgumentError on a problem that samplers cannot be compared on. */
export function checkProblem({
  name,
  directions,
  referencePoint,
}: Pick<Problem, 'name' | 'directions' | 'referencePoint'>): void {
  if (typeof name !== 'string' || name === '')
    throw new InvalidArgumentError(
      `a compared problem needs a non-empty name, but its name is ${shown(name)}`,
    );
  if (directions.length > MOST_OBJECTIVES)
    throw new InvalidArgumentError(
      `samplers are compared by hypervolume, which takes too long for more than ${MOST_OBJECTIVES} objectives, but ` +
        `'${name}' has ${directions.length}; choose fewer`,
    );
  if (referencePoint !== undefined && referencePoint.length !== directions.length)
    throw new InvalidArgumentError(
      `the reference point needs one value per direction (${directions.length}), but has ${referencePoint.length}`,
    );
}
