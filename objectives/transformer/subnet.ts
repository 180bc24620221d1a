/** A stand-alone SubTransformer: its own weights, nothing elastic. For training from scratch, evaluation and export. */
import type { GraphBuilder } from '../onnx/graph-builder.ts';
import { type ArchConfig, canonicalArch } from './arch-config.ts';
import { type ModelGraph, type ModelGraphOptions, modelGraph } from './model-graph.ts';
import { constantSizes } from './sizes.ts';

export interface SubnetOptions extends ModelGraphOptions {
  /** The SuperTransformer whose weights it inherits: its positions are cut from that one's. Default: none, positions of its own width. */
  readonly inheritsFrom?: Pick<ArchConfig, 'encoderEmbedDim' | 'decoderEmbedDim'> | undefined;
}

/** @throws InvalidArgumentError if the architecture is not legal. */
export function subnetGraph(g: GraphBuilder, arch: ArchConfig, options: SubnetOptions): ModelGraph {
  const canonical = canonicalArch(arch);
  return modelGraph(g, canonical, options.inheritsFrom ?? canonical, constantSizes(g, canonical), options);
}
