/**
 * The default latency predictor: a ridge regression on physically motivated features with Huber's loss of the relative error.
 *
 * Design note: published latency tables hold blocks of rows that a throttled or shared machine made 1.2 to 1.4 times too slow.
 * Least squares spreads them over all predictions; Huber's loss (Huber 1964, "Robust estimation of a location parameter") nearly
 * ignores them.
 */

import { type OptionRule, POSITIVE, SYNC_FUNCTION } from '../../../src/core/option-rules.ts';
import { defineOptions, type OptionsOf, option, type SettingsOf } from '../../../src/core/options.ts';
import { median } from '../../../src/math/statistics.ts';
import type { ArchConfig } from '../../transformer/arch-config.ts';
import type { ArchSummary } from '../arch-summary.ts';
import type { LatencyRow } from '../dataset.ts';
import { type FeatureMap, physicsFeatures } from './features.ts';
import {
  checkRows,
  coveringError,
  type HeldOutErrors,
  heldOutErrors,
  type LatencyPrediction,
  type LatencyPredictor,
  notFitted,
  predictionOf,
  toSummary,
} from './predictor.ts';
import { evaluate, fitRidge, type RidgeModel } from './ridge.ts';

/** What a fit leaves behind, plain JSON. */
export interface FittedRidge extends RidgeModel {
  /** Relative half-width of the interval, from leave-one-out errors. */
  readonly halfWidth: number;
  readonly heldOut: HeldOutErrors;
}

/** The last ones make of the line little more than the mean, which is best if the features tell nothing. */
const PENALTIES = [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10, 100];
const LEAST_ROWS = 8;
/** Huber's k, in robust standard deviations: 95 % efficiency under a normal error. */
const HUBER_K = 1.345;
const MAD_TO_DEVIATION = 1.4826;
const REWEIGHTINGS = 12;

const SOME_POSITIVE: OptionRule<readonly number[]> = {
  what: 'a list of one or more numbers > 0',
  accepts: (value) => Array.isArray(value) && value.length > 0 && value.every(POSITIVE.accepts),
};
const OPTIONS = defineOptions('the ridge predictor', {
  /** What it sees of an architecture. Default: the terms that a run's time is a sum of. */
  features: option<FeatureMap>(SYNC_FUNCTION, physicsFeatures),
  /** Penalties to choose from, each > 0. */
  penalties: option(SOME_POSITIVE, PENALTIES),
});

/** Options of {@link RidgePredictor}. */
export interface RidgeOptions extends OptionsOf<typeof OPTIONS> {}

export class RidgePredictor implements LatencyPredictor {
  readonly name = 'physics-ridge';
  readonly #options: SettingsOf<typeof OPTIONS>;
  #fitted: FittedRidge | null;

  /**
   * @param fitted of an earlier fit with the same options: it predicts at once.
   * @throws InvalidArgumentError on an unknown option or a value that it cannot have.
   */
  constructor(options: RidgeOptions = {}, fitted: FittedRidge | null = null) {
    this.#options = OPTIONS.read(options);
    this.#fitted = fitted;
  }

  /** null before a fit. */
  get fitted(): FittedRidge | null {
    return this.#fitted;
  }

  get heldOut(): HeldOutErrors | null {
    return this.#fitted?.heldOut ?? null;
  }

  async fit(rows: readonly LatencyRow[]): Promise<void> {
    checkRows(rows, LEAST_ROWS);
    const { features, penalties } = this.#options;
    const x = rows.map((row) => features(row.arch));
    const y = rows.map((row) => row.latencyMs);
    const squaredErrorWeights = y.map((label) => 1 / label ** 2);
    let fit = fitRidge(x, y, squaredErrorWeights, penalties);
    for (let i = 0; i < REWEIGHTINGS; i++) {
      const predicted = x.map((row) => evaluate(fit.model, row));
      fit = fitRidge(x, y, huberWeights(predicted, y), penalties);
    }
    const errors = fit.leaveOneOut.map((predicted, i) => (y[i] - predicted) / predicted);
    const sum = y.reduce((total, label) => total + label, 0);
    const meansOfOthers = y.map((label) => (sum - label) / (y.length - 1));
    this.#fitted = {
      ...fit.model,
      halfWidth: coveringError(errors),
      heldOut: heldOutErrors('leave-one-out', fit.leaveOneOut, y, meansOfOthers),
    };
  }

  predict(arch: ArchConfig | ArchSummary): LatencyPrediction {
    const fitted = this.#fitted ?? notFitted(this.name);
    return predictionOf(
      evaluate(fitted, this.#options.features(toSummary(arch))),
      fitted.halfWidth,
      fitted.heldOut,
    );
  }
}

/** Iteratively reweighted least squares of Huber's loss of the relative error. */
function huberWeights(predicted: readonly number[], labels: readonly number[]): number[] {
  const scale = predicted.map((p, i) => Math.max(p, 0.1 * labels[i]));
  const residuals = labels.map((label, i) => Math.abs(label - predicted[i]) / scale[i]);
  const bound = HUBER_K * MAD_TO_DEVIATION * median(residuals);
  return residuals.map((r, i) => (r <= bound ? 1 : bound / r) / scale[i] ** 2);
}
