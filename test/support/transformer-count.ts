import type { ArchConfig, ModelDims } from '../../objectives/transformer/arch-config.ts';

/**
 * Elements of the embedding tables that a deployed model holds: source, target, and the output matrix where it is not the target
 * table again.
 * @param options.jointVocabulary one table for source and target, as wide as the wider of the two.
 * @param options.separateOutput the output matrix is none of the tables.
 */
export function embeddingParameterCount(
  arch: ArchConfig,
  dims: Pick<ModelDims, 'sourceVocabSize' | 'targetVocabSize'>,
  options: { jointVocabulary: boolean; separateOutput?: boolean | undefined },
): number {
  const tables = options.jointVocabulary
    ? dims.targetVocabSize * Math.max(arch.encoderEmbedDim, arch.decoderEmbedDim)
    : dims.sourceVocabSize * arch.encoderEmbedDim + dims.targetVocabSize * arch.decoderEmbedDim;
  return options.separateOutput === true ? tables + dims.targetVocabSize * arch.decoderEmbedDim : tables;
}

/** FLOPs of the output projection over `targetLength` tokens, which HAT leaves out and a device does not. */
export function outputFlopCount(
  arch: ArchConfig,
  dims: Pick<ModelDims, 'targetVocabSize' | 'targetLength'>,
): number {
  return 2 * dims.targetLength * dims.targetVocabSize * arch.decoderEmbedDim;
}
