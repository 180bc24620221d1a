/** Sizes of an architecture as a graph has them: constants, or int64 scalars that are known only when the graph runs. */

import type { Dim, Value } from '../onnx/graph.ts';
import type { GraphBuilder } from '../onnx/graph-builder.ts';
import { type ArchConfig, attendedLayers } from './arch-config.ts';

/** One size: an int64 scalar, a constant where it is known. */
export type Size = Value;

export interface EncoderLayerSizes {
  readonly ffn: Size;
  readonly heads: Size;
  /** A bool scalar that says whether the layer is there; null: it always is. */
  readonly alive: Value | null;
}

export interface DecoderLayerSizes {
  readonly ffn: Size;
  readonly selfHeads: Size;
  readonly endeHeads: Size;
  /** How many of the last encoder layers it attends to. */
  readonly attended: Size;
  readonly alive: Value | null;
}

/** An architecture in sizes; `layers` hold the greatest number of layers. */
export interface ArchSizes {
  readonly qkvDim: Size;
  readonly encoderEmbedDim: Size;
  readonly decoderEmbedDim: Size;
  readonly encoderLayerNum: Size;
  /** The least that `encoderLayerNum` can be. */
  readonly leastEncoderLayers: number;
  /** The most that any `attended` can be. */
  readonly mostAttended: number;
  readonly encoder: readonly EncoderLayerSizes[];
  readonly decoder: readonly DecoderLayerSizes[];
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

/** A size as an extent of a shape. */
export function dim(size: Size): Dim {
  return size.constant?.[0] ?? size.symbol ?? size.name;
}

/** States the shape of a value in sizes. */
export function named(x: Value, sizes: readonly Size[]): Value {
  return { ...x, shape: sizes.map(dim) };
}

/** size^exponent as a float scalar. */
export function power(g: GraphBuilder, size: Size, exponent: number): Value {
  if (size.constant !== undefined) return g.float(size.constant[0] ** exponent);
  return g.op.pow(g.op.cast(size, 'float32'), g.float(exponent));
}

/** The size under a name of its own, unless it is constant or has one. */
export function symbol(size: Size, name: string): Size {
  return size.constant !== undefined || size.symbol !== undefined ? size : { ...size, symbol: name };
}
