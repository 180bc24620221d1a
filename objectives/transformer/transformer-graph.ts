/**
 * The Transformer as a graph: encoder and decoder, post-norm, ReLU, sinusoidal positions, as HAT (arXiv 2005.14187, section 3) and
 * fairseq. Every size is an extent that may be a constant (a stand-alone SubTransformer) or known only when the graph runs (a
 * SuperTransformer that is sliced), and the weights come from a {@link WeightSource}; so one description serves both.
 */

import type { Dim, Value } from '../onnx/graph.ts';
import type { GraphBuilder } from '../onnx/graph-builder.ts';
import {
  type ArchSizes,
  dim,
  type LayerSizes,
  leadingPart,
  named,
  power,
  type Size,
  symbol,
} from './sizes.ts';

/** Where a graph gets its weights from, already cut to the sizes that are asked for. */
export interface WeightSource {
  /** x [..., inputs] to [..., outputs]; `name` as in `parameterShapes`, without `.weight`. */
  linear(x: Value, name: string, inputs: Size, outputs: Size): Value;
  /** LayerNorm over the last axis. */
  norm(x: Value, name: string, width: Size): Value;
  /** Rows of an embedding table times √width, for int64 ids [batch, time]: [batch, time, width]. */
  embed(ids: Value, side: 'source' | 'target', width: Size): Value;
  /** x [..., width] times the target table: [..., vocabulary]. */
  logits(x: Value, width: Size): Value;
  /** The first rows of the sinusoidal table, [time, width]. */
  positions(side: 'source' | 'target', time: Size, width: Size): Value;
}

/** One place of a dropout. */
export interface DropoutSite {
  readonly name: string;
  readonly kind: 'embedding' | 'residual' | 'attention';
  readonly side: 'encoder' | 'decoder';
}

/** Drops elements of x; the identity where nothing is to be dropped. */
export type Dropout = (x: Value, site: DropoutSite) => Value;

/** Additive attention masks. */
export interface Masks {
  /** [batch, 1, 1, S] (or [1, 1, 1, S]): 0, or {@link MASKED} at padding. */
  readonly source: Value;
  /** [1, 1, T, T]: {@link MASKED} at later tokens. */
  readonly causal: Value;
}

/** What a masked score gets added: finite, so that a half-precision device takes it too, and e^it is 0. */
export const MASKED = -1e4;

/** Builds the two halves of a Transformer on a graph. */
export class TransformerGraph {
  readonly #g: GraphBuilder;
  readonly #sizes: ArchSizes;
  readonly #weights: WeightSource;
  readonly #dropout: Dropout;
  readonly #layout: 'matrix' | 'cube';

  /**
   * @param options.layout how token vectors go through the layers: [time * batch, width], to train, or [batch, time, width], to deploy.
   * Design note: time first, because onnxruntime's product of matrices then takes Q, K and V (and, in the backward pass, what came
   * of them) as [time, batch, head, width] without a transposed copy.
   */
  constructor(
    g: GraphBuilder,
    sizes: ArchSizes,
    weights: WeightSource,
    options: { layout: 'matrix' | 'cube'; dropout?: Dropout | undefined },
  ) {
    const { layout, dropout = (x) => x } = options;
    this.#layout = layout;
    this.#g = g;
    this.#sizes = sizes;
    this.#weights = weights;
    this.#dropout = dropout;
  }

  /**
   * @param source int64 ids [batch, S].
   * @param mask as {@link Masks.source}.
   * @returns the outputs of the last `mostAttended` encoder layers that are there (fewer if there are fewer), the last one last:
   * [batch, layers * S, encoderEmbedDim], or [layers * S, batch, encoderEmbedDim] by the layout.
   */
  encode(source: Value, mask: Value): Value {
    const { op } = this.#g;
    const { encoderEmbedDim: width, encoder } = this.#sizes;
    const [batch, time] = [op.dimension(source, 0), op.dimension(source, 1)];
    let x = this.#embed(source, 'source', width);
    const outputs: Value[] = [];
    encoder.forEach((layer, index) => {
      x = this.#g.scope(`encoder.${index}`, () => this.#encoderLayer(x, layer, index, { batch, time, mask }));
      outputs.push(this.#cube(x, batch, time, width));
    });
    return this.#lastOutputs(outputs, time);
  }

  /**
   * @param target int64 ids [batch, T].
   * @param memory what {@link encode} returned.
   * @returns logits [batch * T, vocabulary] or [batch, T, vocabulary], by the layout.
   */
  decode(target: Value, memory: Value, sourceTime: Size, masks: Masks): Value {
    const { decoderEmbedDim: width } = this.#sizes;
    return this.#weights.logits(this.decodeHidden(target, memory, sourceTime, masks), width);
  }

  /** {@link decode} before the output projection; batch first in either layout. */
  decodeHidden(target: Value, memory: Value, sourceTime: Size, masks: Masks): Value {
    const { op } = this.#g;
    const { decoderEmbedDim: width, decoder } = this.#sizes;
    const [batch, time] = [op.dimension(target, 0), op.dimension(target, 1)];
    const memoryMask = this.#repeated(masks.source, this.#sizes.mostAttended);
    let x = this.#embed(target, 'target', width);
    decoder.forEach((layer, index) => {
      x = this.#g.scope(`decoder.${index}`, () =>
        this.#decoderLayer(x, layer, index, {
          batch,
          time,
          memory,
          memoryMask,
          sourceTime,
          mask: masks.causal,
        }),
      );
    });
    if (this.#layout === 'cube') return x;
    const cube = op.transpose(this.#cube(x, batch, time, width), [1, 0, 2]);
    return op.withShape(op.reshape(cube, [-1, width]), [product(batch, time), dim(width)]);
  }

  #encoderLayer(
    x: Value,
    layer: LayerSizes<'encoder'>,
    index: number,
    at: { batch: Size; time: Size; mask: Value },
  ): Value {
    const { encoderEmbedDim: width } = this.#sizes;
    const name = `encoder.${index}`;
    return this.#whileAlive(x, layer.alive, name, width, at, (live, batch, time) => {
      const mask = layer.alive === null ? at.mask : leadingPart(this.#g.op, at.mask, [0, 3], [batch, time]);
      const attended = this.#attention(live, live, {
        name: `${name}.self`,
        width,
        memoryWidth: width,
        heads: layer.encoderSelfAttentionHeads,
        batch,
        time,
        memoryTime: time,
        mask,
      });
      return this.#feedForward(attended, `${name}.ffn`, width, layer.encoderFfnEmbedDim);
    });
  }

  #decoderLayer(
    x: Value,
    layer: LayerSizes<'decoder'>,
    index: number,
    at: { batch: Size; time: Size; memory: Value; memoryMask: Value; sourceTime: Size; mask: Value },
  ): Value {
    const { decoderEmbedDim: width, encoderEmbedDim: memoryWidth } = this.#sizes;
    const name = `decoder.${index}`;
    return this.#whileAlive(x, layer.alive, name, width, at, (live, batch, time) => {
      const causal = layer.alive === null ? at.mask : leadingPart(this.#g.op, at.mask, [2, 3], [time, time]);
      const attended = this.#attention(live, live, {
        name: `${name}.self`,
        width,
        memoryWidth: width,
        heads: layer.decoderSelfAttentionHeads,
        batch,
        time,
        memoryTime: time,
        mask: causal,
      });
      const reach = this.#times(layer.attendedLayers, at.sourceTime);
      const memoryTime = this.#alive(layer.alive, reach, `${name}.memory`);
      const memory = this.#lastAttended(at.memory, layer, at.sourceTime, batch, memoryTime);
      const crossed = this.#attention(attended, memory, {
        name: `${name}.ende`,
        width,
        memoryWidth,
        heads: layer.decoderEndeAttentionHeads,
        batch,
        time,
        memoryTime,
        mask: leadingPart(this.#g.op, at.memoryMask, [0, 3], [batch, memoryTime]),
      });
      return this.#feedForward(crossed, `${name}.ffn`, width, layer.decoderFfnEmbedDim);
    });
  }

  /**
   * Runs a layer, or leaves x as it is. A layer that is not there still computes, but one token of one sentence.
   * Design note: so one session serves every depth, without control flow (which costs providers their fusions) and empty tensors.
   */
  #whileAlive(
    x: Value,
    alive: Value | null,
    name: string,
    width: Size,
    at: { batch: Size; time: Size },
    layer: (x: Value, batch: Size, time: Size) => Value,
  ): Value {
    const { op } = this.#g;
    if (alive === null) return layer(x, at.batch, at.time);
    const batch = this.#alive(alive, at.batch, `${name}.batch`);
    const time = this.#alive(alive, at.time, `${name}.time`);
    const all = [...this.#ordered(at.batch, at.time), width];
    const cube = this.#cube(x, at.batch, at.time, width);
    const live = op.slice(cube, { axes: [0, 1], starts: [0, 0], ends: this.#ordered(batch, time) });
    const y = this.#cube(layer(this.#tokens(live, batch, time, width), batch, time), batch, time, width);
    const padded = op.pad(y, {
      axes: [0, 1],
      before: [0, 0],
      after: this.#ordered(op.sub(at.batch, batch), op.sub(at.time, time)),
    });
    const result = op.where(alive, named(padded, all), cube);
    return this.#tokens(named(result, all), at.batch, at.time, width);
  }

  /** Multi-head attention with its residual and norm. `x` and `memory` in the layout of tokens. */
  #attention(
    x: Value,
    memory: Value,
    spec: {
      name: string;
      width: Size;
      memoryWidth: Size;
      heads: Size;
      batch: Size;
      time: Size;
      memoryTime: Size;
      mask: Value;
    },
  ): Value {
    const { op } = this.#g;
    const weights = this.#weights;
    const { name, width, memoryWidth, heads, batch, time, memoryTime } = spec;
    const { qkvDim } = this.#sizes;
    const side = name.startsWith('encoder') ? 'encoder' : 'decoder';
    const headDim = symbol(op.div(qkvDim, heads), `${name}.headDim`);
    const axes = this.#layout === 'cube' ? { batch: 0, time: 1 } : { time: 0, batch: 1 };
    const split = (projected: Value, length: Size, order: readonly number[]): Value => {
      const shape = [...this.#ordered(batch, length), heads, headDim];
      return op.transpose(named(op.reshape(projected, shape), shape), order);
    };
    const byHead = [axes.batch, 2, axes.time, 3];
    const query = split(weights.linear(x, `${name}.query`, width, qkvDim), time, byHead);
    const key = split(weights.linear(memory, `${name}.key`, memoryWidth, qkvDim), memoryTime, [
      axes.batch,
      2,
      3,
      axes.time,
    ]);
    const values = split(weights.linear(memory, `${name}.value`, memoryWidth, qkvDim), memoryTime, byHead);
    const scores = op.add(op.mul(op.matmul(query, key), power(this.#g, headDim, -0.5)), spec.mask);
    const probabilities = this.#dropout(op.softmax(named(scores, [batch, heads, time, memoryTime])), {
      name: `${name}.probabilities`,
      kind: 'attention',
      side,
    });
    const mixed = op.transpose(op.matmul(probabilities, values), [...this.#ordered(0, 2), 1, 3]);
    const merged = this.#tokens(mixed, batch, time, qkvDim);
    const out = this.#dropout(weights.linear(merged, `${name}.out`, qkvDim, width), {
      name: `${name}.out`,
      kind: 'residual',
      side,
    });
    return weights.norm(op.add(x, out), `${name}.norm`, width);
  }

  #feedForward(x: Value, name: string, width: Size, inner: Size): Value {
    const { op } = this.#g;
    const hidden = op.relu(this.#weights.linear(x, `${name}.in`, width, inner));
    const out = this.#dropout(this.#weights.linear(hidden, `${name}.out`, inner, width), {
      name: `${name}.out`,
      kind: 'residual',
      side: name.startsWith('encoder') ? 'encoder' : 'decoder',
    });
    return this.#weights.norm(op.add(x, out), `${name}.norm`, width);
  }

  #embed(ids: Value, side: 'source' | 'target', width: Size): Value {
    const { op } = this.#g;
    const [batch, time] = [op.dimension(ids, 0), op.dimension(ids, 1)];
    const placed = op.add(this.#weights.embed(ids, side, width), this.#weights.positions(side, time, width));
    const ordered = op.transpose(placed, [...this.#ordered(0, 1), 2]);
    return this.#dropout(this.#tokens(ordered, batch, time, width), {
      name: side === 'source' ? 'encoder.embedding' : 'decoder.embedding',
      kind: 'embedding',
      side: side === 'source' ? 'encoder' : 'decoder',
    });
  }

  /** Returns the outputs of the last `mostAttended` layers that are there, along time. */
  #lastOutputs(outputs: readonly Value[], time: Size): Value {
    const { op } = this.#g;
    const { encoderLayerNum, leastEncoderLayers, mostAttended } = this.#sizes;
    // A layer that is not there passes its input on, so the very last output is the last one that is there.
    if (mostAttended === 1) return outputs[outputs.length - 1];
    const first = Math.max(0, leastEncoderLayers - mostAttended);
    const reachable = outputs.slice(first);
    const timeAxis = this.#layout === 'cube' ? 1 : 0;
    const all = op.concat(reachable, timeAxis);
    if (encoderLayerNum.constant !== undefined) return all;
    const end = op.sub(encoderLayerNum, this.#g.int64(first));
    const start = op.sub(end, this.#kept());
    const last = op.slice(all, {
      axes: [timeAxis],
      starts: [op.mul(start, time)],
      ends: [op.mul(end, time)],
    });
    return op.withShape(last, [...this.#ordered(all.shape![1 - timeAxis], 'encoder.memory'), all.shape![2]]);
  }

  /** The source mask once for each encoder output. */
  #repeated(mask: Value, times: number): Value {
    if (times === 1) return mask;
    return this.#g.op.concat(
      Array.from({ length: times }, () => mask),
      3,
    );
  }

  /** How many encoder outputs `encode` returns. */
  #kept(): Size {
    return this.#g.op.min(this.#sizes.encoderLayerNum, this.#g.int64(this.#sizes.mostAttended));
  }

  /** The part of `memory` that this layer attends to, in the layout of tokens. */
  #lastAttended(
    memory: Value,
    layer: LayerSizes<'decoder'>,
    sourceTime: Size,
    batch: Size,
    memoryTime: Size,
  ): Value {
    const { op } = this.#g;
    const width = this.#sizes.encoderEmbedDim;
    const start = op.mul(op.sub(this.#kept(), layer.attendedLayers), sourceTime);
    if (layer.alive === null && start.constant?.[0] === 0)
      return this.#tokens(memory, batch, memoryTime, width);
    const part = op.slice(memory, {
      axes: [0, 1],
      starts: this.#ordered<Size | number>(0, start),
      ends: this.#ordered(batch, op.add(start, memoryTime)),
    });
    return this.#tokens(named(part, [...this.#ordered(batch, memoryTime), width]), batch, memoryTime, width);
  }

  /** x in the layout in which token vectors go through linear maps. */
  #tokens(x: Value, batch: Size, time: Size, width: Size): Value {
    const { op } = this.#g;
    if (this.#layout === 'cube') return this.#cube(x, batch, time, width);
    return op.withShape(op.reshape(x, [-1, width]), [product(time, batch), dim(width)]);
  }

  /** x as [batch, time, width] or [time, batch, width]. */
  #cube(x: Value, batch: Size, time: Size, width: Size): Value {
    const { op } = this.#g;
    const sizes = [...this.#ordered(batch, time), width];
    const shape = sizes.map(dim);
    const same = x.shape?.length === 3 && x.shape.every((extent, axis) => extent === shape[axis]);
    return same ? x : op.withShape(op.reshape(x, sizes), shape);
  }

  /** What belongs to the axes of batch and time, in the layout's order. */
  #ordered<T>(batch: T, time: T): [T, T] {
    return this.#layout === 'cube' ? [batch, time] : [time, batch];
  }

  #times(layers: Size, time: Size): Size {
    return layers.constant?.[0] === 1 ? time : this.#g.op.mul(layers, time);
  }

  /** `size` while the layer is there, else 1. */
  #alive(alive: Value | null, size: Size, name: string): Size {
    if (alive === null) return symbol(size, name);
    return symbol(this.#g.op.where(alive, size, this.#g.int64(1)), name);
  }
}

function product(a: Size, b: Size): Dim {
  if (a.constant !== undefined && b.constant !== undefined) return a.constant[0] * b.constant[0];
  return `${dim(a)}*${dim(b)}`;
}
