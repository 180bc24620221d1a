import type { ObjectiveValue } from '../core/directions.ts';
import type { FrozenTrial, StudyDirection } from '../core/frozen-trial.ts';
import type { FlatParamsOf, ParamsOf, Space, SpaceEntries } from '../core/space.ts';
import type { Trial } from '../core/trial.ts';

/** What samplers are compared on: a space and how to evaluate a point of it. */
export interface Problem<S extends SpaceEntries = SpaceEntries> {
  /** Part of the names of the studies. */
  readonly name: string;
  readonly space: Space<S>;
  readonly directions: readonly StudyDirection[];
  /** Returns the values. It may be asynchronous, record constraints (`trial.setConstraint`) and own child studies (`trial.createStudy`). */
  evaluate(params: ParamsOf<S>, trial: Trial<FlatParamsOf<S>>): ObjectiveValue | Promise<ObjectiveValue>;
  /** Constraint values (<= 0 feasible) of an evaluated trial, if they follow from it; as a study's option. */
  readonly constraints?: ((trial: FrozenTrial) => readonly number[]) | undefined;
  /**
   * The values, one per direction, from which the hypervolume of several objectives is measured. Default: the worst value
   * that any trial of the comparison had, objective by objective.
   */
  readonly referencePoint?: readonly number[] | undefined;
}
