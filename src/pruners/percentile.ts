import { checkOption, checkOptions, integerFrom, type OptionRule } from '../core/option-rules.ts';
import type { Pruner, PrunerContext } from '../core/pruner.ts';
import { CHECK_INTERVAL_RULES, type CheckInterval, isCheckDue } from './check-interval.ts';
import { reportedBy } from './reported.ts';
import { lossSign } from './trial-values.ts';

export interface PercentileCheckOptions extends CheckInterval {
  /** Default 5: nothing is pruned before so many trials are COMPLETE. */
  readonly nStartupTrials?: number | undefined;
  /** Default 1: nothing is pruned at a step that fewer COMPLETE trials have reported. */
  readonly nMinTrials?: number | undefined;
}

export interface PercentilePrunerOptions extends PercentileCheckOptions {
  /** In [0, 100]: 25 goes on with the trials that are among the best quarter. */
  readonly percentile: number;
}

export const PERCENTILE_CHECK_RULES: Readonly<Record<keyof PercentileCheckOptions, OptionRule>> = {
  ...CHECK_INTERVAL_RULES,
  nStartupTrials: integerFrom(0),
  nMinTrials: integerFrom(1),
};

const PERCENTAGE: OptionRule = {
  what: 'a number in [0, 100]',
  accepts: (value) => typeof value === 'number' && value >= 0 && value <= 100,
};

/**
 * Prunes a trial whose best value so far is worse than a percentile of what the COMPLETE trials reported at its last step.
 * NaN among those is left out; a trial that has reported nothing but NaN is pruned.
 *
 * Design note: decisions are Optuna's, but for what its interpolation makes of infinite values (NaN, which stops all
 * pruning at that step), and for the last digit of a percentile when maximising: there it is taken of the mirrored values.
 */
export class PercentilePruner implements Pruner {
  readonly name = 'percentile';
  readonly options: Readonly<Record<keyof PercentilePrunerOptions, number>>;

  /** @throws InvalidArgumentError on unusable options. */
  constructor(options: PercentilePrunerOptions) {
    checkOptions('the percentile pruner', options, { ...PERCENTILE_CHECK_RULES, percentile: PERCENTAGE });
    const { percentile, nStartupTrials = 5, nWarmupSteps = 0, intervalSteps = 1, nMinTrials = 1 } = options;
    checkOption('percentile', percentile, PERCENTAGE);
    this.options = { percentile, nStartupTrials, nWarmupSteps, intervalSteps, nMinTrials };
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

/** Is x greater than this percentile of the values, where NaN do not count? Without numbers it is not. */
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
