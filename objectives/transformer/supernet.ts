/**
 * The SuperTransformer as one training graph that serves every SubTransformer (arXiv 2005.14187, section 3.2): an int64 input `arch`
 * says which, and the weights are sliced by it while the graph runs. Embeddings give their first columns, linear maps their first
 * rows and columns (Q, K and V each for itself, so that the QKV dim is elastic), norms their first elements, depth its first layers.
 */
import { InvalidArgumentError } from '../../src/core/errors.ts';
import type { GraphBuilder } from '../onnx/graph-builder.ts';
import { int64, type TensorData } from '../onnx/tensor.ts';
import {
  amountName,
  amountOf,
  canonicalArch,
  isLayerPart,
  layerParts,
  rowOf,
  SIDES,
  WHOLE_PARTS,
} from './arch-config.ts';
import type { ArchChoices, ArchConfig, ArchPart, Side } from './arch-parts.ts';
import type { ArchSpace } from './arch-space.ts';
import { type ModelGraph, type ModelGraphOptions, modelGraph } from './model-graph.ts';
import { type ArchSizes, archSizes, type Size, symbol } from './sizes.ts';

/** The input that tells a SuperTransformer which SubTransformer to be. */
const ARCH_INPUT = 'arch';

/** One number of an architecture as the graph reads it: what a part amounts to. */
interface Gene {
  readonly part: ArchPart;
  /** null: of the whole architecture. */
  readonly layer: number | null;
  readonly name: string;
  /** Its value; undefined in a layer that is not there, which computes with 1. */
  readonly amountIn: (arch: ArchConfig) => number | undefined;
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
      const value = gene.amountIn(canonical);
      if (value !== undefined && (value > gene.largest || value < gene.least))
        throw new InvalidArgumentError(
          `a SubTransformer's ${gene.name} must be from ${gene.least} to ${gene.largest} in this SuperTransformer, but is ${value}`,
        );
    }
    if (this.#elastic.length === 0) return {};
    return { [ARCH_INPUT]: int64(this.#elastic.map((gene) => gene.amountIn(canonical) ?? 1)) };
  }

  /** Adds the graph: inputs `source`, `targetIn`, `arch` and one for each weight. */
  graph(g: GraphBuilder, options: ModelGraphOptions): ModelGraph {
    return modelGraph(g, this.largest, this.largest, this.#sizes(g), options);
  }

  #sizes(g: GraphBuilder): ArchSizes {
    const { op } = g;
    const { choices, maxEncoderLayers, maxDecoderLayers } = this.space;
    const input = this.#elastic.length === 0 ? null : g.input(ARCH_INPUT, 'int64', [this.#elastic.length]);
    const sizes = this.#genes.map((gene): Size => {
      if (input === null || !gene.elastic) return g.int64(gene.largest);
      return symbol(op.gather(input, g.int64(this.#elastic.indexOf(gene))), gene.name);
    });
    const sizeOf = (part: ArchPart, layer: number | null): Size =>
      sizes[this.#genes.findIndex((gene) => gene.part === part && gene.layer === layer)];
    const leastLayers = (side: Side): number => Math.min(...choices[`${side}LayerNum`]);
    return archSizes({
      leastEncoderLayers: leastLayers('encoder'),
      mostAttended: Math.max(...amountsOf('decoderArbitraryEndeAttn', choices, [maxEncoderLayers])),
      layers: { encoder: maxEncoderLayers, decoder: maxDecoderLayers },
      sizeOf,
      alive: (side, layer) =>
        layer < leastLayers(side) ? null : op.less(g.int64(layer), sizeOf(`${side}LayerNum`, null)),
    });
  }
}

function genesOf({ choices }: ArchSpace, largest: ArchConfig): Gene[] {
  return [...WHOLE_PARTS, ...SIDES.flatMap(layerParts)].flatMap((part) => {
    const amounts = amountsOf(part, choices, choices.encoderLayerNum);
    const elastic = amounts.size > 1;
    const isBounded = !elastic || ['layers', 'reach'].includes(rowOf(part).values);
    const geneOf = (name: string, layer: number | null): Gene => {
      const amountIn = (arch: ArchConfig): number | undefined => {
        const value = isLayerPart(part) ? arch[part][layer ?? 0] : arch[part];
        return value === undefined ? undefined : amountOf(part, value, arch.encoderLayerNum);
      };
      const least = isBounded ? Math.min(...amounts) : 1;
      return { part, layer, name, amountIn, least, largest: amountIn(largest) ?? least, elastic };
    };
    if (!isLayerPart(part)) return [geneOf(part, null)];
    return largest[part].map((_, layer) => geneOf(`${amountName(part)}.${layer}`, layer));
  });
}

/** All that the choices of a part can amount to in encoders of these depths. */
function amountsOf(part: ArchPart, choices: ArchChoices, depths: readonly number[]): ReadonlySet<number> {
  return new Set(depths.flatMap((depth) => choices[part].map((value) => amountOf(part, value, depth))));
}
