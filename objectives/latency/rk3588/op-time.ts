/**
 * Microseconds of one operator on one core at 1 GHz, fp16. The constants were fitted to published per-operator profiles of other
 * models (whisper-base, SigLIP, RF-DETR and SmolVLA on RK3588 boards, fp16); see {@link RK3588_CONSTANTS} for which rest on how
 * much. All convolution rows have a width of 257 or more: sentences of 30 tokens are an extrapolation.
 */
import { convCycles } from './compiler-cycles.ts';
import { type ConvOp, ceilTo, type NpuOp, type SdpaOp } from './npu-op.ts';

export const RK3588_CONSTANTS = {
  /** Start of one operator, us; 25 when the runtime profiles each (perf_debug). Medium confidence. */
  launchUs: 5,
  profiledLaunchUs: 25,
  /** Activations to and from DDR, GB/s: the compiler's constant. Medium. */
  activationGBs: 23.654,
  /** Weights streamed once per feature tile, GB/s. Medium; low where it drops for long, wide inputs. */
  weightGBs: 12,
  weightGBsLong: 5.5,
  longWidth: 900,
  longInputBytes: 900_000,
  /** Feature elements per tile (128 KiB). Medium-low. */
  tileElements: 65_536,
  /** GELU after a convolution, ns per output element; ReLU is free. Medium. */
  geluNs: 0.5,
  /** Attention: per head, per head and query, per head, query and key. Low: five rows, all with a head dim of 64. */
  sdpaHeadUs: 32.9,
  sdpaQueryUs: 0.036,
  sdpaPairNsShort: 3.13,
  sdpaShortKeys: 260,
  sdpaPairNsLong: 4.7,
  sdpaLongKeys: 1000,
  /** LayerNorm, ns per element, up to 384 and from 512 channels. Medium. */
  normNsNarrow: 1.85,
  normNsWide: 3.35,
  /** Add, Split, Reshape: GB/s of all operands. Medium. */
  moveGBs: 7.1,
  concatGBs: 10.4,
  /** Transpose on the NPU, ns per element (1.1-2.4 seen). Low. */
  transposeNs: 1.7,
  /** Transpose on the CPU, ns per element: a guess from other CPU fallbacks (4-8). Low. */
  cpuTransposeNs: 8,
  /** Embedding look-up on the CPU, ns per index, and the copy of its row. Low. */
  gatherNs: 77,
  /** Input and output operators, GB/s (1-2 MB took 21-103 us). Low. */
  ioGBs: 20,
  /** The host's share of one run with the C runtime, us (50-200). Low. */
  runUs: 100,
} as const;

const C = RK3588_CONSTANTS;

/** @param launchUs `RK3588_CONSTANTS.profiledLaunchUs` to compare with a profile. */
export function opMicroseconds(op: NpuOp, launchUs: number = C.launchUs): number {
  switch (op.kind) {
    case 'conv':
      return launchUs + convUs(op);
    case 'sdpa':
      return sdpaUs(op);
    case 'norm':
      return launchUs + (op.batch * op.channels * op.width * normNs(op.channels)) / 1000;
    case 'gather':
      return launchUs + (op.rows * C.gatherNs) / 1000 + gigabytesUs(4 * op.rows * op.columns, C.ioGBs);
    case 'transpose':
      return launchUs + (op.elements * (op.target === 'cpu' ? C.cpuTransposeNs : C.transposeNs)) / 1000;
    case 'concat':
      return launchUs + gigabytesUs(op.bytesMoved, C.concatGBs);
    case 'input':
    case 'output':
      return launchUs + gigabytesUs(2 * op.elements, C.ioGBs);
    case 'add':
    case 'split':
    case 'reshape':
      return launchUs + gigabytesUs(op.bytesMoved, C.moveGBs);
  }
}

/** The slower of computing and streaming weights, then the activations, then the activation function. */
function convUs(op: ConvOp): number {
  const { batch, inChannels, outChannels, width } = op;
  const computeUs = convCycles(op).npu / 1000;
  const passes = batch * Math.ceil((width * inChannels) / C.tileElements);
  const isLong = width >= C.longWidth && 2 * width * inChannels >= C.longInputBytes;
  const weightsUs = gigabytesUs(
    passes * 2 * ceilTo(inChannels, 32) * ceilTo(outChannels, 16),
    isLong ? C.weightGBsLong : C.weightGBs,
  );
  const outputs = batch * outChannels * width;
  const activations = batch * inChannels * width + outputs * (op.residual ? 2 : 1);
  const geluUs = op.activation === 'gelu' ? (outputs * C.geluNs) / 1000 : 0;
  return Math.max(computeUs, weightsUs) + gigabytesUs(2 * activations, C.activationGBs) + geluUs;
}

/**
 * Design note: the effect of the head dim has not been measured. Only the multiply-accumulates, a known lower bound, are taken to
 * change with it, relative to the measured 64.
 */
function sdpaUs(op: SdpaOp): number {
  const { heads, headDim, queryLength, keyLength } = op;
  const long = clamp01((keyLength - C.sdpaShortKeys) / (C.sdpaLongKeys - C.sdpaShortKeys));
  const macNs = (2 * (headDim - 64)) / 512;
  const pairNs = C.sdpaPairNsShort + long * (C.sdpaPairNsLong - C.sdpaPairNsShort) + macNs;
  return heads * (C.sdpaHeadUs + C.sdpaQueryUs * queryLength + (pairNs * queryLength * keyLength) / 1000);
}

function normNs(channels: number): number {
  return C.normNsNarrow + clamp01((channels - 384) / 128) * (C.normNsWide - C.normNsNarrow);
}

function gigabytesUs(bytes: number, gigabytesPerSecond: number): number {
  return bytes / (1000 * gigabytesPerSecond);
}

function clamp01(x: number): number {
  return Math.min(1, Math.max(0, x));
}

/** How far off each kind may be, as a fraction: wider than the fit's own residuals, which come from other shapes. */
export const RELATIVE_ERROR: Readonly<Record<NpuOp['kind'] | 'cpu', number>> = {
  conv: 0.3,
  sdpa: 0.4,
  norm: 0.4,
  add: 0.5,
  split: 0.5,
  concat: 0.5,
  reshape: 0.5,
  transpose: 0.5,
  input: 0.6,
  output: 0.6,
  gather: 0.6,
  cpu: 0.6,
};
