import { checkOptions } from '../core/option-rules.ts';
import type { Pruner, PrunerContext } from '../core/pruner.ts';
import { PERCENTILE_CHECK_RULES, type PercentileCheckOptions, PercentilePruner } from './percentile.ts';

export type MedianPrunerOptions = PercentileCheckOptions;

/** Prunes a trial whose best value so far is worse than the median of what the COMPLETE trials reported at its last step. */
export class MedianPruner implements Pruner {
  readonly name = 'median';
  readonly options: Readonly<Record<keyof MedianPrunerOptions, number>>;
  readonly #pruner: PercentilePruner;

  /** @throws InvalidArgumentError on unusable options. */
  constructor(options: MedianPrunerOptions = {}) {
    checkOptions('the median pruner', options, PERCENTILE_CHECK_RULES);
    this.#pruner = new PercentilePruner({ ...options, percentile: 50 });
    const { percentile: _, ...own } = this.#pruner.options;
    this.options = own;
  }

  shouldPrune(context: PrunerContext): boolean {
    return this.#pruner.shouldPrune(context);
  }
}
