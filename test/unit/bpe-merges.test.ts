/** Our trainer of byte-pair encoding against HuggingFace's, and what it does with more characters than a vocabulary holds. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as native from 'tokenizers';
import { afterAll, describe, expect, it } from 'vitest';
import { countWords, coveringCharacters, learnMerges } from '../../objectives/translation/bpe-merges.ts';
import { BpeTokenizer } from '../../objectives/translation/bpe-tokenizer.ts';
import { generateTask } from '../../objectives/translation/generated-task.ts';
import { UNKNOWN_ID } from '../../objectives/translation/special-tokens.ts';
import { Rng } from '../../src/core/rng.ts';

const folder = mkdtempSync(join(tmpdir(), 'thanos-bpe-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What the trainer of the `tokenizers` package learns: up to 30,000 tokens. It writes line feeds to standard output. */
function nativeMerges(lines: readonly string[]): unknown {
  const [text, json] = ['text', 'json'].map((name) => join(folder, name));
  writeFileSync(text, `${lines.join('\n')}\n`);
  const learner = new native.Tokenizer(native.BPE.empty());
  learner.setPreTokenizer(
    native.sequencePreTokenizer([native.whitespaceSplitPreTokenizer(), native.metaspacePreTokenizer()]),
  );
  learner.train([text]);
  learner.save(json);
  return JSON.parse(readFileSync(json, 'utf8')).model.merges;
}

function ourMerges(lines: readonly string[], size = 30_000) {
  const words = countWords(lines);
  return learnMerges(words, coveringCharacters(words, 1), size).merges;
}

describe('byte-pair merges', () => {
  it("are those of HuggingFace's trainer, in its order, on sentences", () => {
    const { train } = generateTask({ seed: 4, trainPairs: 1500, validPairs: 1 });
    const lines = [...train.source, ...train.target];
    const merges = ourMerges(lines);
    expect(merges.length).toBeGreaterThan(500);
    expect(merges).toEqual(nativeMerges(lines));
    expect(ourMerges(lines, 200)).toEqual(
      merges.slice(0, 200 - new Set(`▁${lines.join('')}`.replaceAll(' ', '')).size),
    );
  });

  it.each(Array.from({ length: 25 }, (_, seed) => seed))(
    'are so on words of few letters, where most counts are equal (%d)',
    (seed) => {
      const rng = Rng.keyed(seed, 'bpe');
      const letters = [...'aabcd▁é'].slice(0, 2 + rng.int(6));
      const word = () => Array.from({ length: 1 + rng.int(9) }, () => rng.pick(letters)).join('');
      const line = () =>
        Array.from({ length: 1 + rng.int(6) }, word).join(
          rng.pick([' ', '\t', '\u00a0', '\u0085', '\ufeff']),
        );
      const lines = Array.from({ length: 1 + rng.int(8) }, line);
      expect(ourMerges(lines)).toEqual(nativeMerges(lines));
    },
  );
});

describe('a vocabulary', () => {
  /** A hundred common words, and `count` characters that occur once each. */
  const withRare = (count: number) => [
    ...Array.from({ length: 4000 }, (_, i) => `common words of line ${i % 100}`),
    ...Array.from({ length: count }, (_, i) => `the ${String.fromCodePoint(0x4e00 + i)}`),
  ];

  it('leaves the rarest characters out where all would fill it, and reads them as unknown', async () => {
    const tokenizer = BpeTokenizer.train(withRare(40), { vocabSize: 120 });
    expect(tokenizer.vocabSize).toBeLessThanOrEqual(120);
    const [common, rare] = await tokenizer.encode(['common words of line', 'the 一']);
    expect([...common].every((id) => id > UNKNOWN_ID)).toBe(true);
    expect(rare[rare.length - 1]).toBe(UNKNOWN_ID);
  });

  it('holds them all where there is room, or where it is asked to', async () => {
    for (const options of [{ vocabSize: 400 }, { vocabSize: 120, characterCoverage: 1 }]) {
      const tokenizer = BpeTokenizer.train(withRare(40), options);
      const [rare] = await tokenizer.encode(['the 一']);
      expect([...rare].every((id) => id > UNKNOWN_ID)).toBe(true);
    }
  });

  it('can be larger than the 30,000 tokens of the native trainer', () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => `w${i} v${i}`);
    expect(BpeTokenizer.train(lines, { vocabSize: 30_100 }).vocabSize).toBe(30_100);
  });

  it('that cannot hold the characters is refused with both remedies', () => {
    const train = (options: { vocabSize: number; characterCoverage?: number }) => () =>
      BpeTokenizer.train(withRare(400), options);
    expect(train({ vocabSize: 200, characterCoverage: 1 })).toThrow(
      /use at least 4\d\d, .*vocabulary-size|vocabulary-size.*use at least 4\d\d.*corpus\.character-coverage/,
    );
    for (const characterCoverage of [0, 1.1, Number.NaN, -1])
      expect(train({ vocabSize: 200, characterCoverage })).toThrow(/characterCoverage must be > 0/);
  });
});
