/**
 * The fused operators that rknn-toolkit2 2.5.0 makes of a Transformer, and the tensors between them. Batch 1: a sentence lies
 * on the width axis, so a linear layer is one convolution (1, C, 1, T). Shapes and fusions were read from the compiler's own
 * layer, feature and const tables (rknn-toolkit2 2.5.0, `RKNN(verbose=True).build()` for rk3588, fp16).
 */

/** Index of a feature tensor in {@link NpuGraph.featureBytes}. */
export type FeatureId = number;

interface OpBase {
  readonly label: string;
  readonly target: 'npu' | 'cpu';
  readonly inputs: readonly FeatureId[];
  /** Empty for a view, which shares the storage of its input. */
  readonly outputs: readonly FeatureId[];
  /** A second buffer that the compiler reserves while the operator runs. */
  readonly scratchBytes: number;
  /** Weights, biases, tables, shape operands; each as large as it lies in memory. */
  readonly constBytes: readonly number[];
}

/** A linear layer as a 1x1 convolution, with what is fused into it. */
export interface ConvOp extends OpBase {
  readonly kind: 'conv';
  readonly batch: number;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly width: number;
  /** An fp32 bias per output channel. */
  readonly bias: boolean;
  /** A residual operand of the output's size is added (ConvAdd). */
  readonly residual: boolean;
  readonly activation: 'none' | 'relu' | 'gelu';
}

/** exSDPAttention: softmax(Q K^T / sqrt(d)) V of all heads. */
export interface SdpaOp extends OpBase {
  readonly kind: 'sdpa';
  /** Batch times heads. */
  readonly heads: number;
  readonly headDim: number;
  readonly queryLength: number;
  readonly keyLength: number;
}

/** exNorm: LayerNorm over the channels. */
export interface NormOp extends OpBase {
  readonly kind: 'norm';
  readonly batch: number;
  readonly channels: number;
  readonly width: number;
}

/** Operators whose cost is moving data: they differ in bytes only. */
export interface MoveOp extends OpBase {
  readonly kind: 'add' | 'split' | 'concat' | 'transpose' | 'reshape' | 'input' | 'output';
  readonly elements: number;
  readonly bytesMoved: number;
}

/** Embedding look-up; the compiler leaves it to the CPU. */
interface GatherOp extends OpBase {
  readonly kind: 'gather';
  readonly rows: number;
  readonly columns: number;
}

export type NpuOp = ConvOp | SdpaOp | NormOp | MoveOp | GatherOp;

/** Operators in execution order. */
export interface NpuGraph {
  readonly ops: readonly NpuOp[];
  /** Size of each feature tensor as the compiler allocates it. */
  readonly featureBytes: readonly number[];
}

export function ceilTo(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}

/** fp16 feature (channels, width) in the NC1HWC2 layout: channels padded to 8, width to 4. */
export function featureBytes(channels: number, width: number, batch = 1): number {
  return 2 * batch * ceilTo(channels, 8) * ceilTo(width, 4);
}

/** Per-channel constants (biases, norm gains) come in whole vectors. */
export const VECTOR = 16;

/** fp16 1x1 weights as they lie in memory: input channels in blocks of 32, the last of 8, 16 or 32. */
export function weightBytes(inChannels: number, outChannels: number): number {
  const rest = inChannels % 32;
  const lastBlock = rest === 0 ? 0 : rest <= 8 ? 8 : rest <= 16 ? 16 : 32;
  return 2 * outChannels * (inChannels - rest + lastBlock);
}
