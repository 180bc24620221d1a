/** Names of the values of a study, under the keys of Optuna and of optuna-dashboard. */
import { InvalidArgumentError } from './errors.ts';
import type { Attrs } from './frozen-trial.ts';
import { isName } from './names.ts';
import { shown } from './shown.ts';

/** Each holds a list of names, one for each objective. */
export const METRIC_NAMES_ATTRS = ['study:metric_names', 'dashboard:objective_names'] as const;

/** The names in a study's system attributes; null if there are none, or not one for each objective. */
export function metricNamesOf(systemAttrs: Attrs, nObjectives: number): readonly string[] | null {
  const names = systemAttrs[METRIC_NAMES_ATTRS[0]];
  if (!Array.isArray(names) || names.length !== nObjectives || !names.every(isName)) return null;
  return names as string[];
}

/** @throws InvalidArgumentError unless there is a name for each objective, and no two are equal. */
export function checkMetricNames(names: unknown, nObjectives: number): asserts names is readonly string[] {
  const areNames = Array.isArray(names) && names.every((name) => isName(name) && name !== '');
  if (!areNames || names.length !== nObjectives || new Set(names).size < names.length)
    throw new InvalidArgumentError(
      `metric names are distinct, not empty, and one for each of the ${nObjectives} objective(s), but are ${shown(names)}`,
    );
}
