/**
 * Parameters and FLOPs of a SubTransformer, counted as HAT counts them (arXiv 2005.14187): it profiles with torchprofile, for which a
 * layer norm has two multiply-accumulates an element. All rows of the tables in HAT's README come out as printed, but for the FLOPs of
 * one (En-De, Raspberry Pi, 6.9 s: 3.03 G here, 3.02 there).
 */
import { type ArchConfig, attendedLayers, type ModelDims } from './arch-config.ts';

/** One layer's weights, and its multiply-accumulates in one full (non-incremental) pass at batch 1. */
interface LayerCosts {
  readonly parameters: number;
  readonly macs: number;
}

/** Weights and biases of all encoder and decoder layers, without embeddings and output matrix (HAT's "Params"). */
export function parameterCount(arch: ArchConfig): number {
  return sum(layerCosts(arch, 1, 1), (layer) => layer.parameters);
}

/**
 * FLOPs (two a multiply-accumulate) of one full, non-incremental pass at batch 1 over `sourceLength` and `targetLength` tokens,
 * without embeddings and output matrix (HAT's "FLOPs").
 */
export function flopCount(arch: ArchConfig, dims: Pick<ModelDims, 'sourceLength' | 'targetLength'>): number {
  return 2 * sum(layerCosts(arch, dims.sourceLength, dims.targetLength), (layer) => layer.macs);
}

function layerCosts(arch: ArchConfig, source: number, target: number): LayerCosts[] {
  const { qkvDim: q, encoderEmbedDim: e, decoderEmbedDim: d } = arch;
  const linear = (inputs: number, outputs: number): number => inputs * outputs + outputs;
  /** Gain and bias, or the multiply-accumulates of a token. */
  const norm = (width: number): number => 2 * width;
  const encoder = arch.encoderFfnEmbedDim.map((ffn) => ({
    parameters: 3 * linear(e, q) + linear(q, e) + linear(e, ffn) + linear(ffn, e) + 2 * norm(e),
    macs: source * (4 * e * q + 2 * e * ffn + 2 * norm(e)) + 2 * source * source * q,
  }));
  const decoder = arch.decoderFfnEmbedDim.map((ffn, layer) => {
    const memory = source * attendedLayers(arch.decoderArbitraryEndeAttn[layer], arch.encoderLayerNum);
    const self = 4 * target * d * q + 2 * target * target * q;
    const cross = 2 * target * d * q + 2 * memory * e * q + 2 * target * memory * q;
    return {
      parameters:
        3 * linear(d, q) +
        linear(q, d) +
        linear(d, q) +
        2 * linear(e, q) +
        linear(q, d) +
        linear(d, ffn) +
        linear(ffn, d) +
        3 * norm(d),
      macs: self + cross + target * (2 * d * ffn + 3 * norm(d)),
    };
  });
  return [...encoder, ...decoder];
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
