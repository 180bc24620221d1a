/** How many objectives a study has, where its type tells. */
import type { StudyDirection } from './frozen-trial.ts';

/** The directions of a study, one for each objective. A literal list is a tuple, whose length types the values. */
export type Directions = readonly StudyDirection[];

/** The values of a trial, one for each direction: `readonly [number, number]` for two. */
export type ValuesOf<D extends Directions> = number extends D['length']
  ? readonly number[]
  : { readonly [K in keyof D]: number };

/** The directions of a study of one objective. */
export type SingleDirection = readonly [StudyDirection];

/** What an objective returns: a value for each direction, as a list; one value may be returned as it is. */
export type ObjectiveValue<D extends Directions = SingleDirection> = 1 extends D['length']
  ? number | ValuesOf<D>
  : ValuesOf<D>;

/** `Single` for a study that has one objective, as far as its type tells, and else `Several`. */
export type ByObjectives<D extends Directions, Single, Several> = 1 extends D['length'] ? Single : Several;

/**
 * The directions of a study from the options that it is created with: `directions`, or the one `direction`. If there is
 * neither, the study minimizes; but one that is loaded may have any.
 */
export type DirectionsOf<
  D extends Directions | undefined,
  O extends StudyDirection | undefined,
  IsLoaded extends boolean | undefined = false,
> = [D] extends [Directions]
  ? D
  : [D] extends [undefined]
    ? [O] extends [StudyDirection]
      ? readonly [O]
      : [IsLoaded] extends [false | undefined]
        ? SingleDirection
        : Directions
    : Directions;
