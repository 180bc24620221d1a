import { integerFrom, type OptionRule } from '../core/option-rules.ts';
import { defineOptions, type OptionsOf, option, required, type SettingsOf } from '../core/options.ts';
import type { Pruner, PrunerContext } from '../core/pruner.ts';
import { CHECK_INTERVAL, type CheckInterval, isCheckDue } from './check-interval.ts';
import { reportedBy } from './reported.ts';
import { lossSign } from './trial-values.ts';

/** When a trial is judged by a percentile of what others reported. */
export const PERCENTILE_CHECK = {
  /** Nothing is pruned before so many trials are COMPLETE. Default 5. */
  nStartupTrials: option(integerFrom(0), 5),
  ...CHECK_INTERVAL,
  /** Nothing is pruned at a step that fewer COMPLETE trials have reported. Default 1. */
  nMinTrials: option(integerFrom(1), 1),
};

/** Options that {@link PercentilePruner} and `MedianPruner` share: when a trial is judged. */
export interface PercentileCheckOptions extends CheckInterval, OptionsOf<typeof PERCENTILE_CHECK> {}

const PERCENTAGE: OptionRule<number> = {
  what: 'a number in [0, 100]',
  accepts: (value) => typeof value === 'number' && value >= 0 && value <= 100,
};

const OPTIONS = defineOptions('the percentile pruner', {
  /** In [0, 100]: 25 goes on with the trials that are among the best quarter. */
  percentile: required(PERCENTAGE),
  ...PERCENTILE_CHECK,
});

/** Options of {@link PercentilePruner}. */
export interface PercentilePrunerOptions extends PercentileCheckOptions, OptionsOf<typeof OPTIONS> {}

/**
 * Prunes a trial whose best value so far is worse than a percentile of what the COMPLETE trials reported at its last step.
 * NaN among those is left out; a trial that has reported nothing but NaN is pruned.
 *
 * Design note: decisions are Optuna's, but for what its interpolation makes of infinite values (NaN, which stops all
 * pruning at that step), and for the last digit of a percentile when maximizing: there it is taken of the mirrored values.
 */
export class PercentilePruner implements Pruner {
  readonly name = 'percentile';
  readonly options: SettingsOf<typeof OPTIONS>;

  /** @throws InvalidArgumentError on unusable options. */
  constructor(options: PercentilePrunerOptions) {
    this.options = OPTIONS.read(options);
  }

  shouldPrune({ trial, trials, direction }: PrunerContext): boolean {
    const { percentile, nStartupTrials, nMinTrials } = this.options;
    const reported = reportedBy(trial);
    const last = reported.lastStep;
    if (last === null || !isCheckDue(reported, this.options)) return false;
    const sign = lossSign(direction);
    const losses: number[] = [];
    let nComplete = 0;
    for (const { state, intermediateValues } of trials) {
      if (state !== 'COMPLETE') continue;
      nComplete++;
      const value = intermediateValues.get(last);
      if (value !== undefined) losses.push(sign * value);
    }
    if (nComplete < Math.max(1, nStartupTrials)) return false;
    const best = reported.leastLoss(sign);
    if (Number.isNaN(best)) return true;
    return losses.length >= nMinTrials && isAbovePercentile(best, losses, percentile);
  }
}

/** Whether x is greater than this percentile of the values, where NaN do not count. Without numbers it is not. */
export function isAbovePercentile(x: number, values: readonly number[], percentile: number): boolean {
  let n = 0;
  let nBelow = 0;
  let nextBelow = Number.NEGATIVE_INFINITY;
  let nextAbove = Number.POSITIVE_INFINITY;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    n++;
    if (value < x) {
      nBelow++;
      if (value > nextBelow) nextBelow = value;
    } else if (value < nextAbove) nextAbove = value;
  }
  if (n === 0) return false;
  // In ascending order, the percentile lies between the values at floor(place) and the one after it.
  const place = (n - 1) * (percentile / 100);
  const first = Math.floor(place);
  if (nBelow !== first + 1) return nBelow > first + 1;
  return x > between(nextBelow, nextAbove, place - first);
}

/** Linear, as numpy's default method has it. */
function between(low: number, high: number, weight: number): number {
  if (weight === 0) return low;
  const gap = high - low;
  if (gap === Number.POSITIVE_INFINITY) return (1 - weight) * low + weight * high;
  return weight >= 0.5 ? high - gap * (1 - weight) : low + gap * weight;
}
