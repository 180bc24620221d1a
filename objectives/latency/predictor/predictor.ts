import { InvalidArgumentError, ThanosError } from '../../../src/core/errors.ts';
import { mape, rmse } from '../../../src/math/statistics.ts';
import type { ArchConfig } from '../../transformer/arch-config.ts';
import { type ArchSummary, summarizeArch } from '../arch-summary.ts';
import type { LatencyRow } from '../dataset.ts';

/** How far a predictor is off on measurements that it had not seen. */
export interface HeldOutErrors {
  /** How rows were kept from the predictor: one at a time, or a share of them at once. */
  readonly method: 'leave-one-out' | 'held-out rows';
  /** Rows that the errors are taken over. */
  readonly rows: number;
  /** Root mean squared error, in ms. */
  readonly rmseMs: number;
  /** Mean absolute percentage error. */
  readonly mapePercent: number;
  /** 1 - squared errors / those of the mean of the rows that it had seen. */
  readonly r2: number;
  /** Whether it is better than that mean (`r2` > 0). Without skill its predictions say nothing about an architecture. */
  readonly hasSkill: boolean;
}

/** What a predictor says of one architecture, with how far it may be off. */
export interface LatencyPrediction {
  /** Encoder plus decoder, in ms. */
  readonly latencyMs: number;
  /** Where a measurement falls in nine cases of ten, by the predictor's errors on rows that it had not seen. */
  readonly interval: {
    /** Lower bound, in ms. */
    readonly lowMs: number;
    /** Upper bound, in ms. */
    readonly highMs: number;
  };
  /** The predictor's errors on rows that it had not seen, to be said with the number. */
  readonly heldOut: HeldOutErrors;
}

/**
 * Learns latency from labeled architectures.
 * - P1 `fit` is deterministic: the same options and rows give the same predictions.
 * - P2 `predict` takes an architecture or the means of its layers, gives the same for both, and throws INVALID_ARGUMENT before
 *   a fit.
 * - P3 Predictions are finite and the interval encloses them.
 * - P4 After a fit `heldOut` tells the errors on rows that had no part in what predicted them, and each prediction repeats them.
 * - P5 A fit on too few rows, or a row whose label is not positive and finite, is refused with INVALID_DATA or INVALID_ARGUMENT.
 */
export interface LatencyPredictor {
  /** Which predictor it is, for example `physics-ridge`. */
  readonly name: string;
  /** null before a fit. */
  readonly heldOut: HeldOutErrors | null;
  /** Learns from labeled architectures; what an earlier fit has learned is dropped. */
  fit(rows: readonly LatencyRow[]): Promise<void>;
  /** Returns the latency of an architecture that need not be among the rows. */
  predict(arch: ArchConfig | ArchSummary): LatencyPrediction;
}

/** Share of unseen measurements that an interval shall hold. */
const INTERVAL_COVERAGE = 0.9;

export function toSummary(arch: ArchConfig | ArchSummary): ArchSummary {
  return 'attendedLayers' in arch ? arch : summarizeArch(arch);
}

/** P5. */
export function checkRows(rows: readonly LatencyRow[], atLeast: number): void {
  if (rows.length < atLeast)
    throw new InvalidArgumentError(`a fit needs at least ${atLeast} rows, but got ${rows.length}`);
  for (const [i, { latencyMs }] of rows.entries())
    if (!(latencyMs > 0 && Number.isFinite(latencyMs)))
      throw new ThanosError('INVALID_DATA', `row ${i} must have a latency > 0 ms, but has ${latencyMs}`);
}

export function notFitted(name: string): never {
  throw new InvalidArgumentError(`predictor '${name}' must be fitted before it predicts: call fit(rows)`);
}

/** The relative half-width that holds the given share of relative errors. */
export function coveringError(relativeErrors: readonly number[], coverage = INTERVAL_COVERAGE): number {
  const sorted = relativeErrors.map(Math.abs).sort((a, b) => a - b);
  // The finite-sample rank of split conformal prediction (Lei et al. 2018, arXiv 1604.04173).
  const rank = Math.min(sorted.length, Math.ceil(coverage * (sorted.length + 1)));
  return sorted[rank - 1];
}

/** @param means for each row, the mean of what its predictor had seen. */
export function heldOutErrors(
  method: HeldOutErrors['method'],
  predicted: readonly number[],
  actual: readonly number[],
  means: readonly number[],
): HeldOutErrors {
  const r2 = 1 - (rmse(predicted, actual) / rmse(means, actual)) ** 2;
  return {
    method,
    rows: actual.length,
    rmseMs: rmse(predicted, actual),
    mapePercent: mape(predicted, actual),
    // Rows that are all the same leave nothing to explain.
    r2: Number.isFinite(r2) ? r2 : 0,
    hasSkill: r2 > 0,
  };
}

/** "error 8.1 % (MAPE), 0.12 ms (RMSE), R² 0.83 on 12 measurements, leave-one-out": what is said with predictions. */
export function errorsLine({ method, rows, rmseMs, mapePercent, r2, hasSkill }: HeldOutErrors): string {
  return (
    `error ${mapePercent.toFixed(1)} % (MAPE), ${rmseMs.toPrecision(2)} ms (RMSE), R² ${r2.toFixed(2)} on ${rows} measurements, ${method}` +
    (hasSkill ? '' : '; NO SKILL: not better than their mean')
  );
}

/** Measurements lie at `latency * (1 + e)`, |e| <= halfWidth. */
export function predictionOf(
  latencyMs: number,
  halfWidth: number,
  heldOut: HeldOutErrors,
): LatencyPrediction {
  const [a, b] = [latencyMs * (1 - halfWidth), latencyMs * (1 + halfWidth)];
  return { latencyMs, interval: { lowMs: Math.min(a, b), highMs: Math.max(a, b) }, heldOut };
}
