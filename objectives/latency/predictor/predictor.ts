import { InvalidArgumentError, ThanosError } from '../../../src/core/errors.ts';
import type { ArchConfig } from '../../transformer/arch-config.ts';
import { type ArchSummary, summarise } from '../arch-summary.ts';
import type { LatencyRow } from '../dataset.ts';

export interface LatencyPrediction {
  readonly latencyMs: number;
  /** Where a measurement falls in nine cases of ten, by the predictor's errors on rows that it had not seen. */
  readonly interval: { readonly lowMs: number; readonly highMs: number };
}

/**
 * Learns latency from labelled architectures.
 * - P1 `fit` is deterministic: the same options and rows give the same predictions.
 * - P2 `predict` takes an architecture or the means of its layers, gives the same for both, and throws INVALID_ARGUMENT before
 *   a fit.
 * - P3 Predictions are finite and the interval encloses them.
 * - P4 A fit on too few rows, or a row whose label is not positive and finite, is refused with INVALID_DATA or INVALID_ARGUMENT.
 */
export interface LatencyPredictor {
  readonly name: string;
  fit(rows: readonly LatencyRow[]): Promise<void>;
  predict(arch: ArchConfig | ArchSummary): LatencyPrediction;
}

/** Share of unseen measurements that an interval shall hold. */
export const INTERVAL_COVERAGE = 0.9;

export function toSummary(arch: ArchConfig | ArchSummary): ArchSummary {
  return 'attendedLayers' in arch ? arch : summarise(arch);
}

/** P4. */
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

/** Measurements lie at `latency * (1 + e)`, |e| <= halfWidth. */
export function predictionOf(latencyMs: number, halfWidth: number): LatencyPrediction {
  const [a, b] = [latencyMs * (1 - halfWidth), latencyMs * (1 + halfWidth)];
  return { latencyMs, interval: { lowMs: Math.min(a, b), highMs: Math.max(a, b) } };
}
