import type { Attrs, FrozenTrial, JsonValue } from '../core/frozen-trial.ts';
import { integerFrom, NOT_NEGATIVE, objectWith, orNull } from '../core/option-rules.ts';
import { defineOptions, type OptionsOf, option, required, type SettingsOf } from '../core/options.ts';
import type { PeerContext, Pruner, PrunerContext } from '../core/pruner.ts';
import { reportedBy } from './reported.ts';
import { leastLoss, lossSign } from './trial-values.ts';

const PRUNER = objectWith<Pruner>('a Pruner, as new MedianPruner()', 'shouldPrune');

const OPTIONS = defineOptions('the patient pruner', {
  /** Judges the trial once patience is exhausted. Default null: it is pruned then. */
  wrappedPruner: option(orNull({ ...PRUNER, plain: plainPruner }), null),
  /** Patience is exhausted when the best of the last patience + 1 values is worse than the best one before them … */
  patience: required(integerFrom(0)),
  /** … by more than this. Default 0. */
  minDelta: option(NOT_NEGATIVE, 0),
});

function plainPruner(pruner: unknown): JsonValue {
  const { name, options } = pruner as Pruner;
  return { name, options };
}

/** Options of {@link PatientPruner}. */
export interface PatientPrunerOptions extends OptionsOf<typeof OPTIONS> {}

/** Lets a trial go on for as long as it has made progress lately, then leaves it to another pruner. */
export class PatientPruner implements Pruner {
  readonly name = 'patient';
  readonly #settings: SettingsOf<typeof OPTIONS>;

  /** @throws InvalidArgumentError on unusable options. */
  constructor(options: PatientPrunerOptions) {
    this.#settings = OPTIONS.read(options);
  }

  get options(): Attrs {
    return OPTIONS.plain(this.#settings);
  }

  shouldPrune(context: PrunerContext): boolean {
    const { patience, minDelta, wrappedPruner } = this.#settings;
    const reported = reportedBy(context.trial);
    const nBefore = reported.values.length - patience - 1;
    if (nBefore <= 0) return false;
    const sign = lossSign(context.direction);
    const before = reported.leastLoss(sign, nBefore);
    const lately = leastLoss(reported.values.slice(nBefore), sign);
    if (!(before + minDelta < lately)) return false;
    return wrappedPruner === null || wrappedPruner.shouldPrune(context);
  }

  peersOf(context: PeerContext): readonly FrozenTrial[] {
    return this.#settings.wrappedPruner?.peersOf?.(context) ?? context.trials;
  }
}
