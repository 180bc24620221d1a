import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BpeTokenizer, trainTokenizers } from '../../objectives/translation/bpe-tokenizer.ts';
import { generateTask } from '../../objectives/translation/generated-task.ts';
import { BOS_ID, EOS_ID, PAD_ID, UNKNOWN_ID } from '../../objectives/translation/special-tokens.ts';
import { InvalidArgumentError, InvalidDataError } from '../../src/core/errors.ts';

const { train } = generateTask({ seed: 3, trainPairs: 800, validPairs: 1 });
const tokenizer = BpeTokenizer.train(train.source, { vocabSize: 200 });

describe('BpeTokenizer', () => {
  it('gives the same vocabulary for the same lines', () => {
    expect(BpeTokenizer.train(train.source, { vocabSize: 200 }).toJson()).toBe(tokenizer.toJson());
  });

  it('gives the special tokens ids 0 to 3 and keeps to the size asked for', () => {
    const { vocab } = JSON.parse(tokenizer.toJson()).model as { vocab: Record<string, number> };
    expect([vocab['<pad>'], vocab['<s>'], vocab['</s>'], vocab['<unk>']]).toEqual([
      PAD_ID,
      BOS_ID,
      EOS_ID,
      UNKNOWN_ID,
    ]);
    expect(tokenizer.vocabSize).toBe(200);
    expect(Object.values(vocab).sort((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, i) => i));
  });

  it('decodes what it encoded, and uses no special token for ordinary text', async () => {
    const ids = await tokenizer.encode(train.source);
    expect(ids.every((line) => line.every((id) => id > UNKNOWN_ID && id < tokenizer.vocabSize))).toBe(true);
    expect(await tokenizer.decode(ids)).toEqual(train.source);
  });

  it('round-trips any sequence of words of known characters', async () => {
    const word = fc.array(fc.constantFrom(...'abcdefghilmnoprstu.123'), { minLength: 1, maxLength: 9 });
    await fc.assert(
      fc.asyncProperty(fc.array(word, { minLength: 1, maxLength: 8 }), async (words) => {
        const line = words.map((letters) => letters.join('')).join(' ');
        expect(await tokenizer.decode(await tokenizer.encode([line]))).toEqual([line]);
      }),
      { numRuns: 50 },
    );
  });

  it('shares frequent words out as single tokens', async () => {
    const [ids] = await tokenizer.encode(['the']);
    expect(ids.length).toBe(1);
  });

  it('a smaller vocabulary is a prefix of a bigger one', () => {
    const vocabOf = (t: BpeTokenizer) => JSON.parse(t.toJson()).model.vocab as Record<string, number>;
    const small = BpeTokenizer.train(train.source, { vocabSize: 120 });
    const inBig = vocabOf(tokenizer);
    for (const [token, id] of Object.entries(vocabOf(small))) expect(inBig[token]).toBe(id);
  });

  it('reads unknown characters as <unk>', async () => {
    const [ids] = await tokenizer.encode(['the ☃☃']);
    expect(ids[ids.length - 1]).toBe(UNKNOWN_ID);
  });

  it('never takes text for a special token', async () => {
    const marked = BpeTokenizer.train(Array(50).fill('a<s>b </s> <pad> <unk>'), { vocabSize: 60 });
    const [ids] = await marked.encode(['a<s>b </s> <pad> <unk> <s>']);
    expect([...ids].every((id) => id > UNKNOWN_ID)).toBe(true);
    expect(await marked.decode([ids])).toEqual(['a<s>b </s> <pad> <unk> <s>']);
  });

  it('decodes up to </s> and skips <s> and <pad>', async () => {
    const [ids] = await tokenizer.encode(['the dog']);
    const sequence = [BOS_ID, ...ids, EOS_ID, ...ids, PAD_ID];
    expect(await tokenizer.decode([sequence, [EOS_ID], []])).toEqual(['the dog', '', '']);
  });

  it('is the same after JSON', async () => {
    const copy = BpeTokenizer.fromJson(tokenizer.toJson());
    expect(copy.toJson()).toBe(tokenizer.toJson());
    expect(await copy.encode(train.source)).toEqual(await tokenizer.encode(train.source));
  });

  it('learns one joint vocabulary, or one for each language', () => {
    const joint = trainTokenizers(train, { vocabSize: 300, joint: true });
    expect(joint.source).toBe(joint.target);
    const separate = trainTokenizers(train, { vocabSize: 300, joint: false });
    expect(separate.source.toJson()).not.toBe(separate.target.toJson());
  });

  it('refuses impossible sizes, empty text and foreign JSON', () => {
    expect(() => BpeTokenizer.train(['abc'], { vocabSize: 4 })).toThrow(InvalidArgumentError);
    expect(() => BpeTokenizer.train(['abc'], { vocabSize: 2e6 })).toThrow(/1000000/);
    expect(() => BpeTokenizer.train(['abcdef'], { vocabSize: 9 })).toThrow(/at least 11/);
    expect(() => BpeTokenizer.train(['', ' '], { vocabSize: 50 })).toThrow(InvalidDataError);
    expect(() => BpeTokenizer.fromJson('{}', 'my.json')).toThrow(/my\.json/);
    const foreign = tokenizer.toJson().replace('"<pad>":0', '"<fill>":0');
    expect(() => BpeTokenizer.fromJson(foreign)).toThrow(/<pad> must have id 0, but has null/);
  });
});
