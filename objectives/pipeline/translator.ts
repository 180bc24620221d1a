/** Translates text with an exported SubTransformer, by beam search. */
import { int64, type RemoteSession, SessionWorker } from '../onnx/index.ts';
import { EXPORTED, type ExportedModels, sourceMaskOf } from '../transformer/export.ts';
import { assembleBatch } from '../translation/batching.ts';
import { beamSearch } from '../translation/beam-search.ts';
import type { BpeTokenizer } from '../translation/bpe-tokenizer.ts';
import { BOS_ID, EOS_ID, PAD_ID } from '../translation/special-tokens.ts';

/** How wide a translator searches. */
export interface TranslateOptions {
  /** Default 4, HAT's for WMT. */
  readonly beamSize?: number | undefined;
  /** Default 0.6, HAT's for WMT. */
  readonly lengthPenalty?: number | undefined;
}

/** Sentences that are decoded together. */
const BATCH = 64;
/** fairseq's and HAT's bound on a translation's length, of the source's: a·n + b. */
const EXTRA_TOKENS = 10;

/** Translates text with an exported SubTransformer, in a worker thread; close it, or it keeps the process alive. */
export class Translator {
  readonly #worker: SessionWorker;
  readonly #encoder: RemoteSession;
  readonly #decoder: RemoteSession;
  readonly #tokenizer: BpeTokenizer;
  readonly #maxLength: number;

  private constructor(
    worker: SessionWorker,
    encoder: RemoteSession,
    decoder: RemoteSession,
    tokenizer: BpeTokenizer,
    maxLength: number,
  ) {
    this.#worker = worker;
    this.#encoder = encoder;
    this.#decoder = decoder;
    this.#tokenizer = tokenizer;
    this.#maxLength = maxLength;
  }

  /**
   * Opens the two models of an exported SubTransformer.
   * @param models as `exportForTranslation` makes them for sentences of up to `maxLength` tokens.
   */
  static async open(
    models: ExportedModels,
    tokenizer: BpeTokenizer,
    { maxLength }: { readonly maxLength: number },
  ): Promise<Translator> {
    const worker = new SessionWorker();
    try {
      const encoder = await worker.open(models.encoder);
      return new Translator(worker, encoder, await worker.open(models.decoder), tokenizer, maxLength);
    } catch (error) {
      await worker.close();
      throw error;
    }
  }

  /** One translation for each line; a line that is too long is cut, a blank one stays blank. */
  async translate(lines: readonly string[], options: TranslateOptions = {}): Promise<string[]> {
    const sources = await this.#tokenizer.encode(lines);
    const spoken = [...sources.keys()].filter((line) => sources[line].length > 0);
    const translations: Int32Array[] = sources.map(() => new Int32Array());
    for (let start = 0; start < spoken.length; start += BATCH) {
      const batch = spoken.slice(start, start + BATCH);
      const decoded = await this.#decode(
        batch.map((line) => sources[line]),
        options,
      );
      batch.forEach((line, i) => {
        translations[line] = decoded[i];
      });
    }
    return this.#tokenizer.decode(translations);
  }

  async #decode(
    sources: readonly Int32Array[],
    { beamSize = 4, lengthPenalty = 0.6 }: TranslateOptions,
  ): Promise<Int32Array[]> {
    const cut = sources.map((ids) => ids.subarray(0, this.#maxLength - 1));
    const batch = assembleBatch(
      cut,
      cut.map(() => new Int32Array()),
      1,
    );
    const source = int64(batch.source, [batch.rows, batch.sourceLength]);
    const sourceMask = sourceMaskOf(source, PAD_ID);
    const { memory } = await this.#encoder.run(
      { [EXPORTED.source]: source, [EXPORTED.sourceMask]: sourceMask },
      [EXPORTED.memory],
    );
    const hypotheses = await beamSearch(
      cut.length,
      async ({ rows, length, tokens, sentence }) => {
        const outputs = await this.#decoder.run(
          {
            [EXPORTED.targetIn]: int64(BigInt64Array.from(tokens, BigInt), [rows, length]),
            [EXPORTED.sentence]: int64(BigInt64Array.from(sentence, BigInt), [rows]),
            [EXPORTED.memory]: memory,
            [EXPORTED.sourceMask]: sourceMask,
          },
          [EXPORTED.nextTokenLogProbs],
        );
        return outputs[EXPORTED.nextTokenLogProbs].data as Float32Array;
      },
      {
        vocabSize: this.#tokenizer.vocabSize,
        bosId: BOS_ID,
        eosId: EOS_ID,
        padId: PAD_ID,
        beamSize,
        lengthPenalty,
        maxLength: cut.map((ids) => Math.min(2 * ids.length + EXTRA_TOKENS, this.#maxLength - 1)),
      },
    );
    return hypotheses.map(([best]) => best.tokens);
  }

  /** Ends the worker thread. */
  close(): Promise<void> {
    return this.#worker.close();
  }
}
