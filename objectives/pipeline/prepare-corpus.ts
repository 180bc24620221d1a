/** Stage 1 of a NAS: text to token ids. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TokenPairs } from '../translation/batching.ts';
import { BpeTokenizer } from '../translation/bpe-tokenizer.ts';
import { generateTask } from '../translation/generated-task.ts';
import { type ParallelCorpus, readParallelCorpus } from '../translation/parallel-corpus.ts';
import { writeFileAtomic } from './files.ts';
import type { CorpusConfig } from './nas-config.ts';

export interface PreparedCorpus {
  readonly corpus: ParallelCorpus;
  /** One vocabulary for both languages. */
  readonly tokenizer: BpeTokenizer;
  readonly train: TokenPairs;
  readonly valid: TokenPairs;
  /** Changes whenever a sentence or the vocabulary does. */
  readonly key: string;
}

/** Reads or generates the text, learns (or reads again) the vocabulary, and encodes. Files go into `directory`. */
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
  const key = hashOf(train.source, train.target, valid.source, valid.target, config.vocabularySize);
  const path = join(directory, `tokenizer-${key}.json`);
  const tokenizer = existsSync(path)
    ? BpeTokenizer.fromJson(readFileSync(path, 'utf8'), path)
    : BpeTokenizer.train([...train.source, ...train.target], { vocabSize: config.vocabularySize });
  writeFileAtomic(path, tokenizer.toJson());
  const encode = async (text: ParallelCorpus['train']): Promise<TokenPairs> => ({
    source: await tokenizer.encode(text.source),
    target: await tokenizer.encode(text.target),
  });
  return { corpus, tokenizer, train: await encode(train), valid: await encode(valid), key };
}

function hashOf(...parts: unknown[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(JSON.stringify(part));
  return hash.digest('hex').slice(0, 12);
}
