import type { ArchConfig } from '../transformer/arch-config.ts';
import { corpusBleu } from '../translation/bleu.ts';
import type { ParallelText } from '../translation/parallel-corpus.ts';
import { translatorOf } from './export-subtransformer.ts';
import type { NasRun } from './nas-run.ts';

export interface TranslationQuality {
  /** sacreBLEU's, in [0, 100]. */
  readonly bleu: number;
  /** What BLEU was computed with, as sacreBLEU writes it. */
  readonly signature: string;
  /** Sentences that were translated. */
  readonly sentences: number;
  readonly set: 'test' | 'validation';
  /** Whether the search, or the choice of the SuperTransformer's weights, was judged by these sentences too. */
  readonly usedBySearch: boolean;
  readonly samples: readonly {
    readonly source: string;
    readonly reference: string;
    readonly translation: string;
  }[];
}

const SAMPLES = 6;

/**
 * BLEU of a SubTransformer with inherited weights, over the first `sentences` test pairs; of a corpus without, over validation pairs,
 * those that the search does not use if there are so many.
 */
export async function translationQuality(
  run: NasRun,
  arch: ArchConfig,
  sentences = 100,
): Promise<TranslationQuality> {
  const { text, ...origin } = sentencesFor(run, sentences);
  const translator = await translatorOf(run, arch);
  try {
    const translations = await translator.translate(text.source);
    const { bleu, signature } = corpusBleu(translations, text.target);
    return {
      bleu,
      signature,
      sentences: text.source.length,
      ...origin,
      samples: translations
        .slice(0, SAMPLES)
        .map((translation, i) => ({ source: text.source[i], reference: text.target[i], translation })),
    };
  } finally {
    await translator.close();
  }
}

/** The number, and all that has to be said with it. */
export function bleuLine({ bleu, signature, sentences, set, usedBySearch }: TranslationQuality): string {
  return (
    `BLEU ${bleu.toFixed(1)} on ${sentences} ${set} sentences that the search ${usedBySearch ? 'was judged by too' : 'did not use'} ` +
    `(beam 4, length penalty 0.6; sacreBLEU's ${signature})`
  );
}

function sentencesFor(
  run: Pick<NasRun, 'corpus' | 'task' | 'config'>,
  count: number,
): Pick<TranslationQuality, 'set' | 'usedBySearch'> & { readonly text: ParallelText } {
  const { test, valid } = run.corpus.corpus;
  const part = ({ source, target }: ParallelText, start: number): ParallelText => ({
    source: source.slice(start, start + count),
    target: target.slice(start, start + count),
  });
  if (test !== undefined) return { text: part(test, 0), set: 'test', usedBySearch: false };
  // The search takes the first pairs that the model can hold, so by here it has all of them.
  const used = run.config.search.validPairs + valid.source.length - run.task.validPairs;
  const isEnough = valid.source.length - used >= count;
  return { text: part(valid, isEnough ? used : 0), set: 'validation', usedBySearch: !isEnough };
}
