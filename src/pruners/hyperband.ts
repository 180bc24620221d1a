import { InvalidArgumentError } from '../core/errors.ts';
import type { FrozenTrial } from '../core/frozen-trial.ts';
import { integerFrom } from '../core/option-rules.ts';
import { defineOptions, type OptionsOf, option, type SettingsOf } from '../core/options.ts';
import type { PeerContext, Pruner, PrunerContext } from '../core/pruner.ts';
import { lastStep } from '../core/trial-facts.ts';
import { Brackets } from './brackets.ts';
import { PerHistory } from './per-history.ts';
import { orAuto, SuccessiveHalvingPruner } from './successive-halving.ts';
import { firstMeasured } from './trial-values.ts';

const OPTIONS = defineOptions(
  'the hyperband pruner',
  {
    /** Steps before a trial of the first bracket is judged first. Default 1. */
    minResource: option(integerFrom(1), 1),
    /**
     * Steps of a trial that is not pruned. Default 'auto': those of the first COMPLETE trial that reported any, and nothing
     * is pruned before there is one.
     */
    maxResource: option(orAuto(integerFrom(1)), 'auto'),
    /** One in so many of the trials of a bracket that reach a rung goes on. Default 3. */
    reductionFactor: option(integerFrom(2), 3),
    /** Nobody goes on from a rung before more than so many trials have reached it. Not with maxResource 'auto'. Default 0. */
    bootstrapCount: option(integerFrom(0), 0),
  },
  (settings) => {
    const { minResource, maxResource, bootstrapCount } = settings;
    if (maxResource === 'auto' && bootstrapCount > 0)
      throw new InvalidArgumentError(
        `bootstrapCount needs a known maxResource, but it is ${bootstrapCount} with maxResource 'auto'; give the number of steps`,
      );
    if (maxResource !== 'auto' && maxResource < minResource)
      throw new InvalidArgumentError(
        `maxResource must be >= minResource, but ${maxResource} < ${minResource}`,
      );
    return settings;
  },
);

/** Options of {@link HyperbandPruner}. */
export interface HyperbandPrunerOptions extends OptionsOf<typeof OPTIONS> {}

interface Known {
  readonly brackets: Brackets;
  /** Trials with smaller numbers ran before there were brackets, and do not compete. */
  readonly from: number;
}

/**
 * Hyperband (Li et al., JMLR 18, 2018): several brackets of successive halving, from eager to patient. Trials compete within
 * their bracket, and the sampler learns from the trial's bracket only.
 *
 * Design note: the bracket of a trial is Optuna's; see brackets.ts for the one difference, and SuccessiveHalvingPruner for
 * where rung values come from.
 */
export class HyperbandPruner implements Pruner {
  readonly name = 'hyperband';
  readonly options: SettingsOf<typeof OPTIONS>;
  /** Those of one maxResource. */
  #brackets: { readonly maxResource: number; readonly brackets: Brackets } | null = null;
  readonly #halvings = new Map<number, SuccessiveHalvingPruner>();
  readonly #rivals = new PerHistory<readonly FrozenTrial[]>();

  /** @throws InvalidArgumentError on unusable options. */
  constructor(options: HyperbandPrunerOptions = {}) {
    this.options = OPTIONS.read(options);
  }

  shouldPrune(context: PrunerContext): boolean {
    const { studyName, trial, trials } = context;
    const known = this.#knownFrom(trials);
    if (known === null) return false;
    const { brackets, from } = known;
    const bracket = brackets.of(studyName, trial.number);
    const rivals = this.#rivals.get(trials, `${studyName} ${bracket}`, () =>
      trials.filter((other) => other.number >= from && brackets.of(studyName, other.number) === bracket),
    );
    return this.#halving(bracket).shouldPrune({ ...context, trials: rivals });
  }

  /** The trials of the same bracket; all trials while maxResource is unknown. */
  peersOf({ studyName, trialNumber, trials }: PeerContext): readonly FrozenTrial[] {
    const brackets = this.#knownFrom(trials)?.brackets;
    if (brackets === undefined) return trials;
    const bracket = brackets.of(studyName, trialNumber);
    return trials.filter((other) => brackets.of(studyName, other.number) === bracket);
  }

  /** Null while there are no brackets. */
  #knownFrom(trials: readonly FrozenTrial[]): Known | null {
    const { minResource, maxResource, reductionFactor } = this.options;
    const measured = maxResource === 'auto' ? firstMeasured(trials) : null;
    if (measured === undefined) return null;
    const resource = measured === null ? (maxResource as number) : lastStep(measured)! + 1;
    if (this.#brackets?.maxResource !== resource) {
      const brackets = new Brackets(minResource, resource, reductionFactor);
      this.#brackets = { maxResource: resource, brackets };
    }
    const { brackets } = this.#brackets;
    return brackets.budgets.length === 0 ? null : { brackets, from: (measured?.number ?? -1) + 1 };
  }

  #halving(bracket: number): SuccessiveHalvingPruner {
    const known = this.#halvings.get(bracket);
    if (known !== undefined) return known;
    const { minResource, reductionFactor, bootstrapCount } = this.options;
    const made = new SuccessiveHalvingPruner({
      minResource,
      reductionFactor,
      minEarlyStoppingRate: bracket,
      bootstrapCount,
    });
    this.#halvings.set(bracket, made);
    return made;
  }
}
