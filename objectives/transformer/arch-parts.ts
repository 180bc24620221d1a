/**
 * The parts of an architecture, in one table: whatever a SubTransformer has a choice of has a row here. From it follow the types below,
 * the genes and their space (`arch-space.ts`), the canonical form and the key (`arch-config.ts`), the sizes that a graph is built
 * from (`sizes.ts`, `supernet.ts`), HAT's YAML keys (`hat-yaml.ts`), and the means and columns of latency tables (`latency`). What a part
 * does stands where the work is: `transformer-graph.ts`, `parameters.ts`, `count.ts`, the latency models.
 */

/** Which encoder layers a decoder layer attends to: -1 the last, 1 the last two, 2 the last three. */
export type ArbitraryEndeAttn = -1 | 1 | 2;

/** One row of the table: how a part is chosen, named and counted. */
export interface Part {
  /** What has a value of its own: the model, one of its sides, or each layer of a side. */
  readonly per: 'model' | Side | `${Side} layer`;
  /** Positive integers, of which `layers` are the side's number of layers and `heads` divide the QKV dim; or `reach`: -1, 1 or 2. */
  readonly values: 'size' | 'layers' | 'heads' | 'reach';
  /** The choices of the default configuration. */
  readonly choices: readonly number[];
  /** Stands before the value in `archKey`. */
  readonly letter: string;
  /** HAT's key of the choices, where it is not the name of the part in kebab-case with `-choice`. */
  readonly hatChoice?: string | undefined;
  /** What HAT has it fixed to: its latency tables have no column for it. */
  readonly hatFixed?: number | undefined;
  /** The name of what its values amount to in layers or widths, where that is not the value itself. */
  readonly amount?: string | undefined;
}

/** The two halves of a Transformer. */
export type Side = 'encoder' | 'decoder';

/** HAT's terms (arXiv 2005.14187) camelCased, which in kebab-case begin its YAML keys, and the elastic QKV dim; in the order of HAT's files. */
export const PARTS = {
  /** Width of each of Q, K and V in every attention block; a multiple of each head count. */
  qkvDim: { per: 'model', values: 'size', choices: [32, 64, 96, 128], letter: 'q', hatFixed: 512 },
  encoderEmbedDim: {
    per: 'encoder',
    values: 'size',
    choices: [64, 96, 128],
    letter: 'e',
    hatChoice: 'encoder-embed-choice',
  },
  decoderEmbedDim: {
    per: 'decoder',
    values: 'size',
    choices: [64, 96, 128],
    letter: 'd',
    hatChoice: 'decoder-embed-choice',
  },
  encoderLayerNum: { per: 'encoder', values: 'layers', choices: [1, 2, 3], letter: 'x' },
  decoderLayerNum: { per: 'decoder', values: 'layers', choices: [1, 2, 3], letter: 'x' },
  encoderFfnEmbedDim: { per: 'encoder layer', values: 'size', choices: [128, 256, 384], letter: 'f' },
  decoderFfnEmbedDim: { per: 'decoder layer', values: 'size', choices: [128, 256, 384], letter: 'f' },
  encoderSelfAttentionHeads: { per: 'encoder layer', values: 'heads', choices: [2, 4], letter: 'h' },
  decoderSelfAttentionHeads: { per: 'decoder layer', values: 'heads', choices: [2, 4], letter: 'h' },
  decoderEndeAttentionHeads: { per: 'decoder layer', values: 'heads', choices: [2, 4], letter: 'x' },
  /** Which encoder layers each decoder layer attends to: -1 the last, 1 the last two, 2 the last three. */
  decoderArbitraryEndeAttn: {
    per: 'decoder layer',
    values: 'reach',
    choices: [-1, 1, 2],
    letter: 'a',
    amount: 'attendedLayers',
  },
} as const satisfies Readonly<Record<string, Part>>;

type Parts = typeof PARTS;

/** 'qkvDim' | 'encoderEmbedDim' | … */
export type ArchPart = keyof Parts;
/** 'encoderFfnEmbedDim' | 'encoderSelfAttentionHeads' | … */
export type LayerPart = PartPer<`${Side} layer`>;
/** 'qkvDim' | 'encoderEmbedDim' | 'encoderLayerNum' | … */
export type WholePart = Exclude<ArchPart, LayerPart>;
/** The parts of each encoder layer, say. */
export type PartPer<Per extends Part['per']> = {
  [P in ArchPart]: Parts[P]['per'] extends Per ? P : never;
}[ArchPart];

type ValueOf<P extends ArchPart> = Parts[P]['values'] extends 'reach' ? ArbitraryEndeAttn : number;
/** The name of what a part amounts to: 'attendedLayers' for 'decoderArbitraryEndeAttn', else the part's own. */
export type AmountName<P extends ArchPart> = Parts[P] extends { readonly amount: infer Name extends string }
  ? Name
  : P;

/**
 * A SubTransformer's architecture. Canonical: every per-layer list is exactly as long as its layer number, so equal architectures are
 * equal data.
 *
 * ```ts
 * {
 *   qkvDim: number;
 *   encoderEmbedDim: number;
 *   encoderLayerNum: number;
 *   encoderFfnEmbedDim: readonly number[];
 *   encoderSelfAttentionHeads: readonly number[];
 *   decoderEmbedDim: number;
 *   decoderLayerNum: number;
 *   decoderFfnEmbedDim: readonly number[];
 *   decoderSelfAttentionHeads: readonly number[];
 *   decoderEndeAttentionHeads: readonly number[];
 *   decoderArbitraryEndeAttn: readonly (-1 | 1 | 2)[];
 * }
 * ```
 */
export type ArchConfig = {
  readonly [P in keyof Parts]: P extends LayerPart ? readonly ValueOf<P>[] : ValueOf<P>;
};

/**
 * What each part may be; per-layer parts have the same choices in every layer. The first choice fills dead genes.
 *
 * `{ qkvDim: readonly number[]; encoderFfnEmbedDim: readonly number[]; … }`, a list for each field of an {@link ArchConfig}.
 */
export type ArchChoices = { readonly [P in keyof Parts]: readonly ValueOf<P>[] };

/**
 * An architecture by the means of its layers.
 *
 * `{ qkvDim: number; encoderFfnEmbedDim: number; … }`, a number for each field of an {@link ArchConfig}, but with `attendedLayers`
 * (1 to 3) for `decoderArbitraryEndeAttn`.
 */
export type ArchSummary = { readonly [P in keyof Parts as AmountName<P>]: number };
