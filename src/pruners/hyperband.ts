import { InvalidArgumentError } from '../core/errors.ts';
import type { FrozenTrial } from '../core/frozen-trial.ts';
import { checkOptions, integerFrom } from '../core/option-rules.ts';
import type { PeerContext, Pruner, PrunerContext } from '../core/pruner.ts';
import { lastStep } from '../core/trial-facts.ts';
import { Brackets } from './brackets.ts';
import { PerHistory } from './per-history.ts';
import { orAuto, SuccessiveHalvingPruner } from './successive-halving.ts';
import { firstMeasured } from './trial-values.ts';

export interface HyperbandPrunerOptions {
  /** Default 1: steps before a trial of the first bracket is judged first. */
  readonly minResource?: number | undefined;
  /**
   * Steps of a trial that is not pruned; 'auto' (default): those of the first COMPLETE trial that reported any, and nothing
   * is pruned before there is one.
   */
  readonly maxResource?: number | 'auto' | undefined;
  /** Default 3: of the trials of a bracket that reach a rung, one in so many goes on. */
  readonly reductionFactor?: number | undefined;
  /** Default 0: nobody goes on from a rung before more than so many trials have reached it. Not with maxResource 'auto'. */
  readonly bootstrapCount?: number | undefined;
}

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
  readonly options: {
    readonly minResource: number;
    readonly maxResource: number | 'auto';
    readonly reductionFactor: number;
    readonly bootstrapCount: number;
  };
  /** Those of one maxResource. */
  #brackets: { readonly maxResource: number; readonly brackets: Brackets } | null = null;
  readonly #halvings = new Map<number, SuccessiveHalvingPruner>();
  readonly #rivals = new PerHistory<readonly FrozenTrial[]>();

  /** @throws InvalidArgumentError on unusable options. */
  constructor(options: HyperbandPrunerOptions = {}) {
    checkOptions('the hyperband pruner', options, {
      minResource: integerFrom(1),
      maxResource: orAuto(integerFrom(1)),
      reductionFactor: integerFrom(2),
      bootstrapCount: integerFrom(0),
    });
    const { minResource = 1, maxResource = 'auto', reductionFactor = 3, bootstrapCount = 0 } = options;
    if (maxResource === 'auto' && bootstrapCount > 0)
      throw new InvalidArgumentError(
        `bootstrapCount needs a known maxResource, but it is ${bootstrapCount} with maxResource 'auto'; give the number of steps`,
      );
    if (maxResource !== 'auto' && maxResource < minResource)
      throw new InvalidArgumentError(
        `maxResource must be >= minResource, but ${maxResource} < ${minResource}`,
      );
    this.options = { minResource, maxResource, reductionFactor, bootstrapCount };
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
