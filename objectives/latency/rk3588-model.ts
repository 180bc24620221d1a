/**
 * The RK3588 without an RK3588: an analytic model of the vendor compiler's layout, cycles and memory plan, and of the time that
 * each operator takes. Against 16 compiled encoders and decoders (rknn-toolkit2 2.5.0), total cycles are within 0.04 %, weights
 * within 0.002 %, weights and activations together within 1.2 %. The milliseconds rank architectures, and carry a wide interval
 * until a board has been measured.
 */
import type { ArchConfig, ModelDims } from '../transformer/arch-config.ts';
import {
  admit,
  type LatencyBackend,
  type LatencyReport,
  type MemoryReport,
  type PerPart,
  perPart,
} from './backend.ts';
import { type Cycles, graphCycles } from './rk3588/compiler-cycles.ts';
import { lowerDecoder, lowerEncoder } from './rk3588/lowering.ts';
import { type GraphMemory, graphMemory } from './rk3588/memory.ts';
import type { NpuGraph } from './rk3588/npu-op.ts';
import { opMicroseconds, RELATIVE_ERROR, RK3588_CONSTANTS } from './rk3588/op-time.ts';

const MIB = 1024 * 1024;
/** No estimate claims to be better than this before a board has been measured. */
const LEAST_RELATIVE_ERROR = 0.3;

const SOURCE =
  'rk3588-model 1: analytic, RK3588 NPU, fp16, 1 core, 1 GHz, layout of rknn-toolkit2 2.5.0, batch 1, full decoder pass; ' +
  'operator times from published profiles of other models';
const MEMORY_SOURCE = 'rk3588-model 1: constants and best-fit memory plan of rknn-toolkit2 2.5.0, fp16';

/** What one pass of an encoder or a decoder costs on the NPU. */
export interface PartEstimate {
  /** In ms. */
  readonly latencyMs: number;
  /** Lower bound, in ms. */
  readonly lowMs: number;
  /** Upper bound, in ms. */
  readonly highMs: number;
  /** NPU cycles as the vendor compiler counts them. */
  readonly cycles: Cycles;
  /** Bytes as the vendor compiler plans them. */
  readonly memory: GraphMemory;
}

/** The estimate of a SubTransformer, by part. */
export interface Rk3588Estimate {
  /** One pass over the source sentence. */
  readonly encoder: PartEstimate;
  /** The decoder; `Rk3588Model`'s `source` says which passes are counted. */
  readonly decoder: PartEstimate;
}

/** Synchronous and cheap (about a millisecond for 6 + 6 layers): what a feasibility test before an evaluation calls. */
export function estimateRk3588(arch: ArchConfig, dims: ModelDims): Rk3588Estimate {
  const canonical = admit(arch, dims);
  return {
    encoder: estimatePart(lowerEncoder(canonical, dims)),
    decoder: estimatePart(lowerDecoder(canonical, dims)),
  };
}

/** Memory of the deployed encoder and decoder, MiB: two contexts, each with its own arena, as the runtime has it by default. */
export function memoryOf({ encoder, decoder }: Rk3588Estimate): MemoryReport {
  const weightsMiB = (encoder.memory.weightBytes + decoder.memory.weightBytes) / MIB;
  const commandMiB = (encoder.memory.commandBytes + decoder.memory.commandBytes) / MIB;
  const activationsMiB = (encoder.memory.internalBytes + decoder.memory.internalBytes) / MIB;
  return {
    weightsMiB,
    activationsMiB,
    totalMiB: weightsMiB + activationsMiB + commandMiB,
    kind: 'estimated',
    source: MEMORY_SOURCE,
  };
}

/** The backend `rk3588-model`: needs neither a board nor the vendor's compiler, and takes about a millisecond an architecture. */
export class Rk3588Model implements LatencyBackend {
  readonly name = 'rk3588-model';
  readonly kind = 'estimated';

  async measure(arch: ArchConfig, dims: ModelDims, signal?: AbortSignal): Promise<LatencyReport> {
    const estimate = estimateRk3588(admit(arch, dims, signal), dims);
    const { encoder, decoder } = estimate;
    const both = (pick: (part: PartEstimate) => number): PerPart => perPart(pick(encoder), pick(decoder));
    return {
      backend: this.name,
      kind: this.kind,
      latencyMs: both((part) => part.latencyMs),
      spreadMs: null,
      repeats: 0,
      interval: { lowMs: both((part) => part.lowMs), highMs: both((part) => part.highMs) },
      memory: memoryOf(estimate),
      source: SOURCE,
      details: {
        encoderCompilerCycles: encoder.cycles.total,
        decoderCompilerCycles: decoder.cycles.total,
        encoderInternalKiB: encoder.memory.internalBytes / 1024,
        decoderInternalKiB: decoder.memory.internalBytes / 1024,
        encoderWeightKiB: encoder.memory.weightBytes / 1024,
        decoderWeightKiB: decoder.memory.weightBytes / 1024,
      },
    };
  }
}

/** Time, cycles and memory of one compiled graph. */
export function estimatePart(graph: NpuGraph): PartEstimate {
  let us = RK3588_CONSTANTS.runUs;
  let errorUs = RK3588_CONSTANTS.runUs;
  for (const op of graph.ops) {
    const opUs = opMicroseconds(op);
    us += opUs;
    errorUs += opUs * RELATIVE_ERROR[op.target === 'cpu' ? 'cpu' : op.kind];
  }
  const error = Math.min(0.9, Math.max(LEAST_RELATIVE_ERROR, errorUs / us));
  return {
    latencyMs: us / 1000,
    lowMs: (us * (1 - error)) / 1000,
    highMs: (us * (1 + error)) / 1000,
    cycles: graphCycles(graph.ops),
    memory: graphMemory(graph),
  };
}
