import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ArchConfig } from '../../objectives/transformer/arch-config.ts';
import { flopCount, parameterCount } from '../../objectives/transformer/count.ts';
import { parameterShapes } from '../../objectives/transformer/parameters.ts';
import { embeddingParameterCount, outputFlopCount } from '../support/transformer-count.ts';

/**
 * All SubTransformers of mit-han-lab/hardware-aware-transformers 35d1282 (configs/<task>/subtransformer) that its README has a row for:
 * name, tokens of source and target (30 for WMT, 23 for IWSLT), parameters (M) and FLOPs (G) as the README gives them, embed dims of
 * encoder and decoder, their FFN dims, and what each decoder layer attends to. Heads count for neither.
 * (Xeon 137.9 ms has no file: the README gives it the numbers of Titan Xp 57.1 ms.)
 */
type Row = [string, number, number, number, number, number, number[], number[], number[]];
const README = JSON.parse(readFileSync(new URL('hat-readme.json', import.meta.url), 'utf8')) as Row[];
const ROWS = README.map(
  ([name, tokens, parametersM, flopsG, encoder, decoder, encoderFfn, decoderFfn, attn]) => {
    const arch: ArchConfig = {
      qkvDim: 512,
      encoderEmbedDim: encoder,
      encoderLayerNum: encoderFfn.length,
      encoderFfnEmbedDim: encoderFfn,
      encoderSelfAttentionHeads: encoderFfn.map(() => 4),
      decoderEmbedDim: decoder,
      decoderLayerNum: decoderFfn.length,
      decoderFfnEmbedDim: decoderFfn,
      decoderSelfAttentionHeads: decoderFfn.map(() => 4),
      decoderEndeAttentionHeads: decoderFfn.map(() => 4),
      decoderArbitraryEndeAttn: attn as ArchConfig['decoderArbitraryEndeAttn'],
    };
    return { name, tokens, parametersM, flopsG, arch };
  },
);

describe("parameters and FLOPs of HAT's README", () => {
  it('come out as printed, in all rows but one', () => {
    expect(ROWS).toHaveLength(44);
    const counted = ROWS.map(({ name, tokens, arch }) => ({
      name,
      parametersM: (parameterCount(arch) / 1e6).toFixed(2),
      flopsG: (flopCount(arch, { sourceLength: tokens, targetLength: tokens }) / 1e9).toFixed(2),
    }));
    const printed = ROWS.map(({ name, parametersM, flopsG }) => ({
      name,
      parametersM: parametersM.toFixed(2),
      flopsG: name === 'wmt14ende_raspberrypi@6.9s' ? '3.03' : flopsG.toFixed(2),
    }));
    expect(counted).toEqual(printed);
  });

  it.each(ROWS.slice(0, 6))('$name has as many weights as its graph, embeddings apart', ({ arch }) => {
    for (const [jointVocabulary, separateOutput] of [
      [true, false],
      [false, false],
      [false, true],
    ]) {
      const vocabulary = {
        sourceVocabSize: 70,
        targetVocabSize: 70,
        jointVocabulary,
        separateOutput,
        padId: 0,
      };
      const elements = Object.values(parameterShapes(arch, vocabulary)).reduce(
        (sum, shape) => sum + shape.reduce((product, extent) => product * extent, 1),
        0,
      );
      expect(elements).toBe(parameterCount(arch) + embeddingParameterCount(arch, vocabulary, vocabulary));
    }
  });

  it('counts the tables and the output projection apart', () => {
    const arch = { ...ROWS[0].arch, encoderEmbedDim: 640 };
    const dims = { sourceVocabSize: 100, targetVocabSize: 200, targetLength: 7 };
    expect(embeddingParameterCount(arch, dims, { jointVocabulary: false })).toBe(100 * 640 + 200 * 512);
    expect(embeddingParameterCount(arch, dims, { jointVocabulary: true })).toBe(200 * 640);
    expect(outputFlopCount(arch, dims)).toBe(2 * 7 * 200 * 512);
  });
});
