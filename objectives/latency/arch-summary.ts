/** An architecture by the means of its layers: what HAT's predictor sees, and all that its latency tables hold. */
import { type ArchConfig, attendedLayers } from '../transformer/arch-config.ts';

/** Per-layer parts are means over the layers that are there. */
export interface ArchSummary {
  readonly qkvDim: number;
  readonly encoderEmbedDim: number;
  readonly encoderLayerNum: number;
  readonly encoderFfnEmbedDim: number;
  readonly encoderSelfAttentionHeads: number;
  readonly decoderEmbedDim: number;
  readonly decoderLayerNum: number;
  readonly decoderFfnEmbedDim: number;
  readonly decoderSelfAttentionHeads: number;
  readonly decoderEndeAttentionHeads: number;
  /** Encoder layers that a decoder layer attends to, 1 to 3. */
  readonly attendedLayers: number;
}

export function summarise(arch: ArchConfig): ArchSummary {
  return {
    qkvDim: arch.qkvDim,
    encoderEmbedDim: arch.encoderEmbedDim,
    encoderLayerNum: arch.encoderLayerNum,
    encoderFfnEmbedDim: mean(arch.encoderFfnEmbedDim.slice(0, arch.encoderLayerNum)),
    encoderSelfAttentionHeads: mean(arch.encoderSelfAttentionHeads.slice(0, arch.encoderLayerNum)),
    decoderEmbedDim: arch.decoderEmbedDim,
    decoderLayerNum: arch.decoderLayerNum,
    decoderFfnEmbedDim: mean(arch.decoderFfnEmbedDim.slice(0, arch.decoderLayerNum)),
    decoderSelfAttentionHeads: mean(arch.decoderSelfAttentionHeads.slice(0, arch.decoderLayerNum)),
    decoderEndeAttentionHeads: mean(arch.decoderEndeAttentionHeads.slice(0, arch.decoderLayerNum)),
    attendedLayers: mean(
      arch.decoderArbitraryEndeAttn
        .slice(0, arch.decoderLayerNum)
        .map((value) => attendedLayers(value, arch.encoderLayerNum)),
    ),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
