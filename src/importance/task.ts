/** What an importance evaluator is given, and the contract that it keeps. */
import type { Distribution } from '../core/distribution.ts';
import { distributionsEqual } from '../core/distribution.ts';
import { InvalidArgumentError, ThanosError } from '../core/errors.ts';
import type { FrozenTrial, StudyDirection } from '../core/frozen-trial.ts';
import { lossOf } from '../core/losses.ts';

/** The objective of this index, by its direction; or a number of each trial, of which the least is the best. */
export type ImportanceTarget = number | ((trial: FrozenTrial) => number);

/** What an evaluator is to rank, and by which trials. */
export interface ImportanceTask {
  /** COMPLETE trials. */
  readonly trials: readonly FrozenTrial[];
  /** The study's directions, one per objective. */
  readonly directions: readonly StudyDirection[];
  /** The parameters to rank; absent: the evaluator's choice. */
  readonly params?: readonly string[] | undefined;
  /** Absent: the objective values. */
  readonly target?: ImportanceTarget | undefined;
}

/** Pure: the same task gives the same numbers. */
export interface ImportanceEvaluator {
  /** Which evaluator it is, for example `fanova`; plots and reports show it. */
  readonly name: string;
  /** Importance >= 0 of each parameter, not normalized. @throws InvalidArgumentError, ThanosError UNSUPPORTED. */
  evaluate(task: ImportanceTask): ReadonlyMap<string, number>;
}

/** What is minimized: an objective (negated if it is maximized), or the target function. */
export function targetLoss({ directions, target }: ImportanceTask): (trial: FrozenTrial) => number {
  if (typeof target === 'function') return target;
  const k = target ?? 0;
  return (trial) => lossOf(trial.values![k], directions[k]);
}

/** Whether all objectives are meant together. */
export function isMultiObjective({ directions, target }: ImportanceTask): boolean {
  return directions.length > 1 && target === undefined;
}

/** For evaluators that explain one number. @throws ThanosError UNSUPPORTED */
export function assertSingleTarget(name: string, task: ImportanceTask): void {
  if (isMultiObjective(task))
    throw new ThanosError(
      'UNSUPPORTED',
      `${name} explains one number, but the study has ${task.directions.length} objectives; pass target, as ` +
        'target: 0 for the first, or use PedAnovaEvaluator, which ranks for the Pareto front',
    );
}

/**
 * The distributions of the parameters to rank, by name: those that all trials share, or those asked for, as in the trials that have all
 * of them.
 * @throws InvalidArgumentError if no trial has all that were asked for, or if their distributions changed.
 */
export function sharedDistributions({ trials, params }: ImportanceTask): ReadonlyMap<string, Distribution> {
  const having =
    params === undefined
      ? trials
      : trials.filter(({ distributions }) => params.every((name) => Object.hasOwn(distributions, name)));
  if (having.length === 0) {
    if (params === undefined || params.length === 0) return new Map();
    throw new InvalidArgumentError(
      `params must appear together in at least one COMPLETE trial, but no trial has all of ${params.join(', ')}`,
    );
  }
  const [first] = having;
  const shared = new Map<string, Distribution>();
  for (const name of [...(params ?? Object.keys(first.distributions))].sort()) {
    const distribution = first.distributions[name];
    const isShared = having.every(
      ({ distributions }) =>
        Object.hasOwn(distributions, name) && distributionsEqual(distributions[name], distribution),
    );
    if (isShared) shared.set(name, distribution);
    else if (params !== undefined)
      throw new InvalidArgumentError(
        `a parameter named in params must keep its distribution, but that of '${name}' changed; leave it out, or use ` +
          'PedAnovaEvaluator, which handles changing ranges',
      );
  }
  return shared;
}
