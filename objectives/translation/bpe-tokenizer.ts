/**
 * Byte-pair encoding (Sennrich et al. 2016, arXiv 1508.07909) by HuggingFace's `tokenizers`. A space belongs to the
 * word that follows it, as the mark U+2581. The JSON form is a `tokenizer.json` that HuggingFace's library reads.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as Native from 'tokenizers';
import { InvalidArgumentError, InvalidDataError } from '../../src/core/errors.ts';
import { optionalPackage } from '../../src/core/optional-package.ts';
import type { ParallelText } from './parallel-corpus.ts';
import { BOS_ID, EOS_ID, PAD_ID, SPECIAL_TOKENS, UNKNOWN_ID } from './special-tokens.ts';

/** The trainer of the native package always makes this many tokens, if the text has so many. */
const NATIVE_VOCAB_SIZE = 30_000;
const CHUNK = 4096;

const native = (): typeof Native => optionalPackage<typeof Native>('tokenizers', 'byte-pair encoding');

/** What is used of the native tokenizer. */
interface NativeTokenizer {
  encodeBatch(lines: string[]): Promise<{ getIds(): number[] }[]>;
  decodeBatch(ids: number[][], skipSpecialTokens: boolean): Promise<string[]>;
  getVocabSize(): number;
  tokenToId(token: string): number | null;
}

interface BpeModelJson {
  readonly vocab: Readonly<Record<string, number>>;
  readonly merges: readonly (readonly [string, string])[];
}

export class BpeTokenizer {
  readonly #native: NativeTokenizer;
  readonly #json: string;

  private constructor(json: string) {
    this.#json = json;
    this.#native = native().Tokenizer.fromString(json);
  }

  /**
   * Learns a vocabulary; the same lines give the same vocabulary. For a joint vocabulary pass the lines of both
   * languages. Blocks its thread for about a second per 60,000 lines.
   * @param options.vocabSize upper bound on the number of tokens, the four special ones included; a small text has fewer.
   * @throws InvalidArgumentError if `vocabSize` is beyond what the native trainer makes, or leaves no room for the
   *   characters of the text; InvalidDataError if there is no text.
   */
  static train(lines: readonly string[], options: { vocabSize: number }): BpeTokenizer {
    const { vocabSize } = options;
    const maxSize = NATIVE_VOCAB_SIZE + SPECIAL_TOKENS.length;
    if (!Number.isSafeInteger(vocabSize) || vocabSize <= SPECIAL_TOKENS.length || vocabSize > maxSize)
      throw new InvalidArgumentError(
        `vocabSize must be an integer in [${SPECIAL_TOKENS.length + 1}, ${maxSize}], but is ${vocabSize}; ` +
          'a bigger vocabulary can be made elsewhere and read with BpeTokenizer.fromJson',
      );
    const learnt = learnMerges(lines);
    const { vocab, merges } = shortenVocabulary(learnt, vocabSize);
    return new BpeTokenizer(assemble(vocab, merges));
  }

  /** @throws InvalidDataError if the JSON is not a tokenizer, or its special tokens have other ids than ours. */
  static fromJson(json: string, place = 'tokenizer.json'): BpeTokenizer {
    let tokenizer: BpeTokenizer;
    try {
      tokenizer = new BpeTokenizer(json);
    } catch (cause) {
      throw new InvalidDataError(
        place,
        'the text must be the JSON of a tokenizer, but cannot be read as one',
        {
          cause,
        },
      );
    }
    SPECIAL_TOKENS.forEach((token, id) => {
      const actual = tokenizer.#native.tokenToId(token);
      if (actual !== id)
        throw new InvalidDataError(place, `token ${token} must have id ${id}, but has ${actual}`);
    });
    return tokenizer;
  }

  toJson(): string {
    return this.#json;
  }

  get vocabSize(): number {
    return this.#native.getVocabSize();
  }

  /** Ids of each line, without `<s>` and `</s>`; characters that were not in the training text become `<unk>`. */
  async encode(lines: readonly string[]): Promise<Int32Array[]> {
    const result: Int32Array[] = [];
    for (let start = 0; start < lines.length; start += CHUNK) {
      const encodings = await this.#native.encodeBatch(lines.slice(start, start + CHUNK));
      for (const encoding of encodings) result.push(Int32Array.from(encoding.getIds()));
    }
    return result;
  }

  /** Text of each sequence up to its first `</s>`; `<pad>` and `<s>` are left out. Inverse of `encode` for known characters. */
  async decode(sequences: readonly ArrayLike<number>[]): Promise<string[]> {
    const result: string[] = [];
    for (let start = 0; start < sequences.length; start += CHUNK) {
      const chunk = sequences.slice(start, start + CHUNK).map(textIds);
      result.push(...(await this.#native.decodeBatch(chunk, false)));
    }
    return result;
  }
}

export interface TokenizerPair {
  readonly source: BpeTokenizer;
  readonly target: BpeTokenizer;
}

/** One vocabulary for both languages (`joint`, HAT's choice; both members are then the same object) or one for each. */
export function trainTokenizers(
  text: ParallelText,
  options: { vocabSize: number; joint: boolean },
): TokenizerPair {
  if (options.joint) {
    const both = BpeTokenizer.train([...text.source, ...text.target], options);
    return { source: both, target: both };
  }
  return {
    source: BpeTokenizer.train(text.source, options),
    target: BpeTokenizer.train(text.target, options),
  };
}

function textIds(sequence: ArrayLike<number>): number[] {
  const ids: number[] = [];
  for (let i = 0; i < sequence.length; i++) {
    const id = Number(sequence[i]);
    if (id === EOS_ID) break;
    if (id !== PAD_ID && id !== BOS_ID) ids.push(id);
  }
  return ids;
}

/** White space separates words (and so the line ends that the native trainer leaves in); each word then gets its mark. */
function preTokenizer(): Native.PreTokenizer {
  return native().sequencePreTokenizer([
    native().whitespaceSplitPreTokenizer(),
    native().metaspacePreTokenizer(),
  ]);
}

function inTemporaryFolder<T>(use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'thanos-bpe-'));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function learnMerges(lines: readonly string[]): BpeModelJson {
  const text = lines.filter((line) => line.trim() !== '');
  if (text.length === 0)
    throw new InvalidDataError('BPE training text', 'at least one line must not be blank, but none is left');
  return inTemporaryFolder((folder) => {
    const textPath = join(folder, 'text');
    const jsonPath = join(folder, 'tokenizer.json');
    writeFileSync(textPath, `${text.join('\n')}\n`);
    const learner = new (native().Tokenizer)(native().BPE.empty());
    learner.setPreTokenizer(preTokenizer());
    learner.train([textPath]);
    learner.save(jsonPath);
    return (JSON.parse(readFileSync(jsonPath, 'utf8')) as { model: BpeModelJson }).model;
  });
}

/**
 * The first merges are the most frequent ones and do not depend on later ones, so the vocabulary of size n is a
 * prefix of any bigger one. The special tokens come first; a merge that would spell one of them is left out.
 */
function shortenVocabulary(
  learnt: BpeModelJson,
  vocabSize: number,
): { vocab: Record<string, number>; merges: [string, string][] } {
  const characters = Object.keys(learnt.vocab)
    .filter((token) => [...token].length === 1)
    .sort();
  const ids = new Map<string, number>();
  for (const token of [...SPECIAL_TOKENS, ...characters]) ids.set(token, ids.size);
  if (ids.size > vocabSize)
    throw new InvalidArgumentError(
      `vocabSize must hold the ${SPECIAL_TOKENS.length} special tokens and the ${characters.length} characters of ` +
        `the text, but is ${vocabSize}; use at least ${ids.size}`,
    );
  const specials = new Set<string>(SPECIAL_TOKENS);
  const merges: [string, string][] = [];
  for (const [left, right] of learnt.merges) {
    const token = left + right;
    if (!ids.has(left) || !ids.has(right) || specials.has(token)) continue;
    if (!ids.has(token)) {
      if (ids.size === vocabSize) break;
      ids.set(token, ids.size);
    }
    merges.push([left, right]);
  }
  return { vocab: Object.fromEntries(ids), merges };
}

function assemble(vocab: Record<string, number>, merges: [string, string][]): string {
  const model = native().BPE.init(vocab, merges, { unkToken: SPECIAL_TOKENS[UNKNOWN_ID], fuseUnk: true });
  const tokenizer = new (native().Tokenizer)(model);
  tokenizer.setPreTokenizer(preTokenizer());
  tokenizer.setDecoder(native().metaspaceDecoder());
  return inTemporaryFolder((folder) => {
    const path = join(folder, 'tokenizer.json');
    tokenizer.save(path);
    return readFileSync(path, 'utf8');
  });
}
