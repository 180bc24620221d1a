/**
 * Ridge regression on given features, in closed form. The penalty is chosen, and the interval is taken, from leave-one-out errors,
 * which a linear smoother gives without refitting: e_i / (1 - h_ii) (Golub, Heath and Wahba 1979, "Generalized cross-validation
 * as a method for choosing a good ridge parameter", equation 1.3; Allen's PRESS).
 */
import type { ArchConfig } from '../../transformer/arch-config.ts';
import type { ArchSummary } from '../arch-summary.ts';
import type { LatencyRow } from '../dataset.ts';
import { cholesky, choleskySolve, forwardSolve } from './cholesky.ts';
import { type FeatureMap, physicsFeatures } from './features.ts';
import {
  checkRows,
  coveringError,
  type LatencyPrediction,
  type LatencyPredictor,
  notFitted,
  predictionOf,
  toSummary,
} from './predictor.ts';

export interface RidgeOptions {
  readonly name?: string;
  /** Default: {@link physicsFeatures}. */
  readonly features?: FeatureMap;
  /** Candidate penalties, per row, of standardised features. */
  readonly penalties?: readonly number[];
}

const PENALTIES = [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1];
const LEAST_ROWS = 8;

/** A fitted line over standardised features; plain JSON, so that it can be kept. */
export interface RidgeModel {
  readonly means: readonly number[];
  /** 0 for a feature that does not vary: it is left out. */
  readonly inverseDeviations: readonly number[];
  readonly weights: readonly number[];
  readonly intercept: number;
  readonly penalty: number;
  /** Relative half-width of the interval. */
  readonly halfWidth: number;
}

export class RidgePredictor implements LatencyPredictor {
  readonly name: string;
  readonly #features: FeatureMap;
  readonly #penalties: readonly number[];
  #model: RidgeModel | null = null;

  constructor({
    name = 'physics-ridge',
    features = physicsFeatures,
    penalties = PENALTIES,
  }: RidgeOptions = {}) {
    this.name = name;
    this.#features = features;
    this.#penalties = penalties;
  }

  /** null before a fit. */
  get model(): RidgeModel | null {
    return this.#model;
  }

  async fit(rows: readonly LatencyRow[]): Promise<void> {
    checkRows(rows, LEAST_ROWS);
    this.#model = fitRidge(
      rows.map((row) => this.#features(row.arch)),
      rows.map((row) => row.latencyMs),
      this.#penalties,
    );
  }

  predict(arch: ArchConfig | ArchSummary): LatencyPrediction {
    const model = this.#model ?? notFitted(this.name);
    const latencyMs = this.#features(toSummary(arch)).reduce(
      (sum, x, j) => sum + model.weights[j] * (x - model.means[j]) * model.inverseDeviations[j],
      model.intercept,
    );
    return predictionOf(latencyMs, model.halfWidth);
  }
}

/** @param x rows of features; @param y labels > 0. */
export function fitRidge(
  x: readonly (readonly number[])[],
  y: readonly number[],
  penalties: readonly number[],
): RidgeModel {
  const [n, m] = [x.length, x[0].length];
  const mean = (of: (row: number) => number) => y.reduce((sum, _, i) => sum + of(i), 0) / n;
  const means = Array.from({ length: m }, (_, j) => mean((i) => x[i][j]));
  const inverseDeviations = means.map((mu, j) => {
    const deviation = Math.sqrt(mean((i) => (x[i][j] - mu) ** 2));
    return deviation > 1e-9 * Math.max(1, Math.abs(mu)) ? 1 / deviation : 0;
  });
  const intercept = mean((i) => y[i]);
  const z = x.map((row) => row.map((value, j) => (value - means[j]) * inverseDeviations[j]));
  const gram = new Float64Array(m * m);
  const moment = new Float64Array(m);
  for (const [i, row] of z.entries())
    for (let j = 0; j < m; j++) {
      moment[j] += (row[j] * (y[i] - intercept)) / n;
      for (let k = 0; k < m; k++) gram[j * m + k] += (row[j] * row[k]) / n;
    }
  let best: RidgeModel | null = null;
  let bestPress = Number.POSITIVE_INFINITY;
  for (const penalty of penalties) {
    const a = gram.slice();
    for (let j = 0; j < m; j++) a[j * m + j] += penalty;
    const l = cholesky(a, m);
    const weights = choleskySolve(l, m, moment);
    const unseen = z.map((row, i) => {
      const fitted = row.reduce((sum, value, j) => sum + value * weights[j], intercept);
      const half = forwardSolve(l, m, row);
      const leverage = (1 + half.reduce((sum, value) => sum + value * value, 0)) / n;
      return y[i] - (y[i] - fitted) / Math.max(1e-9, 1 - leverage);
    });
    const press = unseen.reduce((sum, prediction, i) => sum + (y[i] - prediction) ** 2, 0);
    if (press >= bestPress) continue;
    bestPress = press;
    const halfWidth = coveringError(unseen.map((prediction, i) => (y[i] - prediction) / prediction));
    best = { means, inverseDeviations, weights: [...weights], intercept, penalty, halfWidth };
  }
  return best as RidgeModel;
}
