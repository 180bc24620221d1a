/**
 * The SuperTransformer as one training graph that serves every SubTransformer (arXiv 2005.14187, section 3.2): an int64 input `arch`
 * says which, and the weights are sliced by it while the graph runs. Embeddings give their first columns, linear maps their first
 * rows and columns (Q, K and V each for itself, so that the QKV dim is elastic), norms their first elements, depth its first layers.
 */
import { InvalidArgumentError } from '../../src/core/errors.ts';
import type { Value } from '../onnx/graph.ts';
import type { GraphBuilder } from '../onnx/graph-builder.ts';
import { int64, type TensorData } from '../onnx/tensor.ts';
import { type ArchConfig, attendedLayers, canonicalArch } from './arch-config.ts';
import type { ArchSpace } from './arch-space.ts';
import { type ModelGraph, type ModelGraphOptions, modelGraph } from './model-graph.ts';
import { type ArchSizes, type Size, symbol } from './sizes.ts';

/** The input that tells a SuperTransformer which SubTransformer to be. */
export const ARCH_INPUT = 'arch';

/** One number of an architecture as the graph reads it. */
interface Gene {
  readonly name: string;
  /** Its value; undefined in a layer that is not there, which computes with 1. */
  readonly valueOf: (arch: ArchConfig) => number | undefined;
  readonly least: number;
  readonly largest: number;
  /** Whether it can be anything but `largest`; if not, the graph holds it as a constant. */
  readonly elastic: boolean;
}

/** What a SuperTransformer's graph and its feeds agree on: which numbers of an architecture are elastic, and in what order they are fed. */
export class Supernet {
  readonly space: ArchSpace;
  /** The SuperTransformer's own architecture: its weights have `parameterShapes(largest, vocabulary)`. */
  readonly largest: ArchConfig;
  readonly #genes: readonly Gene[];
  readonly #elastic: readonly Gene[];

  constructor(space: ArchSpace) {
    this.space = space;
    this.largest = space.largest();
    this.#genes = genesOf(space, this.largest);
    this.#elastic = this.#genes.filter((gene) => gene.elastic);
  }

  /**
   * The feed that makes the graph this SubTransformer; nothing if no part is elastic. Sizes between the choices will do too.
   * @throws InvalidArgumentError naming the first number that the SuperTransformer cannot be.
   */
  archFeeds(arch: ArchConfig): Record<string, TensorData<'int64'>> {
    const canonical = canonicalArch(arch);
    for (const gene of this.#genes) {
      const value = gene.valueOf(canonical);
      if (value !== undefined && (value > gene.largest || value < gene.least))
        throw new InvalidArgumentError(
          `a SubTransformer's ${gene.name} must be from ${gene.least} to ${gene.largest} in this SuperTransformer, but is ${value}`,
        );
    }
    if (this.#elastic.length === 0) return {};
    return { [ARCH_INPUT]: int64(this.#elastic.map((gene) => gene.valueOf(canonical) ?? 1)) };
  }

  /** Adds the graph: inputs `source`, `targetIn`, `arch` and one for each weight. */
  graph(g: GraphBuilder, options: ModelGraphOptions): ModelGraph {
    return modelGraph(g, this.largest, this.largest, this.#sizes(g), options);
  }

  #sizes(g: GraphBuilder): ArchSizes {
    const { op } = g;
    const { choices, maxEncoderLayers, maxDecoderLayers } = this.space;
    const input = this.#elastic.length === 0 ? null : g.input(ARCH_INPUT, 'int64', [this.#elastic.length]);
    const size = (name: string): Size => {
      const gene = this.#genes.find((candidate) => candidate.name === name)!;
      if (input === null || !gene.elastic) return g.int64(gene.largest);
      return symbol(op.gather(input, g.int64(this.#elastic.indexOf(gene))), name);
    };
    const alive = (layer: number, layerNum: Size, least: number): Value | null =>
      layer < least ? null : op.less(g.int64(layer), layerNum);
    const encoderLayerNum = size('encoderLayerNum');
    const decoderLayerNum = size('decoderLayerNum');
    const leastEncoderLayers = Math.min(...choices.encoderLayerNum);
    const leastDecoderLayers = Math.min(...choices.decoderLayerNum);
    return {
      qkvDim: size('qkvDim'),
      encoderEmbedDim: size('encoderEmbedDim'),
      decoderEmbedDim: size('decoderEmbedDim'),
      encoderLayerNum,
      leastEncoderLayers,
      mostAttended: Math.max(
        ...choices.decoderArbitraryEndeAttn.map((value) => attendedLayers(value, maxEncoderLayers)),
      ),
      encoder: Array.from({ length: maxEncoderLayers }, (_, layer) => ({
        ffn: size(`encoderFfnEmbedDim.${layer}`),
        heads: size(`encoderSelfAttentionHeads.${layer}`),
        alive: alive(layer, encoderLayerNum, leastEncoderLayers),
      })),
      decoder: Array.from({ length: maxDecoderLayers }, (_, layer) => ({
        ffn: size(`decoderFfnEmbedDim.${layer}`),
        selfHeads: size(`decoderSelfAttentionHeads.${layer}`),
        endeHeads: size(`decoderEndeAttentionHeads.${layer}`),
        attended: size(`attended.${layer}`),
        alive: alive(layer, decoderLayerNum, leastDecoderLayers),
      })),
    };
  }
}

function genesOf(space: ArchSpace, largest: ArchConfig): Gene[] {
  const { choices } = space;
  const whole = (
    ['qkvDim', 'encoderEmbedDim', 'decoderEmbedDim', 'encoderLayerNum', 'decoderLayerNum'] as const
  ).map(
    (name): Gene => ({
      name,
      valueOf: (arch) => arch[name],
      least: name.endsWith('LayerNum') || choices[name].length === 1 ? Math.min(...choices[name]) : 1,
      largest: largest[name],
      elastic: choices[name].length > 1,
    }),
  );
  const perLayer = (
    part:
      | 'encoderFfnEmbedDim'
      | 'encoderSelfAttentionHeads'
      | 'decoderFfnEmbedDim'
      | 'decoderSelfAttentionHeads'
      | 'decoderEndeAttentionHeads',
  ): Gene[] =>
    largest[part].map((most, layer) => ({
      name: `${part}.${layer}`,
      valueOf: (arch) => arch[part][layer],
      least: choices[part].length === 1 ? most : 1,
      largest: most,
      elastic: choices[part].length > 1,
    }));
  const reaches = new Set(
    choices.encoderLayerNum.flatMap((layers) =>
      choices.decoderArbitraryEndeAttn.map((value) => attendedLayers(value, layers)),
    ),
  );
  const attended = largest.decoderArbitraryEndeAttn.map(
    (most, layer): Gene => ({
      name: `attended.${layer}`,
      valueOf: ({ decoderArbitraryEndeAttn: values, encoderLayerNum }) =>
        values[layer] === undefined ? undefined : attendedLayers(values[layer], encoderLayerNum),
      least: Math.min(...reaches),
      largest: attendedLayers(most, largest.encoderLayerNum),
      elastic: reaches.size > 1,
    }),
  );
  return [
    ...whole,
    ...perLayer('encoderFfnEmbedDim'),
    ...perLayer('encoderSelfAttentionHeads'),
    ...perLayer('decoderFfnEmbedDim'),
    ...perLayer('decoderSelfAttentionHeads'),
    ...perLayer('decoderEndeAttentionHeads'),
    ...attended,
  ];
}
