/**
 * A SubTransformer's architecture, with HAT's terms (arXiv 2005.14187) camelCased, and the elastic QKV dim. Canonical: every
 * per-layer list is exactly as long as its layer number, so equal architectures are equal data.
 */
export interface ArchConfig {
  /** Width of each of Q, K and V in every attention block; a multiple of each head count. */
  readonly qkvDim: number;
  readonly encoderEmbedDim: number;
  readonly encoderLayerNum: number;
  readonly encoderFfnEmbedDim: readonly number[];
  readonly encoderSelfAttentionHeads: readonly number[];
  readonly decoderEmbedDim: number;
  readonly decoderLayerNum: number;
  readonly decoderFfnEmbedDim: readonly number[];
  readonly decoderSelfAttentionHeads: readonly number[];
  readonly decoderEndeAttentionHeads: readonly number[];
  /** Which encoder layers each decoder layer attends to: -1 the last, 1 the last two, 2 the last three. */
  readonly decoderArbitraryEndeAttn: readonly (-1 | 1 | 2)[];
}

/** What a SubTransformer needs besides its architecture to be built or costed. */
export interface ModelDims {
  readonly sourceVocabSize: number;
  readonly targetVocabSize: number;
  /** Tokens of the source sentence. */
  readonly sourceLength: number;
  /** Tokens of the target sentence. */
  readonly targetLength: number;
}
