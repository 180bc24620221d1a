import { InvalidArgumentError } from '../core/errors.ts';
import { checkOptions, FINITE, orNull } from '../core/option-rules.ts';
import type { Pruner, PrunerContext } from '../core/pruner.ts';
import { CHECK_INTERVAL_RULES, type CheckInterval, isCheckDue } from './check-interval.ts';
import { reportedBy } from './reported.ts';

export interface ThresholdPrunerOptions extends CheckInterval {
  /** A trial is pruned below this value; null (default) for no bound. */
  readonly lower?: number | null | undefined;
  /** A trial is pruned above this value; null (default) for no bound. */
  readonly upper?: number | null | undefined;
}

/** Prunes a trial whose last value is outside of bounds, whatever the direction of the study, or NaN. */
export class ThresholdPruner implements Pruner {
  readonly name = 'threshold';
  readonly options: {
    readonly lower: number | null;
    readonly upper: number | null;
    readonly nWarmupSteps: number;
    readonly intervalSteps: number;
  };

  /** @throws InvalidArgumentError on unusable options; one of the bounds at least must be given. */
  constructor(options: ThresholdPrunerOptions) {
    checkOptions('the threshold pruner', options, {
      lower: orNull(FINITE),
      upper: orNull(FINITE),
      ...CHECK_INTERVAL_RULES,
    });
    const { lower = null, upper = null, nWarmupSteps = 0, intervalSteps = 1 } = options;
    if (lower === null && upper === null)
      throw new InvalidArgumentError('the threshold pruner needs a bound: give lower, upper or both');
    if (lower !== null && upper !== null && lower > upper)
      throw new InvalidArgumentError(`lower must be <= upper, but ${lower} > ${upper}`);
    this.options = { lower, upper, nWarmupSteps, intervalSteps };
  }

  shouldPrune({ trial }: PrunerContext): boolean {
    const reported = reportedBy(trial);
    const last = reported.lastStep;
    if (last === null || !isCheckDue(reported, this.options)) return false;
    const { lower, upper } = this.options;
    const value = trial.intermediateValues.get(last)!;
    return Number.isNaN(value) || (lower !== null && value < lower) || (upper !== null && value > upper);
  }
}
