/** Stage 1 of a NAS: text to token ids. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidDataError } from '../../src/core/errors.ts';
import type { TokenPairs } from '../translation/batching.ts';
import { BpeTokenizer } from '../translation/bpe-tokenizer.ts';
import { generateTask } from '../translation/generated-task.ts';
import { type ParallelCorpus, readParallelCorpus } from '../translation/parallel-corpus.ts';
import { writeFileAtomic } from './files.ts';
import type { CorpusConfig } from './nas-config.ts';

/** A corpus as a run uses it: text, vocabulary and token ids. */
export interface PreparedCorpus {
  /** The text. */
  readonly corpus: ParallelCorpus;
  /** One vocabulary for both languages. */
  readonly tokenizer: BpeTokenizer;
  /** The training pairs as token ids. */
  readonly train: TokenPairs;
  /** The validation pairs as token ids. */
  readonly valid: TokenPairs;
  /** Changes whenever a sentence or the vocabulary does. */
  readonly key: string;
  /** Languages, numbers of pairs and a hash of the sentences. */
  readonly description: string;
  /** The hash of the tokenizer's JSON. */
  readonly tokenizerSha256: string;
  /** Where the tokenizer lies, or will: `saveTokenizer`. */
  readonly tokenizerPath: string;
}

/** Reads or generates the text, learns the vocabulary (or reads it again, if it is in `directory`), and encodes. Writes nothing. */
export async function prepareCorpus(
  config: CorpusConfig,
  seed: number,
  directory: string,
): Promise<PreparedCorpus> {
  const corpus =
    config.directory === null
      ? generateTask({ seed, trainPairs: config.trainPairs })
      : await readParallelCorpus(config.directory, config);
  const { train, valid } = corpus;
  const key = hashOf(
    train.source,
    train.target,
    valid.source,
    valid.target,
    config.vocabularySize,
    config.characterCoverage ?? null,
  );
  const path = join(directory, `tokenizer-${key}.json`);
  const tokenizer = existsSync(path)
    ? readTokenizer(path)
    : BpeTokenizer.train([...train.source, ...train.target], {
        vocabSize: config.vocabularySize,
        characterCoverage: config.characterCoverage,
      });
  const encode = async (text: ParallelCorpus['train']): Promise<TokenPairs> => ({
    source: await tokenizer.encode(text.source),
    target: await tokenizer.encode(text.target),
  });
  const text = hashOf(train.source, train.target, valid.source, valid.target);
  return {
    corpus,
    tokenizer,
    train: await encode(train),
    valid: await encode(valid),
    key,
    description:
      `${corpus.sourceLanguage}-${corpus.targetLanguage}, ${train.source.length} training and ` +
      `${valid.source.length} validation pairs, hash ${text}`,
    tokenizerSha256: createHash('sha256').update(tokenizer.toJson()).digest('hex'),
    tokenizerPath: path,
  };
}

function readTokenizer(path: string): BpeTokenizer {
  try {
    return BpeTokenizer.fromJson(readFileSync(path, 'utf8'), path);
  } catch (cause) {
    const reason = (cause as Error).message.replace(`${path}: `, '');
    throw new InvalidDataError(path, `${reason}; delete the file: it is learned again from the corpus`, {
      cause,
    });
  }
}

/** Writes the tokenizer, unless it is there. */
export function saveTokenizer({ tokenizer, tokenizerPath }: PreparedCorpus): void {
  if (!existsSync(tokenizerPath)) writeFileAtomic(tokenizerPath, tokenizer.toJson());
}

function hashOf(...parts: unknown[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(JSON.stringify(part));
  return hash.digest('hex').slice(0, 12);
}
