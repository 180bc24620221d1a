/**
 * Weighted ridge regression in closed form. The penalty is chosen by leave-one-out errors, which a linear smoother gives without
 * refitting: e_i / (1 - h_ii) (Golub, Heath and Wahba 1979, "Generalized cross-validation as a method for choosing a good ridge
 * parameter", equation 1.3; Allen's PRESS).
 */
import { InvalidArgumentError } from '../../../src/core/errors.ts';
import {
  choleskyInPlace,
  packedLength,
  solveLowerInPlace,
  solveUpperInPlace,
} from '../../../src/math/cholesky.ts';
import { dot } from '../../../src/math/vector.ts';

/** A line over standardized features; plain JSON, so that it can be kept. */
export interface RidgeModel {
  readonly means: readonly number[];
  /** 0 for a feature that does not vary: it is left out. */
  readonly inverseDeviations: readonly number[];
  readonly weights: readonly number[];
  readonly intercept: number;
  readonly penalty: number;
}

export interface RidgeFit {
  readonly model: RidgeModel;
  /** What the other rows predict for each row. */
  readonly leaveOneOut: readonly number[];
}

export function evaluate(model: RidgeModel, features: readonly number[]): number {
  return features.reduce(
    (sum, x, j) => sum + model.weights[j] * (x - model.means[j]) * model.inverseDeviations[j],
    model.intercept,
  );
}

/**
 * @param x one row of features a label, n x m
 * @param y n labels
 * @param rowWeights n weights > 0
 * @param penalties to choose from; of standardized features, relative to the rows' total weight
 */
export function fitRidge(
  x: readonly (readonly number[])[],
  y: readonly number[],
  rowWeights: readonly number[],
  penalties: readonly number[],
): RidgeFit {
  const m = x[0].length;
  const totalWeight = rowWeights.reduce((sum, w) => sum + w, 0);
  const share = rowWeights.map((w) => w / totalWeight);
  const mean = (of: (row: number) => number) => share.reduce((sum, w, i) => sum + w * of(i), 0);
  const means = Array.from({ length: m }, (_, j) => mean((i) => x[i][j]));
  const inverseDeviations = means.map((mu, j) => {
    const deviation = Math.sqrt(mean((i) => (x[i][j] - mu) ** 2));
    return deviation > 1e-9 * Math.max(1, Math.abs(mu)) ? 1 / deviation : 0;
  });
  const intercept = mean((i) => y[i]);
  const z = x.map((row) => Float64Array.from(row, (value, j) => (value - means[j]) * inverseDeviations[j]));
  const gram = new Float64Array(packedLength(m));
  const moment = new Float64Array(m);
  for (const [i, row] of z.entries())
    for (let j = 0; j < m; j++) {
      moment[j] += share[i] * row[j] * (y[i] - intercept);
      for (let k = 0; k <= j; k++) gram[packedLength(j) + k] += share[i] * row[j] * row[k];
    }
  let best: RidgeFit | null = null;
  let leastPress = Number.POSITIVE_INFINITY;
  for (const penalty of penalties) {
    const l = gram.slice();
    for (let j = 0; j < m; j++) l[packedLength(j) + j] += penalty;
    if (!choleskyInPlace(l, m))
      throw new InvalidArgumentError(
        `a ridge needs finite features and labels, but with penalty ${penalty} its normal equations have no solution`,
      );
    const weights = moment.slice();
    solveLowerInPlace(l, m, weights);
    solveUpperInPlace(l, m, weights);
    const leaveOneOut = z.map((row, i) => {
      const fitted = row.reduce((sum, value, j) => sum + value * weights[j], intercept);
      const half = row.slice();
      solveLowerInPlace(l, m, half);
      const leverage = share[i] * (1 + dot(half, half));
      return y[i] - (y[i] - fitted) / Math.max(1e-9, 1 - leverage);
    });
    const press = share.reduce((sum, w, i) => sum + w * (y[i] - leaveOneOut[i]) ** 2, 0);
    if (press >= leastPress) continue;
    leastPress = press;
    const model = { means, inverseDeviations, weights: [...weights], intercept, penalty };
    best = { model, leaveOneOut };
  }
  return best as RidgeFit;
}
