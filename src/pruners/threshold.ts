import { InvalidArgumentError } from '../core/errors.ts';
import { FINITE, orNull } from '../core/option-rules.ts';
import { defineOptions, type OptionsOf, option, type SettingsOf } from '../core/options.ts';
import type { Pruner, PrunerContext } from '../core/pruner.ts';
import { CHECK_INTERVAL, type CheckInterval, isCheckDue } from './check-interval.ts';
import { reportedBy } from './reported.ts';

const OPTIONS = defineOptions(
  'the threshold pruner',
  {
    /** A trial is pruned below this value. Default null: no bound. */
    lower: option(orNull(FINITE), null),
    /** A trial is pruned above this value. Default null: no bound. */
    upper: option(orNull(FINITE), null),
    ...CHECK_INTERVAL,
  },
  (settings) => {
    const { lower, upper } = settings;
    if (lower === null && upper === null)
      throw new InvalidArgumentError('the threshold pruner needs a bound: give lower, upper or both');
    if (lower !== null && upper !== null && lower > upper)
      throw new InvalidArgumentError(`lower must be <= upper, but ${lower} > ${upper}`);
    return settings;
  },
);

/** Options of {@link ThresholdPruner}. */
export interface ThresholdPrunerOptions extends CheckInterval, OptionsOf<typeof OPTIONS> {}

/** Prunes a trial whose last value is outside of bounds, whatever the direction of the study, or NaN. */
export class ThresholdPruner implements Pruner {
  readonly name = 'threshold';
  readonly options: SettingsOf<typeof OPTIONS>;

  /** @throws InvalidArgumentError on unusable options; one of the bounds at least must be given. */
  constructor(options: ThresholdPrunerOptions) {
    this.options = OPTIONS.read(options);
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
