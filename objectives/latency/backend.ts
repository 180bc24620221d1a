/** What measures or estimates a SubTransformer on some hardware: one contract for a board, a compiler, a model, this machine. */
import { InvalidArgumentError, ThanosError } from '../../src/core/errors.ts';
import { type ArchConfig, canonicalArch, type ModelDims } from '../transformer/arch-config.ts';

/** Encoder (one pass) and decoder, and their sum; a value per part, in the unit that the field's name says. */
export interface PerPart {
  readonly encoder: number;
  readonly decoder: number;
  readonly total: number;
}

/** Bounds of an estimate, in ms: what the backend knows of its own error. */
export interface LatencyInterval {
  readonly lowMs: PerPart;
  readonly highMs: PerPart;
}

export interface MemoryReport {
  /** Constant data of the deployed encoder and decoder: weights, tables, biases. */
  readonly weightsMiB: number;
  /** Peak of the live activations, inputs and outputs included, of the encoder and of the decoder, which both stay loaded. */
  readonly activationsMiB: number;
  /** All that the deployed model occupies: weights, activations, command buffers. */
  readonly totalMiB: number;
  readonly kind: 'measured' | 'estimated';
  /** Where the three numbers come from. */
  readonly source: string;
}

export interface LatencyReport {
  /** The backend's name. */
  readonly backend: string;
  readonly kind: 'measured' | 'estimated';
  readonly latencyMs: PerPart;
  /** Median absolute deviation over the repeats, in ms; null for an estimate. */
  readonly spreadMs: PerPart | null;
  /** Timed runs of each part; 0 for an estimate. */
  readonly repeats: number;
  /** null for a measurement. */
  readonly interval: LatencyInterval | null;
  readonly memory: MemoryReport;
  /** What produced the latencies: tool, version, device and the settings that matter. */
  readonly source: string;
  /** What was measured besides: raw values before a correction, temperatures, cycle counts. Plain JSON. */
  readonly details: Readonly<Record<string, number | string>>;
}

/**
 * Latency backend contract; `src/testing/latency-kit.ts` has a test for every clause.
 * - L1 A report repeats the backend's `name` and `kind`, and names its source, of latency and of memory.
 * - L2 Latencies are finite and > 0; `total` is encoder + decoder.
 * - L3 A measurement has at least two repeats, a spread >= 0 and no interval. An estimate has no repeats, no spread, and an
 *   interval that encloses each of its latencies. So neither can be shown as the other.
 * - L4 Memory is finite and > 0, and `totalMiB` is at least weights + activations.
 * - L5 An illegal architecture (a head count that does not divide the QKV dim, a list shorter than its layer number) or
 *   dimension throws INVALID_ARGUMENT before anything is run.
 * - L6 A signal that is aborted makes `measure` throw ABORTED; nothing is started after that.
 * - L7 An estimate is a pure function: the same architecture gives the same report. Genes of absent layers change nothing, for
 *   an estimate or a measurement's cache key.
 * - L8 The arguments are never changed.
 * - L9 The work is bounded: repeats, warm-ups and waits have limits. Tool failures throw BACKEND_FAILED with the tool's words.
 */
export interface LatencyBackend {
  readonly name: string;
  readonly kind: 'measured' | 'estimated';
  measure(arch: ArchConfig, dims: ModelDims, signal?: AbortSignal): Promise<LatencyReport>;
}

/** The canonical architecture, if it and the dimensions are legal and the signal is not aborted (L5, L6, L7). */
export function admit(arch: ArchConfig, dims: ModelDims, signal?: AbortSignal): ArchConfig {
  throwIfAborted(signal);
  for (const [name, value] of Object.entries(dims))
    if (!Number.isSafeInteger(value) || value < 1)
      throw new InvalidArgumentError(`${name} must be a positive integer, but is ${value}`);
  return canonicalArch(arch);
}

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted)
    throw new ThanosError('ABORTED', `the measurement was aborted (${String(signal.reason)})`);
}

export function perPart(encoder: number, decoder: number): PerPart {
  return { encoder, decoder, total: encoder + decoder };
}
