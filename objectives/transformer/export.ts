/**
 * A SubTransformer as two ONNX models with its weights inside: an encoder and a full (not incremental) decoder, as HAT deploys it.
 * Static shapes and batch 1 for a device (the RK3588's compiler takes opset 19 at most, computes int64 on the CPU, and knows attention
 * as MatMul, Mul, Add, Softmax, MatMul); or open shapes for translating on this machine.
 */
import { Rng } from '../../src/core/rng.ts';
import { elementCount, type Value } from '../onnx/graph.ts';
import { GraphBuilder } from '../onnx/graph-builder.ts';
import { float32, int64, type TensorData } from '../onnx/tensor.ts';
import { type ArchConfig, canonicalArch, type ModelDims } from './arch-config.ts';
import { causalMask } from './model-graph.ts';
import {
  assertWeights,
  embeddingNames,
  type ParameterShapes,
  parameterShapes,
  type VocabularyDims,
  type Weights,
} from './parameters.ts';
import { sinusoidalPositions } from './positions.ts';
import { constantSizes, type Size } from './sizes.ts';
import { MASKED, TransformerGraph, type WeightSource } from './transformer-graph.ts';

/** Names of the exported models' inputs and outputs. */
export const EXPORTED = {
  /** int64 [1, S]; of the encoder. */
  source: 'source',
  /** float32 [1, 1, 1, S]: 0 at tokens, -10000 at padding; of both. */
  sourceMask: 'sourceMask',
  /** float32 [1, k * S, encoderEmbedDim]: the last k encoder outputs, k the most that a decoder layer attends to. */
  memory: 'memory',
  /** int64 [1, T]; of the decoder. */
  targetIn: 'targetIn',
  /** float32 [1, T, target vocabulary]; of a decoder for a device. */
  logits: 'logits',
  /** int64 [rows]: which sentence of `memory` each row of `targetIn` translates; of a decoder for translating. */
  sentence: 'sentence',
  /** float32 [rows, target vocabulary]: natural logarithms; of a decoder for translating. */
  nextTokenLogProbs: 'nextTokenLogProbs',
} as const;

/** An exported SubTransformer. */
export interface ExportedModels {
  /** The encoder as an ONNX file. */
  readonly encoder: Uint8Array;
  /** The decoder as an ONNX file. */
  readonly decoder: Uint8Array;
}

export interface ExportOptions {
  readonly vocabulary: VocabularyDims;
  /** The SuperTransformer that the weights were cut from: positions are cut from its. Default: none. */
  readonly inheritsFrom?: Pick<ArchConfig, 'encoderEmbedDim' | 'decoderEmbedDim'> | undefined;
}

/**
 * For a device: batch 1, static shapes.
 * @param weights as `extractWeights` or a training gives them: `parameterShapes(arch, vocabulary)`.
 * @throws InvalidArgumentError naming a weight that is missing or has another shape.
 */
export function exportForDevice(
  weights: Weights,
  arch: ArchConfig,
  lengths: Pick<ModelDims, 'sourceLength' | 'targetLength'>,
  options: ExportOptions,
): ExportedModels {
  const { sourceLength, targetLength } = lengths;
  const canonical = canonicalArch(arch);
  const tables = { source: sourceLength, target: targetLength };

  const encoder = half(canonical, weights, tables, options);
  const source = encoder.g.input(EXPORTED.source, 'int64', [1, sourceLength]);
  const encoderMask = encoder.g.input(EXPORTED.sourceMask, 'float32', [1, 1, 1, sourceLength]);
  const memory = encoder.transformer.encode(source, encoderMask);
  encoder.g.output(memory, EXPORTED.memory);

  const decoder = half(canonical, weights, tables, options);
  const targetIn = decoder.g.input(EXPORTED.targetIn, 'int64', [1, targetLength]);
  const memoryIn = decoder.g.input(EXPORTED.memory, 'float32', memory.shape!);
  const sourceMask = decoder.g.input(EXPORTED.sourceMask, 'float32', [1, 1, 1, sourceLength]);
  const causal = decoder.g.initializer('causalMask', staticCausalMask(targetLength));
  const masks = { source: sourceMask, causal };
  const logits = decoder.transformer.decode(targetIn, memoryIn, decoder.g.int64(sourceLength), masks);
  decoder.g.output(logits, EXPORTED.logits);
  return { encoder: encoder.g.build('encoder'), decoder: decoder.g.build('decoder') };
}

/**
 * For translating here: any number of sentences and rows, any length up to `maxLength`; the decoder gives the log-probabilities of
 * the token that follows each row's prefix.
 */
export function exportForTranslation(
  weights: Weights,
  arch: ArchConfig,
  maxLength: number,
  options: ExportOptions,
): ExportedModels {
  const canonical = canonicalArch(arch);
  const tables = { source: maxLength, target: maxLength };

  const encoder = half(canonical, weights, tables, options);
  const source = encoder.g.input(EXPORTED.source, 'int64', ['sentences', 'source']);
  const encoderMask = encoder.g.input(EXPORTED.sourceMask, 'float32', ['sentences', 1, 1, 'source']);
  encoder.g.output(encoder.transformer.encode(source, encoderMask), EXPORTED.memory);

  const { g, transformer, weights: baked, sizes } = half(canonical, weights, tables, options);
  const { op } = g;
  const targetIn = g.input(EXPORTED.targetIn, 'int64', ['rows', 'target']);
  const memory = g.input(EXPORTED.memory, 'float32', ['sentences', 'memory', canonical.encoderEmbedDim]);
  const sourceMask = g.input(EXPORTED.sourceMask, 'float32', ['sentences', 1, 1, 'source']);
  const sentence = g.input(EXPORTED.sentence, 'int64', ['rows']);
  const [time, sourceTime] = [op.dimension(targetIn, 1), op.dimension(sourceMask, 3)];
  const hidden = transformer.decodeHidden(targetIn, op.gather(memory, sentence), sourceTime, {
    source: op.gather(sourceMask, sentence),
    causal: causalMask(g, time),
  });
  const last = op.gather(hidden, op.sub(time, g.int64(1)), 1);
  g.output(op.logSoftmax(baked.logits(last, sizes.decoderEmbedDim)), EXPORTED.nextTokenLogProbs);
  return { encoder: encoder.g.build('encoder'), decoder: g.build('decoder') };
}

/** An untrained SubTransformer for a device, with feeds for a sentence that fills it: latency does not depend on the weights. */
export function exportUntrained(
  arch: ArchConfig,
  dims: ModelDims,
): ExportedModels & { feeds: Record<'encoder' | 'decoder', Record<string, TensorData>> } {
  const vocabulary = { ...dims, jointVocabulary: false, padId: 0 };
  const weights = anyWeights(parameterShapes(canonicalArch(arch), vocabulary));
  const { sourceLength, targetLength } = dims;
  const ids = (length: number, vocabularySize: number): TensorData =>
    int64(
      Array.from({ length }, (_, i) => 1 + (i % (vocabularySize - 1))),
      [1, length],
    );
  const sourceMask = float32(new Float32Array(sourceLength), [1, 1, 1, sourceLength]);
  const { mostAttended } = constantSizes(new GraphBuilder(), canonicalArch(arch));
  const memoryShape = [1, mostAttended * sourceLength, arch.encoderEmbedDim];
  const memory = Float32Array.from({ length: memoryShape[1] * memoryShape[2] }, (_, i) => Math.cos(i));
  return {
    ...exportForDevice(weights, arch, dims, { vocabulary }),
    feeds: {
      encoder: {
        [EXPORTED.source]: ids(sourceLength, dims.sourceVocabSize),
        [EXPORTED.sourceMask]: sourceMask,
      },
      decoder: {
        [EXPORTED.targetIn]: ids(targetLength, dims.targetVocabSize),
        [EXPORTED.memory]: float32(memory, memoryShape),
        [EXPORTED.sourceMask]: sourceMask,
      },
    },
  };
}

/** Weights of about the usual size, from one block of random numbers again and again: made in a fraction of the time of a draw each. */
function anyWeights(shapes: ParameterShapes): Weights {
  const rng = Rng.keyed('untrained');
  const block = Float32Array.from({ length: 65_521 }, () => rng.uniformIn(-0.05, 0.05));
  const entries = Object.entries(shapes).map(([name, shape]) => {
    const data = new Float32Array(elementCount(shape));
    for (let at = 0; at < data.length; at += block.length)
      data.set(block.subarray(0, Math.min(block.length, data.length - at)), at);
    return [name, { dtype: 'float32', shape, data } as const];
  });
  return Object.fromEntries(entries);
}

/** [rows, 1, 1, time] from where the tokens are: 0 at tokens, -10000 at padding. */
export function sourceMaskOf(source: TensorData<'int64'>, padId: number): TensorData<'float32'> {
  const [rows, time] = source.shape;
  const pad = BigInt(padId);
  return float32(
    Float32Array.from(source.data, (id) => (id === pad ? MASKED : 0)),
    [rows, 1, 1, time],
  );
}

function half(arch: ArchConfig, weights: Weights, tables: Lengths, options: ExportOptions) {
  assertWeights(weights, arch, options.vocabulary);
  const g = new GraphBuilder();
  const sizes = constantSizes(g, arch);
  const baked = new BakedWeights(g, weights, options.vocabulary, tables, options.inheritsFrom ?? arch);
  return { g, sizes, weights: baked, transformer: new TransformerGraph(g, sizes, baked, { layout: 'cube' }) };
}

interface Lengths {
  readonly source: number;
  readonly target: number;
}

function staticCausalMask(time: number): TensorData<'float32'> {
  const mask = Float32Array.from({ length: time * time }, (_, i) =>
    i % time > Math.floor(i / time) ? MASKED : 0,
  );
  return float32(mask, [1, 1, time, time]);
}

/**
 * Weights as constants, stored as MatMul takes them, [inputs, outputs]; the embedding's scale is in its table.
 * Design note: MatMul and Add over [batch, time, width] rather than Gemm, because the RK3588's compiler makes them one convolution
 * with time as its width.
 */
class BakedWeights implements WeightSource {
  readonly #g: GraphBuilder;
  readonly #weights: Weights;
  readonly #embeddings: ReturnType<typeof embeddingNames>;
  readonly #tables: Lengths;
  readonly #positionsOf: Pick<ArchConfig, 'encoderEmbedDim' | 'decoderEmbedDim'>;

  constructor(
    g: GraphBuilder,
    weights: Weights,
    vocabulary: VocabularyDims,
    tables: Lengths,
    positionsOf: Pick<ArchConfig, 'encoderEmbedDim' | 'decoderEmbedDim'>,
  ) {
    this.#g = g;
    this.#weights = weights;
    this.#embeddings = embeddingNames(vocabulary);
    this.#tables = tables;
    this.#positionsOf = positionsOf;
  }

  linear(x: Value, name: string): Value {
    const { op } = this.#g;
    const weight = this.#g.initializer(`${name}.weight`, transposed(this.#weights[`${name}.weight`]));
    const bias = this.#g.initializer(`${name}.bias`, this.#weights[`${name}.bias`]);
    return op.add(op.matmul(x, weight), bias);
  }

  norm(x: Value, name: string): Value {
    const gain = this.#g.initializer(`${name}.gain`, this.#weights[`${name}.gain`]);
    const bias = this.#g.initializer(`${name}.bias`, this.#weights[`${name}.bias`]);
    return this.#g.op.layerNorm(x, gain, bias);
  }

  embed(ids: Value, side: 'source' | 'target', width: Size): Value {
    const columns = width.constant![0];
    const table = leadingColumns(this.#weights[this.#embeddings[side]], columns);
    const data = new Float32Array(table.data.length);
    const scale = Math.sqrt(columns);
    for (let i = 0; i < data.length; i++) data[i] = scale * table.data[i];
    return this.#g.op.gather(this.#g.initializer(`${side}.embedding`, { ...table, data }), ids);
  }

  logits(x: Value, width: Size): Value {
    const table = leadingColumns(this.#weights[this.#embeddings.output], width.constant![0]);
    return this.#g.op.matmul(x, this.#g.initializer('output.weight', transposed(table)));
  }

  positions(side: 'source' | 'target', time: Size, width: Size): Value {
    const { op } = this.#g;
    const of = side === 'source' ? 'encoderEmbedDim' : 'decoderEmbedDim';
    const table = sinusoidalPositions(this.#tables[side], this.#positionsOf[of], width.constant![0]);
    const all = this.#g.initializer(`${side}.positions`, table);
    return time.constant?.[0] === table.shape[0]
      ? all
      : op.slice(all, { axes: [0], starts: [0], ends: [time] });
  }
}

function transposed({ shape: [rows, columns], data }: TensorData<'float32'>): TensorData<'float32'> {
  const result = new Float32Array(data.length);
  const tile = 32; // tiles stay in the cache
  for (let top = 0; top < rows; top += tile)
    for (let left = 0; left < columns; left += tile)
      for (let row = top; row < Math.min(rows, top + tile); row++)
        for (let column = left; column < Math.min(columns, left + tile); column++)
          result[column * rows + row] = data[row * columns + column];
  return { dtype: 'float32', shape: [columns, rows], data: result };
}

function leadingColumns(matrix: TensorData<'float32'>, columns: number): TensorData<'float32'> {
  const [rows, all] = matrix.shape;
  if (columns === all) return matrix;
  const data = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++)
    data.set(matrix.data.subarray(row * all, row * all + columns), row * columns);
  return { dtype: 'float32', shape: [rows, columns], data };
}
