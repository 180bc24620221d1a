import { type Distribution, distributionsEqual, isSingle } from '../core/distribution.ts';
import { InvalidArgumentError } from '../core/errors.ts';
import type { FrozenTrial } from '../core/frozen-trial.ts';
import { lossRows } from '../core/losses.ts';
import { BOOLEAN, POSITIVE_PROBABILITY } from '../core/option-rules.ts';
import { defineOptions, type OptionsOf, option, type SettingsOf } from '../core/options.ts';
import { bestRows } from '../pareto/index.ts';
import { gridCounts, gridDensity } from './grid-density.ts';
import { type ImportanceEvaluator, type ImportanceTask, isMultiObjective, targetLoss } from './task.ts';

const OPTIONS = defineOptions(
  'PedAnovaEvaluator',
  {
    /** In (0, regionQuantile): the share of trials whose quality is to be explained. Default 0.1. */
    targetQuantile: option(POSITIVE_PROBABILITY, 0.1),
    /** In (targetQuantile, 1]: the share of trials, the best first, that it is explained among. Default 1. */
    regionQuantile: option(POSITIVE_PROBABILITY, 1),
    /** Compare with what was tried (true), or with the uniform distribution over the range. Default true. */
    evaluateOnLocal: option(BOOLEAN, true),
  },
  (settings) => {
    const { targetQuantile, regionQuantile } = settings;
    if (targetQuantile >= regionQuantile)
      throw new InvalidArgumentError(
        'the quantiles must be 0 < targetQuantile < regionQuantile <= 1, but are ' +
          `targetQuantile=${targetQuantile}, regionQuantile=${regionQuantile}`,
      );
    return settings;
  },
);

/** Options of {@link PedAnovaEvaluator}. */
export interface PedAnovaOptions extends OptionsOf<typeof OPTIONS> {}

/** The least number of trials that each range of a parameter needs. */
const LEAST_TRIALS = 2;
/** Keeps ratios of densities finite. */
const FLOOR = 1e-12;

/**
 * How much the best trials' choice of a parameter differs from that of all trials, as the Pearson divergence of the two
 * densities (Watanabe, Bansal and Hutter, "PED-ANOVA", IJCAI 2023, eq. 16). A conditional parameter, or one whose range
 * changed, is judged within each of its ranges; the ranges are weighted as in "Conditional PED-ANOVA" (arXiv 2601.20800,
 * theorem 4.2). With several objectives and no target the best trials are those nearest to the Pareto front, ties broken by
 * hypervolume. Ranks every parameter that some COMPLETE trial has. Optuna 5: `PedAnovaImportanceEvaluator`.
 */
export class PedAnovaEvaluator implements ImportanceEvaluator {
  readonly name = 'ped-anova';
  readonly #options: SettingsOf<typeof OPTIONS>;

  /** @throws InvalidArgumentError unless 0 < targetQuantile < regionQuantile <= 1. */
  constructor(options: PedAnovaOptions = {}) {
    this.#options = OPTIONS.read(options);
  }

  /** @throws InvalidArgumentError if no COMPLETE trial has one of `params`. */
  evaluate(task: ImportanceTask): ReadonlyMap<string, number> {
    const names = namesToRank(task);
    const trials = task.trials.filter(isFiniteIn(task));
    const importances = new Map(names.map((name) => [name, 0]));
    if (trials.length < 2) return importances;
    const best = bestTrials(task, trials, this.#options.targetQuantile);
    const region = bestTrials(task, trials, this.#options.regionQuantile);
    const isBest = new Set(best);
    for (const name of names) {
      let sum = 0;
      for (const { distribution, members } of rangesOf(name, region)) {
        const bestMembers = members.filter((trial) => isBest.has(trial));
        if (members.length < LEAST_TRIALS || bestMembers.length === 0 || isSingle(distribution)) continue;
        const weight = (bestMembers.length / best.length) ** 2 / (members.length / region.length);
        sum += weight * this.#divergence(name, distribution, bestMembers, members);
      }
      importances.set(name, sum * (best.length / region.length) ** 2);
    }
    return importances;
  }

  #divergence(
    name: string,
    distribution: Distribution,
    best: readonly FrozenTrial[],
    region: readonly FrozenTrial[],
  ): number {
    const densityOf = (trials: readonly FrozenTrial[]): Float64Array =>
      gridDensity(
        distribution,
        gridCounts(
          distribution,
          trials.map((trial) => trial.params[name]),
        ),
      ).map((density) => density + FLOOR);
    const top = densityOf(best);
    const local = this.#options.evaluateOnLocal ? densityOf(region) : top.map(() => 1 / top.length);
    let sum = 0;
    for (let cell = 0; cell < top.length; cell++) sum += local[cell] * (top[cell] / local[cell] - 1) ** 2;
    return sum;
  }
}

function namesToRank({ trials, params }: ImportanceTask): readonly string[] {
  const known = new Set<string>();
  for (const { distributions } of trials) for (const name in distributions) known.add(name);
  const missing = (params ?? []).filter((name) => !known.has(name));
  if (missing.length > 0)
    throw new InvalidArgumentError(
      `every parameter of params must appear in a COMPLETE trial, but none has ${missing.join(', ')}`,
    );
  return params ?? [...known];
}

function isFiniteIn(task: ImportanceTask): (trial: FrozenTrial) => boolean {
  if (isMultiObjective(task)) return (trial) => trial.values!.every(Number.isFinite);
  const loss = targetLoss(task);
  return (trial) => Number.isFinite(loss(trial));
}

/** The best share of the trials: of one loss with all that equal the last of them, of several exactly so many. */
function bestTrials(
  task: ImportanceTask,
  trials: readonly FrozenTrial[],
  quantile: number,
): readonly FrozenTrial[] {
  const size = Math.ceil(quantile * trials.length);
  if (size === trials.length) return trials;
  if (isMultiObjective(task)) {
    const m = task.directions.length;
    return bestRows(lossRows(trials, task.directions), m, size).map((row) => trials[row]);
  }
  const losses = Float64Array.from(trials, targetLoss(task));
  const cut = losses.slice().sort()[size - 1];
  return trials.filter((_, i) => losses[i] <= cut);
}

interface Range {
  readonly distribution: Distribution;
  readonly members: FrozenTrial[];
}

/** The trials that have a parameter, by the distribution that it had. */
function rangesOf(name: string, trials: readonly FrozenTrial[]): readonly Range[] {
  const ranges: Range[] = [];
  let last: Range | undefined;
  for (const trial of trials) {
    if (!Object.hasOwn(trial.distributions, name)) continue;
    const distribution = trial.distributions[name];
    if (last === undefined || last.distribution !== distribution) {
      last = ranges.find((known) => distributionsEqual(known.distribution, distribution));
      if (last === undefined) {
        last = { distribution, members: [] };
        ranges.push(last);
      }
    }
    last.members.push(trial);
  }
  return ranges;
}
