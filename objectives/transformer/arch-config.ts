import { InvalidArgumentError } from '../../src/core/errors.ts';

/** Which encoder layers a decoder layer attends to: -1 the last, 1 the last two, 2 the last three. */
export type ArbitraryEndeAttn = -1 | 1 | 2;

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
  readonly decoderArbitraryEndeAttn: readonly ArbitraryEndeAttn[];
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

/** How many of the last encoder layers a decoder layer attends to: min(1, 2 or 3, encoder layers). */
export function attendedLayers(value: ArbitraryEndeAttn, encoderLayerNum: number): number {
  return Math.min(value === -1 ? 1 : value + 1, encoderLayerNum);
}

/** The inverse of {@link attendedLayers} for 1, 2 or 3 layers. */
export function arbitraryEndeAttn(layers: number): ArbitraryEndeAttn {
  return layers <= 1 ? -1 : layers === 2 ? 1 : 2;
}

/** Equal architectures have equal keys; readable, e.g. `q64 e64x1 f128 h4 d64x1 f128 h4 x4 a-1`. */
export function archKey(arch: ArchConfig): string {
  return [
    `q${arch.qkvDim}`,
    `e${arch.encoderEmbedDim}x${arch.encoderLayerNum}`,
    `f${arch.encoderFfnEmbedDim.join(',')}`,
    `h${arch.encoderSelfAttentionHeads.join(',')}`,
    `d${arch.decoderEmbedDim}x${arch.decoderLayerNum}`,
    `f${arch.decoderFfnEmbedDim.join(',')}`,
    `h${arch.decoderSelfAttentionHeads.join(',')}`,
    `x${arch.decoderEndeAttentionHeads.join(',')}`,
    `a${arch.decoderArbitraryEndeAttn.join(',')}`,
  ].join(' ');
}

/**
 * The same architecture in canonical form: lists cut to the layer numbers, and arbitrary attention that reaches beyond the
 * encoder's depth written as what it does.
 * @throws InvalidArgumentError if a list is too short, a number is not a positive integer, heads do not divide the QKV dim,
 * or an arbitrary attention value is unknown.
 */
export function canonicalArch(arch: ArchConfig): ArchConfig {
  for (const name of [
    'qkvDim',
    'encoderEmbedDim',
    'encoderLayerNum',
    'decoderEmbedDim',
    'decoderLayerNum',
  ] as const)
    if (!Number.isSafeInteger(arch[name]) || arch[name] < 1)
      throw new InvalidArgumentError(`${name} must be a positive integer, but is ${arch[name]}`);
  const cut = (
    name:
      | 'encoderFfnEmbedDim'
      | 'encoderSelfAttentionHeads'
      | 'decoderFfnEmbedDim'
      | 'decoderSelfAttentionHeads'
      | 'decoderEndeAttentionHeads',
  ): readonly number[] => {
    const count = name.startsWith('encoder') ? arch.encoderLayerNum : arch.decoderLayerNum;
    const values = arch[name].slice(0, count);
    if (values.length < count)
      throw new InvalidArgumentError(
        `${name} needs one value for each of ${count} layers, but is [${arch[name]}]`,
      );
    for (const value of values) {
      if (!Number.isSafeInteger(value) || value < 1)
        throw new InvalidArgumentError(`${name} must hold positive integers, but is [${arch[name]}]`);
      if (name.endsWith('Heads') && arch.qkvDim % value !== 0)
        throw new InvalidArgumentError(
          `qkvDim must be a multiple of every head count, but qkvDim ${arch.qkvDim} is not a multiple of ` +
            `${value} (${name}); take one of the divisors of ${arch.qkvDim}`,
        );
    }
    return values;
  };
  if (arch.decoderArbitraryEndeAttn.length < arch.decoderLayerNum)
    throw new InvalidArgumentError(
      `decoderArbitraryEndeAttn needs one value for each of ${arch.decoderLayerNum} layers, but is ` +
        `[${arch.decoderArbitraryEndeAttn}]`,
    );
  if (!arch.decoderArbitraryEndeAttn.every((value) => [-1, 1, 2].includes(value)))
    throw new InvalidArgumentError(
      `decoderArbitraryEndeAttn must hold -1 (the last encoder layer), 1 (the last two) or 2 (the last three), but is ` +
        `[${arch.decoderArbitraryEndeAttn}]`,
    );
  return {
    qkvDim: arch.qkvDim,
    encoderEmbedDim: arch.encoderEmbedDim,
    encoderLayerNum: arch.encoderLayerNum,
    encoderFfnEmbedDim: cut('encoderFfnEmbedDim'),
    encoderSelfAttentionHeads: cut('encoderSelfAttentionHeads'),
    decoderEmbedDim: arch.decoderEmbedDim,
    decoderLayerNum: arch.decoderLayerNum,
    decoderFfnEmbedDim: cut('decoderFfnEmbedDim'),
    decoderSelfAttentionHeads: cut('decoderSelfAttentionHeads'),
    decoderEndeAttentionHeads: cut('decoderEndeAttentionHeads'),
    decoderArbitraryEndeAttn: arch.decoderArbitraryEndeAttn
      .slice(0, arch.decoderLayerNum)
      .map((value) => arbitraryEndeAttn(attendedLayers(value, arch.encoderLayerNum))),
  };
}
