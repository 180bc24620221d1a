import { bestOf } from '../core/best.ts';
import type { FrozenTrial } from '../core/frozen-trial.ts';
import { integerFrom, PROBABILITY } from '../core/option-rules.ts';
import { defineOptions, type OptionsOf, option, type SettingsOf } from '../core/options.ts';
import type { Pruner, PrunerContext } from '../core/pruner.ts';
import { partitionPoint } from '../math/bisect.ts';
import { signedRankPValueOfSorted } from '../math/signed-rank.ts';
import { PerHistory } from './per-history.ts';
import { reportedBy } from './reported.ts';
import { lossSign } from './trial-values.ts';

const OPTIONS = defineOptions('the wilcoxon pruner', {
  /** A trial is pruned if the test is surer than this that it is worse than the best one. Default 0.1. */
  pThreshold: option(PROBABILITY, 0.1),
  /** Nothing is pruned with fewer steps that both trials have (with fewer than 2 never). Default 2. */
  nStartupSteps: option(integerFrom(0), 2),
});

/** Options of {@link WilcoxonPruner}. */
export interface WilcoxonPrunerOptions extends OptionsOf<typeof OPTIONS> {}

/**
 * For objectives that are means over instances (folds, problems, seeds), reported with the instance as the step, in any order:
 * prunes a trial that is worse than the best one by Wilcoxon's signed-rank test over the instances that both have, as long
 * as its mean is worse too. Trials with values that are not finite are left alone.
 */
export class WilcoxonPruner implements Pruner {
  readonly name = 'wilcoxon';
  readonly options: SettingsOf<typeof OPTIONS>;
  readonly #best = new PerHistory<FrozenTrial | null>();
  readonly #known = new WeakMap<ReadonlyMap<number, number>, Differences>();

  /** @throws InvalidArgumentError on unusable options. */
  constructor(options: WilcoxonPrunerOptions = {}) {
    this.options = OPTIONS.read(options);
  }

  shouldPrune({ trial, trials, direction }: PrunerContext): boolean {
    const { pThreshold, nStartupSteps } = this.options;
    const own = reportedBy(trial);
    if (own.steps.length === 0) return false;
    const best = this.#best.get(trials, direction, () => bestOf(trials, direction));
    if (best === null || best.intermediateValues.size === 0) return false;
    const sign = lossSign(direction);
    const others = reportedBy(best);
    if (!own.isFinite || !others.isFinite) return false;
    if (!(sign * others.mean < sign * own.mean)) return false;
    const { sorted } = this.#differences(trial, best, sign);
    if (sorted.length < Math.max(2, nStartupSteps)) return false;
    return signedRankPValueOfSorted(sorted) < pThreshold;
  }

  /** The differences of the trial's losses and the best one's, by magnitude: as the trial reports more, more are put in. */
  #differences({ intermediateValues }: FrozenTrial, best: FrozenTrial, sign: 1 | -1): Differences {
    let known = this.#known.get(intermediateValues);
    if (known?.best !== best || known.sign !== sign) {
      known = { best, sign, entries: intermediateValues.entries(), nTaken: 0, sorted: [] };
      this.#known.set(intermediateValues, known);
    }
    for (; known.nTaken < intermediateValues.size; known.nTaken++) {
      const [step, value] = known.entries.next().value as [number, number];
      const other = best.intermediateValues.get(step);
      if (other !== undefined) insertByMagnitude(known.sorted, sign * value - sign * other);
    }
    return known;
  }
}

interface Differences {
  readonly best: FrozenTrial;
  readonly sign: 1 | -1;
  readonly entries: Iterator<[number, number]>;
  nTaken: number;
  readonly sorted: number[];
}

function insertByMagnitude(sorted: number[], difference: number): void {
  const size = Math.abs(difference);
  const at = partitionPoint(sorted.length, (i) => Math.abs(sorted[i]) < size);
  sorted.splice(at, 0, difference);
}
