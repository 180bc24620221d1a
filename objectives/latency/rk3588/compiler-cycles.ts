/**
 * The three cycle columns of the compiler's layer table. Derived from printed tables: rknn-toolkit2 2.3.x (biases absent) and
 * 2.5.0 (fp32 biases counted, residual fused as ConvAdd). They are a lower bound of the real time: only convolutions have
 * cycles, everything else prints 0/0/0.
 */
import { type ConvOp, ceilTo, type NpuOp, VECTOR } from './npu-op.ts';

/** fp16 multiply-accumulates per cycle of one core (RK3588 TRM). */
const MACS_PER_CYCLE = 512;
/** The compiler's DDR constant: 0.70 x 33.79 GB/s at 1 GHz. */
const DDR_BYTES_PER_CYCLE = 23.654;

/** Cycles of the NPU's clock, as the vendor compiler counts them. */
export interface Cycles {
  /** What the memory transfers take. */
  readonly ddr: number;
  /** What the multiplications take. */
  readonly npu: number;
  /** max(ddr, npu) of each operator, summed. */
  readonly total: number;
}

export function convCycles(op: ConvOp): Cycles {
  const npu =
    (op.batch * ceilTo(op.width, 16) * ceilTo(op.inChannels, 32) * ceilTo(op.outChannels, 16)) /
    MACS_PER_CYCLE;
  const written = 2 * op.batch * op.outChannels * op.width;
  const ddr = Math.ceil((convReadBytes(op) + written) / DDR_BYTES_PER_CYCLE);
  return { ddr, npu, total: Math.max(ddr, npu) };
}

/** Returns what a convolution reads, the compiler's RW column: input, weights and residual, unpadded, and the bias; not the output. */
export function convReadBytes(op: ConvOp): number {
  const { batch, inChannels, outChannels, width } = op;
  const residual = op.residual ? batch * outChannels * width : 0;
  const bias = op.bias ? 4 * ceilTo(outChannels, VECTOR) : 0;
  return 2 * (batch * inChannels * width + outChannels * inChannels + residual) + bias;
}

export function graphCycles(ops: readonly NpuOp[]): Cycles {
  let [ddr, npu, total] = [0, 0, 0];
  for (const op of ops) {
    if (op.kind !== 'conv') continue;
    const cycles = convCycles(op);
    ddr += cycles.ddr;
    npu += cycles.npu;
    total += cycles.total;
  }
  return { ddr, npu, total };
}
