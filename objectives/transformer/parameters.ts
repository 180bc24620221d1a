/** The weights of a (Super)Transformer: names, shapes, initial values, and the slice that a SubTransformer inherits. */

import { InvalidArgumentError } from '../../src/core/errors.ts';
import type { Rng } from '../../src/core/rng.ts';
import { elementCount } from '../onnx/graph.ts';
import type { TensorData } from '../onnx/tensor.ts';
import type { ArchConfig } from './arch-config.ts';

/** The part of a model that the architecture does not decide. */
export interface VocabularyDims {
  readonly sourceVocabSize: number;
  readonly targetVocabSize: number;
  /** One table for source and target (HAT's `share-all-embeddings`, if it is the output's too); else one for each. */
  readonly jointVocabulary: boolean;
  /** The output matrix is a table of its own (HAT without `share-decoder-input-output-embed`). Default: it is the target's. */
  readonly separateOutput?: boolean | undefined;
  /** The token that pads sentences to one length. */
  readonly padId: number;
}

export type Weights = Readonly<Record<string, TensorData<'float32'>>>;
export type ParameterShapes = Readonly<Record<string, readonly number[]>>;

/** Names of the embedding tables and of the output matrix, which may be one of them. */
export function embeddingNames(vocabulary: VocabularyDims): {
  source: string;
  target: string;
  output: string;
} {
  const { jointVocabulary, separateOutput = false } = vocabulary;
  const target = jointVocabulary ? 'embedding' : 'decoder.embedding';
  return {
    source: jointVocabulary ? target : 'encoder.embedding',
    target,
    output: separateOutput ? 'decoder.output' : target,
  };
}

/**
 * Shapes of all trainable weights of an architecture, of the SuperTransformer as of any SubTransformer: linear weights
 * [outputs, inputs], biases [outputs], embeddings [vocabulary, embed dim], norms [embed dim].
 * @throws InvalidArgumentError if a joint vocabulary has two sizes.
 */
export function parameterShapes(arch: ArchConfig, vocabulary: VocabularyDims): ParameterShapes {
  const { qkvDim: q, encoderEmbedDim: e, decoderEmbedDim: d } = arch;
  const { sourceVocabSize, targetVocabSize, jointVocabulary } = vocabulary;
  if (jointVocabulary && sourceVocabSize !== targetVocabSize)
    throw new InvalidArgumentError(
      `a joint vocabulary has one size, but sourceVocabSize is ${sourceVocabSize} and targetVocabSize ${targetVocabSize}`,
    );
  const shapes: Record<string, readonly number[]> = {};
  const linear = (name: string, inputs: number, outputs: number): void => {
    shapes[`${name}.weight`] = [outputs, inputs];
    shapes[`${name}.bias`] = [outputs];
  };
  const norm = (name: string, width: number): void => {
    shapes[`${name}.gain`] = [width];
    shapes[`${name}.bias`] = [width];
  };
  const attention = (name: string, width: number, memoryWidth: number): void => {
    linear(`${name}.query`, width, q);
    linear(`${name}.key`, memoryWidth, q);
    linear(`${name}.value`, memoryWidth, q);
    linear(`${name}.out`, q, width);
    norm(`${name}.norm`, width);
  };
  const feedForward = (name: string, width: number, inner: number): void => {
    linear(`${name}.in`, width, inner);
    linear(`${name}.out`, inner, width);
    norm(`${name}.norm`, width);
  };
  const names = embeddingNames(vocabulary);
  shapes[names.source] = [sourceVocabSize, jointVocabulary ? Math.max(e, d) : e];
  if (!jointVocabulary) shapes[names.target] = [targetVocabSize, d];
  if (names.output !== names.target) shapes[names.output] = [targetVocabSize, d];
  arch.encoderFfnEmbedDim.forEach((inner, layer) => {
    attention(`encoder.${layer}.self`, e, e);
    feedForward(`encoder.${layer}.ffn`, e, inner);
  });
  arch.decoderFfnEmbedDim.forEach((inner, layer) => {
    attention(`decoder.${layer}.self`, d, d);
    attention(`decoder.${layer}.ende`, d, e);
    feedForward(`decoder.${layer}.ffn`, d, inner);
  });
  return shapes;
}

/**
 * HAT's (fairseq's) initial weights: Xavier-uniform linears (Q, K and V as the one matrix that fairseq makes of them), zero biases,
 * embeddings N(0, 1 / embed dim) with a zero row for padding, unit norms. Each tensor draws from its own generator, so it does not
 * depend on the others.
 */
export function initialWeights(arch: ArchConfig, vocabulary: VocabularyDims, rng: Rng): Weights {
  const names = embeddingNames(vocabulary);
  const entries = Object.entries(parameterShapes(arch, vocabulary)).map(([name, shape]) => {
    const data = new Float32Array(elementCount(shape));
    const tensorRng = rng.fork(name);
    const [rows, columns] = shape;
    if (Object.values(names).includes(name)) {
      for (let i = 0; i < data.length; i++) data[i] = tensorRng.normal() / Math.sqrt(columns);
      if (name === names.source || name === names.target)
        data.fill(0, vocabulary.padId * columns, (vocabulary.padId + 1) * columns);
    } else if (name.endsWith('.gain')) data.fill(1);
    else if (name.endsWith('.weight')) {
      const outputs = /\.(query|key|value)\.weight$/.test(name) ? 3 * rows : rows;
      const bound = Math.sqrt(6 / (columns + outputs));
      for (let i = 0; i < data.length; i++) data[i] = tensorRng.uniformIn(-bound, bound);
    }
    return [name, { dtype: 'float32', shape, data } satisfies TensorData<'float32'>];
  });
  return Object.fromEntries(entries);
}

/**
 * The weights that a SubTransformer inherits: of every tensor its leading rows and columns, of the layers the first.
 * @throws InvalidArgumentError if the architecture is larger than the SuperTransformer, naming the tensor.
 */
export function extractWeights(
  superWeights: Weights,
  arch: ArchConfig,
  vocabulary: VocabularyDims,
): Record<string, TensorData<'float32'>> {
  const entries = Object.entries(parameterShapes(arch, vocabulary)).map(([name, shape]) => {
    const source = superWeights[name];
    if (source === undefined || shape.some((extent, axis) => extent > source.shape[axis]))
      throw new InvalidArgumentError(
        `a SubTransformer must lie within the SuperTransformer, but needs ${name} [${shape}], of which there is ` +
          `${source === undefined ? 'none' : `[${source.shape}]`}`,
      );
    return [name, prefix(source, shape)];
  });
  return Object.fromEntries(entries);
}

/** @throws InvalidArgumentError naming the first weight of the architecture that is missing or has another shape. */
export function assertWeights(weights: Weights, arch: ArchConfig, vocabulary: VocabularyDims): void {
  for (const [name, shape] of Object.entries(parameterShapes(arch, vocabulary))) {
    const actual = weights[name]?.shape;
    if (actual?.length === shape.length && shape.every((extent, axis) => extent === actual[axis])) continue;
    throw new InvalidArgumentError(
      `a SubTransformer's weights must have its own shapes (see extractWeights), but ${name} should be [${shape}] and is ` +
        `${actual === undefined ? 'missing' : `[${actual}]`}`,
    );
  }
}

/** The leading rows and columns of a vector or matrix. */
function prefix(source: TensorData<'float32'>, shape: readonly number[]): TensorData<'float32'> {
  const columns = shape[shape.length - 1];
  const sourceColumns = source.shape[shape.length - 1];
  const rows = shape.length === 2 ? shape[0] : 1;
  const data = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++)
    data.set(source.data.subarray(row * sourceColumns, row * sourceColumns + columns), row * columns);
  return { dtype: 'float32', shape, data };
}
