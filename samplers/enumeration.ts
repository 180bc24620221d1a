import { InfeasibleSpaceError } from '../src/core/errors.ts';

/** What a sampler that enumerates throws if every one of its points was refused for the first trial of a study. */
export function noneAllowed(refused: number): InfeasibleSpaceError {
  return new InfeasibleSpaceError(
    `the predicates of the space must allow some of the points that the sampler enumerates, but allow none of ${refused}; ` +
      'relax them, or give the parameters more values',
    Number.POSITIVE_INFINITY,
    null,
  );
}
