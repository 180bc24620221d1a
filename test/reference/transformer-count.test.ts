import { describe, expect, it } from 'vitest';
import type { ArchConfig } from '../../objectives/transformer/arch-config.ts';
import {
  embeddingParameterCount,
  flopCount,
  outputFlopCount,
  parameterCount,
} from '../../objectives/transformer/count.ts';
import { parameterShapes } from '../../objectives/transformer/parameters.ts';

const base = { qkvDim: 512, encoderEmbedDim: 512, decoderEmbedDim: 512, encoderLayerNum: 6 };
const repeat = (layers: number, value: number): number[] => Array.from({ length: layers }, () => value);

/**
 * Configurations from mit-han-lab/hardware-aware-transformers 35d1282 (configs/<task>/subtransformer), with the parameters (M)
 * and FLOPs (G) that its README gives for them; sentences of 30 tokens for WMT, 23 for IWSLT.
 */
const ROWS: [name: string, tokens: number, parametersM: number, flopsG: number, arch: ArchConfig][] = [
  [
    'HAT_wmt14ende_raspberrypi@4.0s',
    30,
    29.42,
    1.78,
    {
      ...base,
      encoderFfnEmbedDim: [3072, 2048, 3072, 2048, 3072, 2048],
      encoderSelfAttentionHeads: [8, 8, 8, 4, 8, 8],
      decoderLayerNum: 2,
      decoderFfnEmbedDim: [1024, 2048],
      decoderSelfAttentionHeads: [4, 4],
      decoderEndeAttentionHeads: [8, 8],
      decoderArbitraryEndeAttn: [-1, -1],
    },
  ],
  [
    'HAT_wmt14ende_titanxp@146.7ms',
    30,
    51.2,
    3.17,
    {
      ...base,
      encoderEmbedDim: 640,
      decoderEmbedDim: 640,
      encoderFfnEmbedDim: repeat(6, 3072),
      encoderSelfAttentionHeads: [4, 8, 8, 8, 4, 4],
      decoderLayerNum: 3,
      decoderFfnEmbedDim: repeat(3, 3072),
      decoderSelfAttentionHeads: [8, 8, 8],
      decoderEndeAttentionHeads: [4, 8, 8],
      decoderArbitraryEndeAttn: [-1, 1, 1],
    },
  ],
  [
    'HAT_wmt19ende_titanxp@55.7ms',
    30,
    36.89,
    2.27,
    {
      ...base,
      encoderEmbedDim: 640,
      encoderFfnEmbedDim: repeat(6, 3072),
      encoderSelfAttentionHeads: repeat(6, 8),
      decoderLayerNum: 1,
      decoderFfnEmbedDim: [3072],
      decoderSelfAttentionHeads: [8],
      decoderEndeAttentionHeads: [8],
      decoderArbitraryEndeAttn: [1],
    },
  ],
  [
    'HAT_iwslt14deen_titanxp@137.8ms',
    23,
    27.33,
    1.32,
    {
      ...base,
      encoderFfnEmbedDim: repeat(6, 1024),
      encoderSelfAttentionHeads: repeat(6, 4),
      decoderLayerNum: 4,
      decoderFfnEmbedDim: [1024, 2048, 2048, 1024],
      decoderSelfAttentionHeads: [4, 4, 4, 2],
      decoderEndeAttentionHeads: [4, 4, 4, 4],
      decoderArbitraryEndeAttn: [2, -1, -1, -1],
    },
  ],
];

describe("parameters and FLOPs of HAT's README", () => {
  it.each(ROWS)('%s', (_, tokens, parametersM, flopsG, arch) => {
    expect((parameterCount(arch) / 1e6).toFixed(2)).toBe(parametersM.toFixed(2));
    const flops = flopCount(arch, { sourceLength: tokens, targetLength: tokens });
    expect(Math.abs(flops / 1e9 - flopsG)).toBeLessThanOrEqual(0.0101);
  });

  it.each(ROWS)(
    '%s has as many weights as its graph, embeddings apart',
    (_, _tokens, _parameters, _flops, arch) => {
      for (const jointVocabulary of [true, false]) {
        const vocabulary = { sourceVocabSize: 70, targetVocabSize: 70, jointVocabulary, padId: 0 };
        const elements = Object.values(parameterShapes(arch, vocabulary)).reduce(
          (sum, shape) => sum + shape.reduce((product, extent) => product * extent, 1),
          0,
        );
        expect(elements).toBe(
          parameterCount(arch) + embeddingParameterCount(arch, vocabulary, { jointVocabulary }),
        );
      }
    },
  );

  it('counts the tables and the output projection apart', () => {
    const arch = { ...ROWS[2][4] };
    const dims = { sourceVocabSize: 100, targetVocabSize: 200, targetLength: 7 };
    expect(embeddingParameterCount(arch, dims, { jointVocabulary: false })).toBe(100 * 640 + 200 * 512);
    expect(embeddingParameterCount(arch, dims, { jointVocabulary: true })).toBe(200 * 640);
    expect(outputFlopCount(arch, dims)).toBe(2 * 7 * 200 * 512);
  });
});
