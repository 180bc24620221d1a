/** What measures or estimates a SubTransformer on some hardware: one contract for a board, a compiler, a model, this machine. */
import { InvalidArgumentError, ThanosError } from '../../src/core/errors.ts';
import { type ArchConfig, canonicalArch, type ModelDims } from '../transformer/arch-config.ts';

/** Encoder (one pass) and decoder, and their sum; a value per part, in the unit that the field's name says. */
export interface PerPart {
  /** The encoder: one pass over the source sentence. */
  readonly encoder: number;
  /** The decoder; a report's `source` says which passes are counted. */
  readonly decoder: number;
  /** Encoder + decoder. */
  readonly total: number;
}

/** Bounds of an estimate, in ms: what the backend knows of its own error. */
export interface LatencyInterval {
  /** Lower bounds. */
  readonly lowMs: PerPart;
  /** Upper bounds. */
  readonly highMs: PerPart;
}

/** Memory of a deployed SubTransformer, in MiB. */
export interface MemoryReport {
  /** Constant data of the deployed encoder and decoder: weights, tables, biases. */
  readonly weightsMiB: number;
  /** Peak of the live activations, inputs and outputs included, of the encoder and of the decoder, which both stay loaded. */
  readonly activationsMiB: number;
  /** All that the deployed model occupies: weights, activations, command buffers. */
  readonly totalMiB: number;
  /** Whether the numbers were read from a device or computed. */
  readonly kind: 'measured' | 'estimated';
  /** Where the three numbers come from. */
  readonly source: string;
}

/** What a backend says of one architecture: latency, memory, and where both come from. */
export interface LatencyReport {
  /** The backend's name. */
  readonly backend: string;
  /** Whether the latencies were timed on hardware or computed. */
  readonly kind: 'measured' | 'estimated';
  /** Median over the repeats, or the estimate. */
  readonly latencyMs: PerPart;
  /** Median absolute deviation over the repeats, in ms; null for an estimate. */
  readonly spreadMs: PerPart | null;
  /** Timed runs of each part; 0 for an estimate. */
  readonly repeats: number;
  /** null for a measurement. */
  readonly interval: LatencyInterval | null;
  /** Memory of the same deployed model. */
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
  /** Which hardware and method it is, for example `rk3588-model`; recorded with every number. */
  readonly name: string;
  /** Whether its latencies are timed on hardware or computed. */
  readonly kind: 'measured' | 'estimated';
  /**
   * Measures or estimates one architecture.
   * @throws InvalidArgumentError for an illegal architecture or dimension; ThanosError ABORTED, BACKEND_FAILED.
   */
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
