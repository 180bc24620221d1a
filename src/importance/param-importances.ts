import { InvalidArgumentError } from '../core/errors.ts';
import type { FrozenTrial, StudyDirection } from '../core/frozen-trial.ts';
import {
  ANYTHING,
  BOOLEAN,
  checkOptions,
  listOf,
  type OptionRule,
  objectWith,
} from '../core/option-rules.ts';
import { shown } from '../core/shown.ts';
import { PedAnovaEvaluator } from './ped-anova.ts';
import type { ImportanceEvaluator, ImportanceTarget } from './task.ts';

/** A study, or what is read of one. */
export interface ImportanceSource {
  /** Trials in any state; only COMPLETE ones count. */
  readonly trials: readonly FrozenTrial[];
  /** The study's directions, one per objective. */
  readonly directions: readonly StudyDirection[];
}

/** Options of {@link paramImportances}. */
export interface ImportanceOptions {
  /** Default: `new PedAnovaEvaluator()`. */
  readonly evaluator?: ImportanceEvaluator | undefined;
  /** The parameters to rank; default: the evaluator's choice. */
  readonly params?: readonly string[] | undefined;
  /**
   * What is to be explained: an objective by its index, or a number of each trial, the least being the best. Default:
   * the objective; of several, how near a trial is to the Pareto front (PED-ANOVA only).
   */
  readonly target?: ImportanceTarget | undefined;
  /** Divide by the sum, so that importances add up to 1 (they are equal if all are 0). Default true. */
  readonly normalize?: boolean | undefined;
}

/** One parameter and how much it matters. */
export interface ParamImportance {
  /** The parameter's name, as trials have it. */
  readonly name: string;
  /** At least 0; all together 1, unless `normalize` is false. */
  readonly importance: number;
}

/**
 * Returns how much each parameter matters, by the COMPLETE trials, the most important first. Equal ones are in order of
 * name. Optuna: `get_param_importances`.
 *
 * ```ts
 * for (const { name, importance } of paramImportances(study))
 *   console.log(`${name}: ${(100 * importance).toFixed(0)} %`);
 * ```
 *
 * @throws InvalidArgumentError on unusable options; ThanosError UNSUPPORTED if the evaluator needs a target.
 */
export function paramImportances(
  source: ImportanceSource,
  options: ImportanceOptions = {},
): readonly ParamImportance[] {
  checkImportance(source, options);
  const { evaluator = new PedAnovaEvaluator(), params, target, normalize = true } = options;
  if (params?.length === 0) return [];
  const trials = source.trials.filter((trial) => trial.state === 'COMPLETE' && trial.values !== null);
  const found = evaluator.evaluate({
    trials,
    directions: source.directions,
    params,
    target: typeof target === 'function' ? numberOf(target) : target,
  });
  const total = [...found.values()].reduce((sum, importance) => sum + importance, 0);
  const scaled = (importance: number): number => {
    if (!normalize) return importance;
    return total > 0 ? importance / total : 1 / found.size;
  };
  return [...found]
    .map(([name, importance]) => ({ name, importance: scaled(importance) }))
    .sort((a, b) => b.importance - a.importance || (a.name < b.name ? -1 : 1));
}

const RULES: Readonly<Record<keyof ImportanceOptions, OptionRule>> = {
  evaluator: objectWith('one, as new FanovaEvaluator({ seed: 1 })', 'evaluate'),
  params: listOf('parameter names', (name) => typeof name === 'string'),
  normalize: BOOLEAN,
  // Held against the number of objectives below.
  target: ANYTHING,
};

function checkImportance(source: ImportanceSource, options: ImportanceOptions): void {
  checkOptions('paramImportances', options, RULES);
  if (!Array.isArray(source?.trials) || !Array.isArray(source.directions))
    throw new InvalidArgumentError(
      `paramImportances needs a study, or its { trials, directions }, but got ${shown(source)}`,
    );
  const { target } = options;
  const nObjectives = source.directions.length;
  const isObjective = Number.isInteger(target) && (target as number) >= 0 && (target as number) < nObjectives;
  if (target !== undefined && typeof target !== 'function' && !isObjective)
    throw new InvalidArgumentError(
      `target must be the index of an objective (${nObjectives === 1 ? 'here 0' : `0 to ${nObjectives - 1}`}), or a function of a ` +
        `trial, but is ${shown(target)}`,
    );
}

/** NaN is a number: such a trial is left out. */
function numberOf(target: (trial: FrozenTrial) => number): (trial: FrozenTrial) => number {
  return (trial) => {
    const value: unknown = target(trial);
    if (typeof value === 'number') return value;
    throw new InvalidArgumentError(
      `target must return a number, but of trial ${trial.number} it returned ${shown(value)}`,
    );
  };
}
