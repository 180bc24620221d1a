import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Translator } from '../../objectives/pipeline/translator.ts';
import { ArchSpace } from '../../objectives/transformer/arch-space.ts';
import { exportForTranslation } from '../../objectives/transformer/export.ts';
import { initialWeights } from '../../objectives/transformer/parameters.ts';
import { BpeTokenizer } from '../../objectives/translation/bpe-tokenizer.ts';
import { PAD_ID } from '../../objectives/translation/special-tokens.ts';
import { Rng } from '../../src/core/rng.ts';

describe('Translator', () => {
  let translator: Translator;
  beforeAll(async () => {
    const tokenizer = BpeTokenizer.train(['a man in a red coat', 'two dogs run'], { vocabSize: 40 });
    const size = tokenizer.vocabSize;
    const vocabulary = { sourceVocabSize: size, targetVocabSize: size, jointVocabulary: true, padId: PAD_ID };
    const arch = new ArchSpace({
      qkvDim: [8],
      encoderEmbedDim: [8],
      decoderEmbedDim: [8],
      encoderLayerNum: [1],
      decoderLayerNum: [1],
      encoderFfnEmbedDim: [8],
      decoderFfnEmbedDim: [8],
      encoderSelfAttentionHeads: [1],
      decoderSelfAttentionHeads: [1],
      decoderEndeAttentionHeads: [1],
      decoderArbitraryEndeAttn: [-1],
    }).smallest();
    const weights = initialWeights(arch, vocabulary, Rng.keyed(1, 'weights'));
    const models = exportForTranslation(weights, arch, 12, { vocabulary });
    translator = await Translator.open(models, tokenizer, { maxLength: 12 });
  });
  afterAll(() => translator.close());

  it('leaves blank lines blank, and translates the others as without them', async () => {
    const lines = ['a man', '', 'two dogs', ' \t '];
    const [first, blank, second, spaces] = await translator.translate(lines);
    expect([blank, spaces]).toEqual(['', '']);
    expect([first, second]).toEqual(await translator.translate(['a man', 'two dogs']));
    expect(first).not.toBe('');
    expect(await translator.translate([''])).toEqual(['']);
    expect(await translator.translate([])).toEqual([]);
  });

  it('refuses a length penalty that is no number', async () => {
    await expect(translator.translate(['a man'], { lengthPenalty: Number.NaN })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });
});
