import { InvalidArgumentError } from '../core/errors.ts';
import type { Attrs, FrozenTrial } from '../core/frozen-trial.ts';
import { ANYTHING, checkOption, checkOptions, integerFrom, NOT_NEGATIVE } from '../core/option-rules.ts';
import type { PeerContext, Pruner, PrunerContext } from '../core/pruner.ts';
import { shown } from '../core/shown.ts';
import { reportedBy } from './reported.ts';
import { leastLoss, lossSign } from './trial-values.ts';

export interface PatientPrunerOptions {
  /** Judges the trial once patience is exhausted; null (default): it is pruned then. */
  readonly wrappedPruner?: Pruner | null | undefined;
  /** Patience is exhausted when the best of the last patience + 1 values is worse than the best one before them … */
  readonly patience: number;
  /** … by more than this; default 0. */
  readonly minDelta?: number | undefined;
}

/** Lets a trial go on for as long as it has made progress lately, then leaves it to another pruner. */
export class PatientPruner implements Pruner {
  readonly name = 'patient';
  readonly #wrapped: Pruner | null;
  readonly #patience: number;
  readonly #minDelta: number;

  /** @throws InvalidArgumentError on unusable options. */
  constructor(options: PatientPrunerOptions) {
    const rules = { wrappedPruner: ANYTHING, patience: integerFrom(0), minDelta: NOT_NEGATIVE };
    checkOptions('the patient pruner', options, rules);
    const { wrappedPruner = null, patience, minDelta = 0 } = options;
    checkOption('patience', patience, rules.patience);
    if (wrappedPruner !== null && typeof wrappedPruner?.shouldPrune !== 'function')
      throw new InvalidArgumentError(
        `wrappedPruner must be a Pruner, as new MedianPruner(), or null, but is ${shown(wrappedPruner)}`,
      );
    this.#wrapped = wrappedPruner;
    this.#patience = patience;
    this.#minDelta = minDelta;
  }

  get options(): Attrs {
    const wrapped = this.#wrapped;
    return {
      wrappedPruner: wrapped === null ? null : { name: wrapped.name, options: wrapped.options },
      patience: this.#patience,
      minDelta: this.#minDelta,
    };
  }

  shouldPrune(context: PrunerContext): boolean {
    const reported = reportedBy(context.trial);
    const nBefore = reported.values.length - this.#patience - 1;
    if (nBefore <= 0) return false;
    const sign = lossSign(context.direction);
    const before = reported.leastLoss(sign, nBefore);
    const lately = leastLoss(reported.values.slice(nBefore), sign);
    if (!(before + this.#minDelta < lately)) return false;
    return this.#wrapped === null || this.#wrapped.shouldPrune(context);
  }

  peersOf(context: PeerContext): readonly FrozenTrial[] {
    return this.#wrapped?.peersOf?.(context) ?? context.trials;
  }
}
