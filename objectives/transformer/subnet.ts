/** A stand-alone SubTransformer: its own weights, nothing elastic. For training from scratch, evaluation and export. */
import type { GraphBuilder } from '../onnx/graph-builder.ts';
import { type ArchConfig, attendedLayers, canonicalArch } from './arch-config.ts';
import { type ModelGraph, type ModelGraphOptions, modelGraph } from './model-graph.ts';
import type { ArchSizes } from './transformer-graph.ts';

export interface SubnetOptions extends ModelGraphOptions {
  /** The SuperTransformer whose weights it inherits: its positions are cut from that one's. Default: none, positions of its own width. */
  readonly inheritsFrom?: Pick<ArchConfig, 'encoderEmbedDim' | 'decoderEmbedDim'>;
}

/** @throws InvalidArgumentError if the architecture is not legal. */
export function subnetGraph(g: GraphBuilder, arch: ArchConfig, options: SubnetOptions): ModelGraph {
  const canonical = canonicalArch(arch);
  return modelGraph(g, canonical, options.inheritsFrom ?? canonical, constantSizes(g, canonical), options);
}

/** A canonical architecture in constant sizes. */
export function constantSizes(g: GraphBuilder, arch: ArchConfig): ArchSizes {
  const attended = arch.decoderArbitraryEndeAttn.map((value) => attendedLayers(value, arch.encoderLayerNum));
  return {
    qkvDim: g.int64(arch.qkvDim),
    encoderEmbedDim: g.int64(arch.encoderEmbedDim),
    decoderEmbedDim: g.int64(arch.decoderEmbedDim),
    encoderLayerNum: g.int64(arch.encoderLayerNum),
    leastEncoderLayers: arch.encoderLayerNum,
    mostAttended: Math.max(...attended),
    encoder: arch.encoderFfnEmbedDim.map((ffn, layer) => ({
      ffn: g.int64(ffn),
      heads: g.int64(arch.encoderSelfAttentionHeads[layer]),
      alive: null,
    })),
    decoder: arch.decoderFfnEmbedDim.map((ffn, layer) => ({
      ffn: g.int64(ffn),
      selfHeads: g.int64(arch.decoderSelfAttentionHeads[layer]),
      endeHeads: g.int64(arch.decoderEndeAttentionHeads[layer]),
      attended: g.int64(attended[layer]),
      alive: null,
    })),
  };
}
