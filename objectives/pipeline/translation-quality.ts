import type { ArchConfig } from '../transformer/arch-config.ts';
import { corpusBleu } from '../translation/bleu.ts';
import { translatorOf } from './export-subtransformer.ts';
import type { NasRun } from './nas-run.ts';

export interface TranslationQuality {
  /** In [0, 100]; tokens are what white space separates. */
  readonly bleu: number;
  /** Validation sentences that were translated, beam 4, length penalty 0.6. */
  readonly sentences: number;
  readonly samples: readonly {
    readonly source: string;
    readonly reference: string;
    readonly translation: string;
  }[];
}

const SAMPLES = 6;

/** BLEU of a SubTransformer with inherited weights, over the first `sentences` validation pairs. */
export async function translationQuality(
  run: NasRun,
  arch: ArchConfig,
  sentences = 100,
): Promise<TranslationQuality> {
  const { valid } = run.corpus.corpus;
  const source = valid.source.slice(0, sentences);
  const reference = valid.target.slice(0, sentences);
  const translator = await translatorOf(run, arch);
  try {
    const translations = await translator.translate(source);
    return {
      bleu: corpusBleu(translations, reference).bleu,
      sentences: source.length,
      samples: translations
        .slice(0, SAMPLES)
        .map((translation, i) => ({ source: source[i], reference: reference[i], translation })),
    };
  } finally {
    await translator.close();
  }
}
