import { bestOf } from '../core/best.ts';
import { checkOptions, integerFrom, PROBABILITY } from '../core/option-rules.ts';
import type { Pruner, PrunerContext } from '../core/pruner.ts';
import { signedRankPValue } from './signed-rank.ts';
import { lossSign, valuesByStep } from './trial-values.ts';

export interface WilcoxonPrunerOptions {
  /** Default 0.1: a trial is pruned if the test is surer than this that it is worse than the best one. */
  readonly pThreshold?: number;
  /** Default 2: nothing is pruned with fewer steps that both trials have (with fewer than 2 never). */
  readonly nStartupSteps?: number;
}

/**
 * For objectives that are means over instances (folds, problems, seeds), reported with the instance as the step, in any order:
 * prunes a trial that is worse than the best one by Wilcoxon's signed-rank test over the instances that both have, as long
 * as its mean is worse too. Trials with values that are not finite are left alone.
 */
export class WilcoxonPruner implements Pruner {
  readonly name = 'wilcoxon';
  readonly options: Readonly<Record<keyof WilcoxonPrunerOptions, number>>;

  /** @throws InvalidArgumentError on unusable options. */
  constructor(options: WilcoxonPrunerOptions = {}) {
    checkOptions('the wilcoxon pruner', options, { pThreshold: PROBABILITY, nStartupSteps: integerFrom(0) });
    const { pThreshold = 0.1, nStartupSteps = 2 } = options;
    this.options = { pThreshold, nStartupSteps };
  }

  shouldPrune({ trial, trials, direction }: PrunerContext): boolean {
    const { pThreshold, nStartupSteps } = this.options;
    if (trial.intermediateValues.size === 0) return false;
    const best = bestOf(trials, direction);
    if (best === null || best.intermediateValues.size === 0) return false;
    const sign = lossSign(direction);
    const own = valuesByStep(trial).map(([step, value]) => [step, sign * value] as const);
    const others = new Map(valuesByStep(best).map(([step, value]) => [step, sign * value]));
    const losses = own.map(([, loss]) => loss);
    if (![...losses, ...others.values()].every(Number.isFinite)) return false;
    const differences = own
      .filter(([step]) => others.has(step))
      .map(([step, loss]) => loss - others.get(step)!);
    if (differences.length < Math.max(2, nStartupSteps)) return false;
    return mean([...others.values()]) < mean(losses) && signedRankPValue(differences) < pThreshold;
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
