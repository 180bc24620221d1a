import { InvalidArgumentError } from './errors.ts';
import { type FrozenTrial, SYSTEM_ATTR } from './frozen-trial.ts';
import { shown } from './shown.ts';

/**
 * The values that a study's `constraints` gives of an evaluated trial.
 * @param trials of the study: each must have as many constraints as the first one that has any.
 * @throws InvalidArgumentError if they are no list of so many numbers; what `constraints` throws.
 */
export function constraintsOf(
  constraints: (trial: FrozenTrial) => readonly number[],
  trial: FrozenTrial,
  trials: readonly FrozenTrial[],
): readonly number[] {
  const values: unknown = constraints(trial);
  if (values instanceof Promise) values.catch(() => {});
  if (!Array.isArray(values))
    throw new InvalidArgumentError(
      `constraints must return a list of numbers at once, but returned ${shown(values)}; measure in the objective, keep what ` +
        'you need in a user attribute, and read that',
    );
  const bad = values.findIndex((value) => typeof value !== 'number' || Number.isNaN(value));
  if (bad >= 0)
    throw new InvalidArgumentError(
      `constraint ${bad} must be a number (<= 0 if it is met), but constraints returned ${shown(values[bad])} for it`,
    );
  const first = trials.find((other) => isComparable(other, trial));
  if (first !== undefined && storedList(first)!.length !== values.length)
    throw new InvalidArgumentError(
      `every trial of a study must have as many constraints, but trial ${first.number} has ${storedList(first)!.length} and ` +
        `constraints returned ${values.length}: ${shown(values)}; return one number for each, or start a new study`,
    );
  return values as number[];
}

function isComparable(trial: FrozenTrial, to: FrozenTrial): boolean {
  const { number, state } = trial;
  return storedList(trial) !== null && number !== to.number && (state === 'COMPLETE' || state === 'PRUNED');
}

/** What a trial has without names: an objective may set constraints with names beside these. */
function storedList({ systemAttrs }: FrozenTrial): readonly number[] | null {
  const list = systemAttrs[SYSTEM_ATTR.constraints];
  return Array.isArray(list) ? (list as readonly number[]) : null;
}
