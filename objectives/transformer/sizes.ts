/** Sizes of an architecture as a graph has them: constants, or int64 scalars that are known only when the graph runs. */

import type { Dim, Value } from '../onnx/graph.ts';
import type { GraphBuilder } from '../onnx/graph-builder.ts';
import type { Ops } from '../onnx/ops.ts';
import { amountName, amountOf, isLayerPart, layerParts, WHOLE_PARTS } from './arch-config.ts';
import type { AmountName, ArchConfig, ArchPart, PartPer, Side, WholePart } from './arch-parts.ts';

/** One size: an int64 scalar, a constant where it is known. */
export type Size = Value;

/** { encoderFfnEmbedDim: Size; encoderSelfAttentionHeads: Size; alive: Value | null } */
export type LayerSizes<S extends Side> = {
  readonly [P in PartPer<`${S} layer`> as AmountName<P>]: Size;
} & {
  /** A bool scalar that says whether the layer is there; null: it always is. */
  readonly alive: Value | null;
};

/** An architecture in sizes; the sides hold the greatest number of layers. */
export interface ArchSizes extends Readonly<Record<WholePart, Size>> {
  /** The least that `encoderLayerNum` can be. */
  readonly leastEncoderLayers: number;
  /** The most encoder layers that any decoder layer attends to. */
  readonly mostAttended: number;
  readonly encoder: readonly LayerSizes<'encoder'>[];
  readonly decoder: readonly LayerSizes<'decoder'>[];
}

/** How the sizes of an architecture are made. */
export interface SizeSource extends Pick<ArchSizes, 'leastEncoderLayers' | 'mostAttended'> {
  /** The greatest numbers of layers. */
  readonly layers: Readonly<Record<Side, number>>;
  /** What a part amounts to in the model, or in one of its layers. */
  sizeOf(part: ArchPart, layer: number | null): Size;
  alive(side: Side, layer: number): Value | null;
}

export function archSizes({ layers, sizeOf, alive, ...bounds }: SizeSource): ArchSizes {
  const layersOf = <S extends Side>(side: S): LayerSizes<S>[] =>
    Array.from({ length: layers[side] }, (_, layer) => {
      const sizes = layerParts(side).map((part) => [amountName(part), sizeOf(part, layer)]);
      return { ...Object.fromEntries(sizes), alive: alive(side, layer) };
    });
  const whole = Object.fromEntries(WHOLE_PARTS.map((part) => [part, sizeOf(part, null)]));
  return {
    ...(whole as Record<WholePart, Size>),
    ...bounds,
    encoder: layersOf('encoder'),
    decoder: layersOf('decoder'),
  };
}

/** A canonical architecture in constant sizes. */
export function constantSizes(g: GraphBuilder, arch: ArchConfig): ArchSizes {
  const { encoderLayerNum, decoderLayerNum } = arch;
  const amount = (part: ArchPart, layer: number | null): number =>
    amountOf(part, isLayerPart(part) ? arch[part][layer ?? 0] : arch[part], encoderLayerNum);
  const attended = arch.decoderArbitraryEndeAttn.map((_, layer) => amount('decoderArbitraryEndeAttn', layer));
  return archSizes({
    leastEncoderLayers: encoderLayerNum,
    mostAttended: Math.max(...attended),
    layers: { encoder: encoderLayerNum, decoder: decoderLayerNum },
    sizeOf: (part, layer) => g.int64(amount(part, layer)),
    alive: () => null,
  });
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

/** Returns the leading part of x on some axes; axes that are that long already are left alone. */
export function leadingPart(op: Ops, x: Value, axes: readonly number[], ends: readonly Size[]): Value {
  const cut = axes.flatMap((axis, i) => (x.shape?.[axis] === dim(ends[i]) ? [] : [{ axis, end: ends[i] }]));
  if (cut.length === 0) return x;
  return op.slice(x, {
    axes: cut.map(({ axis }) => axis),
    starts: cut.map(() => 0),
    ends: cut.map(({ end }) => end),
  });
}
