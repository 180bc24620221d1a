/**
 * Byte-pair encoding (Sennrich et al. 2016, arXiv 1508.07909) by HuggingFace's `tokenizers`. A space belongs to the
 * word that follows it, as the mark U+2581. The JSON form is a `tokenizer.json` that HuggingFace's library reads.
 */
import type * as Native from 'tokenizers';
import { InvalidArgumentError, InvalidDataError } from '../../src/core/errors.ts';
import { optionalPackage } from '../../src/core/optional-package.ts';
import { type BpeMerges, countWords, coveringCharacters, learnMerges, WORD_MARK } from './bpe-merges.ts';
import type { ParallelText } from './parallel-corpus.ts';
import { BOS_ID, EOS_ID, PAD_ID, SPECIAL_TOKENS, UNKNOWN_ID } from './special-tokens.ts';

const CHUNK = 4096;

const native = (): typeof Native => optionalPackage<typeof Native>('tokenizers', 'byte-pair encoding');

/** What is used of the native tokenizer. */
interface NativeTokenizer {
  encodeBatch(lines: string[]): Promise<{ getIds(): number[] }[]>;
  decodeBatch(ids: number[][], skipSpecialTokens: boolean): Promise<string[]>;
  getVocabSize(): number;
  tokenToId(token: string): number | null;
}

/** How large a vocabulary `BpeTokenizer.train` learns. */
export interface BpeTrainingOptions {
  /** Upper bound on the number of tokens, the four special ones included; a small text has fewer. */
  readonly vocabSize: number;
  /**
   * Share of the text's characters that the vocabulary holds, the rarest being left out (they become `<unk>`). Default: all, as long
   * as they are at most half of the vocabulary; else 0.9995, as for SentencePiece.
   */
  readonly characterCoverage?: number | undefined;
}

/**
 * Splits text into subwords and puts it together again. Made by `BpeTokenizer.train` or `BpeTokenizer.fromJson`; needs
 * the package `tokenizers`.
 */
export class BpeTokenizer {
  readonly #native: NativeTokenizer;
  readonly #json: string;

  private constructor(json: string) {
    this.#json = json;
    this.#native = native().Tokenizer.fromString(json);
  }

  /**
   * Learns a vocabulary; the same lines give the same vocabulary. For a joint vocabulary pass the lines of both languages. Blocks its
   * thread for about a second per 60,000 lines.
   * @throws InvalidArgumentError for an option out of range, or if the vocabulary has no room for the characters of the text;
   *   InvalidDataError if there is no text.
   */
  static train(lines: readonly string[], { vocabSize, characterCoverage }: BpeTrainingOptions): BpeTokenizer {
    if (!Number.isSafeInteger(vocabSize) || vocabSize <= SPECIAL_TOKENS.length || vocabSize > MOST_TOKENS)
      throw new InvalidArgumentError(
        `vocabSize must be an integer in [${SPECIAL_TOKENS.length + 1}, ${MOST_TOKENS}], but is ${vocabSize}`,
      );
    if (characterCoverage !== undefined && !(characterCoverage > 0 && characterCoverage <= 1))
      throw new InvalidArgumentError(
        `characterCoverage must be > 0 and at most 1, but is ${characterCoverage}`,
      );
    const words = countWords(lines);
    if (words.size === 0)
      throw new InvalidDataError(
        'BPE training text',
        'at least one line must not be blank, but none is left',
      );
    const characters = charactersOf(words, vocabSize, characterCoverage);
    // Some merges to spare: those that would spell a special token are left out.
    const learned = learnMerges(words, characters, vocabSize + SPECIAL_TOKENS.length);
    return new BpeTokenizer(tokenizerJson(vocabularyOf(learned, vocabSize)));
  }

  /** @throws InvalidDataError if the JSON is not a tokenizer, or its special tokens have other ids than ours. */
  static fromJson(json: string, place = 'tokenizer.json'): BpeTokenizer {
    native(); // That the package is missing says nothing about the text.
    let tokenizer: BpeTokenizer;
    try {
      tokenizer = new BpeTokenizer(json);
    } catch (cause) {
      throw new InvalidDataError(
        place,
        'the text must be the JSON of a tokenizer, but cannot be read as one',
        { cause },
      );
    }
    SPECIAL_TOKENS.forEach((token, id) => {
      const actual = tokenizer.#native.tokenToId(token);
      if (actual !== id)
        throw new InvalidDataError(place, `token ${token} must have id ${id}, but has ${actual}`);
    });
    return tokenizer;
  }

  /** Returns the tokenizer as the text of a `tokenizer.json`, which `fromJson` reads. */
  toJson(): string {
    return this.#json;
  }

  /** The number of tokens, the four special ones included. */
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

/** The tokenizers of both languages; one and the same object where they share a vocabulary. */
export interface TokenizerPair {
  /** Encodes what is translated. */
  readonly source: BpeTokenizer;
  /** Encodes and decodes translations. */
  readonly target: BpeTokenizer;
}

/** One vocabulary for both languages (`joint`, HAT's choice; both members are then the same object) or one for each. */
export function trainTokenizers(
  text: ParallelText,
  options: BpeTrainingOptions & { readonly joint: boolean },
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

/** Room for any vocabulary of a translation model; ids of pairs stay exact numbers far beyond. */
const MOST_TOKENS = 1_000_000;
/** SentencePiece's default. */
const USUAL_COVERAGE = 0.9995;

function charactersOf(
  words: ReadonlyMap<string, number>,
  vocabSize: number,
  characterCoverage: number | undefined,
): string[] {
  const all = coveringCharacters(words, characterCoverage ?? 1);
  const isMany = SPECIAL_TOKENS.length + all.length > vocabSize / 2;
  const kept = characterCoverage === undefined && isMany ? coveringCharacters(words, USUAL_COVERAGE) : all;
  const needed = SPECIAL_TOKENS.length + kept.length;
  if (needed > vocabSize)
    throw new InvalidArgumentError(
      `vocabSize (corpus.vocabulary-size in a NAS file, --vocabulary-size on the command line) must hold the ${SPECIAL_TOKENS.length} special tokens and the ${kept.length} ` +
        `characters that cover the text, but is ${vocabSize}; use at least ${needed}, or a lower characterCoverage ` +
        '(corpus.character-coverage)',
    );
  return kept;
}

interface Vocabulary {
  /** By id. */
  readonly tokens: readonly string[];
  readonly merges: readonly (readonly [string, string])[];
}

/**
 * The first merges are the most frequent ones and do not depend on later ones, so the vocabulary of size n is a prefix of any bigger
 * one. The special tokens come first; a merge that would spell one of them is left out.
 */
function vocabularyOf({ characters, merges: learned }: BpeMerges, vocabSize: number): Vocabulary {
  const tokens = new Set<string>([...SPECIAL_TOKENS, ...characters]);
  const specials = new Set<string>(SPECIAL_TOKENS);
  const merges: (readonly [string, string])[] = [];
  for (const merge of learned) {
    const [left, right] = merge;
    const token = left + right;
    if (!tokens.has(left) || !tokens.has(right) || specials.has(token)) continue;
    if (!tokens.has(token) && tokens.size === vocabSize) break;
    tokens.add(token);
    merges.push(merge);
  }
  return { tokens: [...tokens], merges };
}

/** A `tokenizer.json`: white space separates words, and each then gets its mark. */
function tokenizerJson({ tokens, merges }: Vocabulary): string {
  const metaspace = { type: 'Metaspace', replacement: WORD_MARK, prepend_scheme: 'always', split: true };
  const model = {
    type: 'BPE',
    dropout: null,
    unk_token: SPECIAL_TOKENS[UNKNOWN_ID],
    continuing_subword_prefix: null,
    end_of_word_suffix: null,
    fuse_unk: true,
    byte_fallback: false,
    ignore_merges: false,
    vocab: {},
    merges,
  };
  const json = JSON.stringify({
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: { type: 'Sequence', pretokenizers: [{ type: 'WhitespaceSplit' }, metaspace] },
    post_processor: null,
    decoder: metaspace,
    model,
  });
  // By hand, as an object would put tokens that are numbers first.
  const vocabulary = tokens.map((token, id) => `${JSON.stringify(token)}:${id}`).join(',');
  return json.replace('"vocab":{}', () => `"vocab":{${vocabulary}}`);
}
