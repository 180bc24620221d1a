import type { FrozenTrial } from '../core/frozen-trial.ts';
import { checkOption, checkOptions, integerFrom, type OptionRule } from '../core/option-rules.ts';
import type { Pruner, PrunerContext } from '../core/pruner.ts';
import { CHECK_INTERVAL_RULES, type CheckInterval, isCheckDue } from './check-interval.ts';
import { lastStep, leastLoss, lossSign } from './trial-values.ts';

export interface PercentileCheckOptions extends CheckInterval {
  /** Default 5: nothing is pruned before so many trials are COMPLETE. */
  readonly nStartupTrials?: number;
  /** Default 1: nothing is pruned at a step that fewer COMPLETE trials have reported. */
  readonly nMinTrials?: number;
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
    const last = lastStep(trial);
    if (last === null || !isCheckDue(trial.intermediateValues.keys(), last, this.options)) return false;
    const complete = trials.filter((other) => other.state === 'COMPLETE');
    if (complete.length < Math.max(1, nStartupTrials)) return false;
    const sign = lossSign(direction);
    const best = leastLoss(trial.intermediateValues.values(), sign);
    if (Number.isNaN(best)) return true;
    const losses = lossesAt(complete, last, sign);
    return losses.length >= nMinTrials && best > percentileOf(losses, percentile);
  }
}

function lossesAt(trials: readonly FrozenTrial[], step: number, sign: 1 | -1): Float64Array {
  const losses: number[] = [];
  for (const { intermediateValues } of trials) {
    const value = intermediateValues.get(step);
    if (value !== undefined) losses.push(sign * value);
  }
  return Float64Array.from(losses);
}

/** Between neighbours in order it is linear (numpy's default). NaN if there are no numbers. Sorts the values. */
export function percentileOf(values: Float64Array, percentile: number): number {
  values.sort(); // NaN comes last
  let n = values.length;
  while (n > 0 && Number.isNaN(values[n - 1])) n--;
  if (n === 0) return Number.NaN;
  const place = (n - 1) * (percentile / 100);
  const low = values[Math.floor(place)];
  const high = values[Math.min(Math.floor(place) + 1, n - 1)];
  const weight = place - Math.floor(place);
  if (weight === 0 || low === high) return low;
  const gap = high - low;
  if (gap === Number.POSITIVE_INFINITY) return (1 - weight) * low + weight * high;
  return weight >= 0.5 ? high - gap * (1 - weight) : low + gap * weight;
}
