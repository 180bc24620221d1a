import { InvalidArgumentError } from '../core/errors.ts';
import type { FrozenTrial } from '../core/frozen-trial.ts';
import { integerFrom, type OptionRule } from '../core/option-rules.ts';
import { defineOptions, type OptionsOf, option, type SettingsOf } from '../core/options.ts';
import type { Pruner, PrunerContext } from '../core/pruner.ts';
import { lastStep } from '../core/trial-facts.ts';
import { lowerBound } from '../math/bisect.ts';
import { PerHistory } from './per-history.ts';
import { reportedBy } from './reported.ts';
import { firstMeasured, lossSign, valueFrom } from './trial-values.ts';

export function orAuto(rule: OptionRule<number>): OptionRule<number | 'auto'> {
  return { what: `${rule.what} or 'auto'`, accepts: (value) => value === 'auto' || rule.accepts(value) };
}

const OPTIONS = defineOptions(
  'the successive halving pruner',
  {
    /**
     * Steps before a trial is judged first. Default 'auto': a hundredth of the steps of the first COMPLETE trial that reported
     * any, and nothing is pruned before there is one.
     */
    minResource: option(orAuto(integerFrom(1)), 'auto'),
    /** One in so many of the trials that reach a rung goes on, and the next rung is so many times as far. Default 4. */
    reductionFactor: option(integerFrom(2), 4),
    /** The first so many rungs are left out. Default 0. */
    minEarlyStoppingRate: option(integerFrom(0), 0),
    /** Nobody goes on from a rung before more than so many trials have reached it. Not with minResource 'auto'. Default 0. */
    bootstrapCount: option(integerFrom(0), 0),
  },
  (settings) => {
    const { minResource, bootstrapCount } = settings;
    if (minResource === 'auto' && bootstrapCount > 0)
      throw new InvalidArgumentError(
        `bootstrapCount needs a known minResource, but it is ${bootstrapCount} with minResource 'auto'; give the number of steps`,
      );
    return settings;
  },
);

/** Options of {@link SuccessiveHalvingPruner}. */
export interface SuccessiveHalvingPrunerOptions extends OptionsOf<typeof OPTIONS> {}

/**
 * Asynchronous successive halving (Li et al., A System for Massively Parallel Hyperparameter Tuning, 2020, algorithm 2; trials
 * are pruned rather than paused): rung k is at step minResource * reductionFactor^(minEarlyStoppingRate + k), and a trial
 * goes on from it if its value there is among the best 1/reductionFactor of those that have reached it, itself included
 * (of fewer than reductionFactor: if it is the best).
 *
 * Design note: Optuna writes a trial's rung values down when the trial asks. Here a rung value is the value at the first
 * reported step at or beyond the rung, read from the history: the same for an objective that reports its steps in ascending
 * order and asks after each, and a trial that has once fallen out stays so, however often it asks. With 'auto', as there,
 * trials up to the one that the resource follows from had no rungs and do not compete.
 */
export class SuccessiveHalvingPruner implements Pruner {
  readonly name = 'successive-halving';
  readonly options: SettingsOf<typeof OPTIONS>;
  /** Losses of those that have reached a rung, in ascending order. */
  readonly #rungs = new PerHistory<Float64Array>();

  /** @throws InvalidArgumentError on unusable options. */
  constructor(options: SuccessiveHalvingPrunerOptions = {}) {
    this.options = OPTIONS.read(options);
  }

  shouldPrune(context: PrunerContext): boolean {
    const { trial, trials } = context;
    const last = reportedBy(trial).lastStep;
    if (last === null) return false;
    let { minResource } = this.options;
    let from = 0;
    if (minResource === 'auto') {
      const measured = firstMeasured(trials);
      if (measured === undefined) return false;
      minResource = Math.max(1, Math.floor(lastStep(measured)! / 100));
      from = measured.number + 1;
    }
    const { reductionFactor, minEarlyStoppingRate } = this.options;
    let step = minResource * reductionFactor ** minEarlyStoppingRate;
    for (; step <= last; step *= reductionFactor) if (!this.#goesOn(context, step, from)) return true;
    return false;
  }

  /** Whether the trial passes the rung at `step`, where those with a number >= `from` compete. */
  #goesOn({ trial, trials, direction }: PrunerContext, step: number, from: number): boolean {
    const { reductionFactor, bootstrapCount } = this.options;
    const sign = lossSign(direction);
    const loss = sign * reportedBy(trial).valueFrom(step)!;
    if (Number.isNaN(loss)) return false;
    const rivals = this.#rungs.get(trials, `${direction} ${step} ${from}`, () =>
      lossesAtRung(trials, step, from, sign),
    );
    const n = rivals.length + 1;
    if (n <= bootstrapCount) return false;
    return lowerBound(rivals, loss) < Math.max(1, Math.floor(n / reductionFactor));
  }
}

function lossesAtRung(
  trials: readonly FrozenTrial[],
  step: number,
  from: number,
  sign: 1 | -1,
): Float64Array {
  const losses: number[] = [];
  for (const trial of trials) {
    if (trial.number < from) continue;
    const value = valueFrom(trial, step);
    if (value !== undefined && !Number.isNaN(value)) losses.push(sign * value);
  }
  return Float64Array.from(losses).sort();
}
