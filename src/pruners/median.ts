import { defineOptions, type SettingsOf } from '../core/options.ts';
import type { Pruner, PrunerContext } from '../core/pruner.ts';
import { PERCENTILE_CHECK, type PercentileCheckOptions, PercentilePruner } from './percentile.ts';

const OPTIONS = defineOptions('the median pruner', PERCENTILE_CHECK);

/** Options of {@link MedianPruner}. */
export type MedianPrunerOptions = PercentileCheckOptions;

/**
 * Prunes a trial whose best value so far is worse than the median of what the COMPLETE trials reported at its last step.
 *
 * ```ts
 * const study = await createStudy({ pruner: new MedianPruner({ nStartupTrials: 10, nWarmupSteps: 5 }) });
 * await study.optimize(async (trial) => {
 *   for (let epoch = 0; epoch < 50; epoch++) {
 *     trial.report(await trainEpoch(epoch), epoch);
 *     if (trial.shouldPrune()) throw new TrialPruned();
 *   }
 *   return validate();
 * }, { nTrials: 100 });
 * ```
 */
export class MedianPruner implements Pruner {
  readonly name = 'median';
  readonly options: SettingsOf<typeof OPTIONS>;
  readonly #pruner: PercentilePruner;

  /** @throws InvalidArgumentError on unusable options. */
  constructor(options: MedianPrunerOptions = {}) {
    this.options = OPTIONS.read(options);
    this.#pruner = new PercentilePruner({ ...this.options, percentile: 50 });
  }

  shouldPrune(context: PrunerContext): boolean {
    return this.#pruner.shouldPrune(context);
  }
}
