/** A trainable Transformer graph: weights are graph inputs, sliced to the sizes that are asked for. */

import type { Value } from '../onnx/graph.ts';
import type { GraphBuilder } from '../onnx/graph-builder.ts';
import type { ArchConfig } from './arch-config.ts';
import { embeddingNames, parameterShapes, type VocabularyDims } from './parameters.ts';
import { sinusoidalPositions } from './positions.ts';
import { type ArchSizes, leadingPart, power, type Size } from './sizes.ts';
import { type DropoutSite, MASKED, TransformerGraph, type WeightSource } from './transformer-graph.ts';

/** Graph inputs, weights and logits of a model that can be trained. */
export interface ModelGraph {
  /** int64 [batch, S] (symbolic dims `batch`, `source`), padded on the right. */
  readonly source: Value;
  /** int64 [batch, T] (`target`), padded on the right: `<s>` and the target sentence. */
  readonly targetIn: Value;
  /** [batch * T, target vocabulary]. */
  readonly logits: Value;
  /** logits = hidden [batch * T, width] · table [target vocabulary, width]'. */
  readonly projection: { readonly hidden: Value; readonly table: Value };
  /** Every trainable weight, a graph input, by its name in `parameterShapes`. */
  readonly parameters: Readonly<Record<string, Value>>;
}

/**
 * Drops elements of x. `widthShare` is a float scalar, the SubTransformer's embed dim over the SuperTransformer's, by which HAT scales
 * the probability of embeddings and residuals; null stands for 1.
 */
type ElasticDropout = (x: Value, site: DropoutSite, widthShare: Value | null) => Value;

export interface ModelGraphOptions {
  readonly vocabulary: VocabularyDims;
  /** Greatest S and T. */
  readonly maxLength: number;
  /** Default: none, as in evaluation. */
  readonly dropout?: ElasticDropout | undefined;
}

/** @param full the architecture whose weights are the inputs; `sizes` say how much of them is used. */
export function modelGraph(
  g: GraphBuilder,
  full: ArchConfig,
  positionsOf: Pick<ArchConfig, 'encoderEmbedDim' | 'decoderEmbedDim'>,
  sizes: ArchSizes,
  options: ModelGraphOptions,
): ModelGraph {
  const { op } = g;
  const { vocabulary, maxLength, dropout } = options;
  const source = g.input('source', 'int64', ['batch', 'source']);
  const targetIn = g.input('targetIn', 'int64', ['batch', 'target']);
  const weights = new ParameterSource(g, full, positionsOf, vocabulary, maxLength);
  const share = {
    encoder: widthShare(g, sizes.encoderEmbedDim, full.encoderEmbedDim),
    decoder: widthShare(g, sizes.decoderEmbedDim, full.decoderEmbedDim),
  };
  const transformer = new TransformerGraph(g, sizes, weights, {
    layout: 'matrix',
    dropout: dropout && ((x, site) => dropout(x, site, site.kind === 'attention' ? null : share[site.side])),
  });
  const masks = {
    source: paddingMask(g, source, vocabulary.padId),
    causal: causalMask(g, op.dimension(targetIn, 1)),
  };
  const memory = transformer.encode(source, masks.source);
  const hidden = transformer.decodeHidden(targetIn, memory, op.dimension(source, 1), masks);
  const table = weights.outputTable(sizes.decoderEmbedDim);
  const logits = weights.logits(hidden, sizes.decoderEmbedDim);
  return { source, targetIn, logits, projection: { hidden, table }, parameters: weights.parameters };
}

/** [batch, 1, 1, time] from int64 ids [batch, time]. */
function paddingMask(g: GraphBuilder, ids: Value, padId: number): Value {
  const { op } = g;
  const mask = op.where(op.equal(ids, g.int64(padId)), g.float(MASKED), g.float(0));
  return op.unsqueeze(mask, [1, 2]);
}

/** [1, 1, time, time]. */
export function causalMask(g: GraphBuilder, time: Size): Value {
  const { op } = g;
  const places = op.range(time);
  const later = op.less(op.unsqueeze(places, [1]), op.unsqueeze(places, [0]));
  return op.unsqueeze(op.where(later, g.float(MASKED), g.float(0)), [0, 1]);
}

/** null where the width is the whole one. */
function widthShare(g: GraphBuilder, width: Size, full: number): Value | null {
  if (width.constant !== undefined)
    return width.constant[0] === full ? null : g.float(width.constant[0] / full);
  return g.op.div(g.op.cast(width, 'float32'), g.float(full));
}

/** Weights that are graph inputs, of which a leading part is used. */
class ParameterSource implements WeightSource {
  readonly parameters: Readonly<Record<string, Value>>;
  readonly #g: GraphBuilder;
  readonly #embeddings: ReturnType<typeof embeddingNames>;
  readonly #positions: { source: Value; target: Value };

  constructor(
    g: GraphBuilder,
    full: ArchConfig,
    positionsOf: Pick<ArchConfig, 'encoderEmbedDim' | 'decoderEmbedDim'>,
    vocabulary: VocabularyDims,
    maxLength: number,
  ) {
    this.#g = g;
    this.#embeddings = embeddingNames(vocabulary);
    const shapes = Object.entries(parameterShapes(full, vocabulary));
    this.parameters = Object.fromEntries(
      shapes.map(([name, shape]) => [name, g.input(name, 'float32', shape)]),
    );
    const table = (name: string, width: number, columns: number): Value =>
      g.initializer(`${name}.positions`, sinusoidalPositions(maxLength, width, columns));
    this.#positions = {
      source: table('encoder', positionsOf.encoderEmbedDim, full.encoderEmbedDim),
      target: table('decoder', positionsOf.decoderEmbedDim, full.decoderEmbedDim),
    };
  }

  linear(x: Value, name: string, inputs: Size, outputs: Size): Value {
    const weight = this.#leading(this.parameters[`${name}.weight`], [outputs, inputs]);
    const bias = this.#leading(this.parameters[`${name}.bias`], [outputs]);
    return this.#g.op.gemm(x, weight, bias, { transB: true });
  }

  norm(x: Value, name: string, width: Size): Value {
    const gain = this.#leading(this.parameters[`${name}.gain`], [width]);
    const bias = this.#leading(this.parameters[`${name}.bias`], [width]);
    return this.#g.op.layerNorm(x, gain, bias);
  }

  embed(ids: Value, side: 'source' | 'target', width: Size): Value {
    const rows = this.#g.op.gather(this.parameters[this.#embeddings[side]], ids);
    return this.#g.op.mul(this.#leading(rows, [null, null, width]), power(this.#g, width, 0.5));
  }

  logits(x: Value, width: Size): Value {
    return this.#g.op.gemm(x, this.outputTable(width), null, { transB: true });
  }

  outputTable(width: Size): Value {
    return this.#leading(this.parameters[this.#embeddings.output], [null, width]);
  }

  positions(side: 'source' | 'target', time: Size, width: Size): Value {
    return this.#leading(this.#positions[side], [time, width]);
  }

  /** Returns the leading part of x; null leaves an axis whole. */
  #leading(x: Value, sizes: readonly (Size | null)[]): Value {
    const axes = [...sizes.keys()].filter((axis) => sizes[axis] !== null);
    return leadingPart(
      this.#g.op,
      x,
      axes,
      axes.map((axis) => sizes[axis]!),
    );
  }
}
