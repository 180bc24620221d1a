/**
 * Corpus BLEU with one reference (Papineni et al. 2002), as sacreBLEU computes it (Post 2018, arXiv 1804.08771): by default with the
 * tokens of WMT's mteval-v13a, and with smoothing 'exp'.
 */
import { InvalidArgumentError } from '../../src/core/errors.ts';

const MAX_ORDER = 4;

/** `13a`: as sacreBLEU splits text by default; `none`: tokens are what white space separates. */
export type BleuTokenization = '13a' | 'none';

/** A BLEU score and what it is made of. */
export interface BleuScore {
  /** In [0, 100]. */
  readonly bleu: number;
  /** Modified n-gram precisions in percent, n = 1 … 4, smoothed. */
  readonly precisions: readonly number[];
  /** In (0, 1]; 1 unless the hypotheses are shorter than the references. */
  readonly brevityPenalty: number;
  /** Tokens of all hypotheses. */
  readonly hypothesisLength: number;
  /** Tokens of all references. */
  readonly referenceLength: number;
  /** What the number was computed with, as sacreBLEU writes it. */
  readonly signature: string;
}

/** @throws InvalidArgumentError unless there are as many hypotheses as references, and at least one. */
export function corpusBleu(
  hypotheses: readonly string[],
  references: readonly string[],
  { tokenize = '13a' }: { readonly tokenize?: BleuTokenization | undefined } = {},
): BleuScore {
  const tokensOf = TOKENIZERS[tokenize];
  if (tokensOf === undefined)
    throw new InvalidArgumentError(
      `tokenize must be one of ${Object.keys(TOKENIZERS).join(', ')}, but is '${String(tokenize)}'`,
    );
  if (hypotheses.length !== references.length || hypotheses.length === 0)
    throw new InvalidArgumentError(
      `BLEU needs as many hypotheses as references and at least one, but got ${hypotheses.length} and ${references.length}`,
    );
  const matched = new Array<number>(MAX_ORDER).fill(0);
  const total = new Array<number>(MAX_ORDER).fill(0);
  let hypothesisLength = 0;
  let referenceLength = 0;
  for (let i = 0; i < hypotheses.length; i++) {
    const hypothesis = tokensOf(hypotheses[i]);
    const reference = tokensOf(references[i]);
    hypothesisLength += hypothesis.length;
    referenceLength += reference.length;
    for (let order = 1; order <= MAX_ORDER; order++) {
      const allowed = countNgrams(reference, order);
      total[order - 1] += Math.max(0, hypothesis.length - order + 1);
      for (const [ngram, count] of countNgrams(hypothesis, order))
        matched[order - 1] += Math.min(count, allowed.get(ngram) ?? 0);
    }
  }
  const brevityPenalty = brevity(hypothesisLength, referenceLength);
  const precisions = smoothedPrecisions(matched, total);
  const logMean = precisions.reduce((sum, p) => sum + Math.log(p), 0) / MAX_ORDER;
  return {
    bleu: brevityPenalty * Math.exp(logMean),
    precisions,
    brevityPenalty,
    hypothesisLength,
    referenceLength,
    signature: `nrefs:1|case:mixed|eff:no|tok:${tokenize}|smooth:exp`,
  };
}

/** What Python's `str.split` and `str.rstrip` take for white space. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: Python counts the separators 1c to 1f as white space
const SPACE = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/u;
const SPACE_AT_END = new RegExp(`${SPACE.source}$`, 'u');

const words = (line: string): string[] => line.split(SPACE).filter((token) => token !== '');

/** sacreBLEU's `Tokenizer13a`, rule for rule. */
function tokensOf13a(line: string): string[] {
  const plain = line
    .replace(SPACE_AT_END, '')
    .replaceAll('<skipped>', '')
    .replaceAll('-\n', '')
    .replaceAll('\n', ' ')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>');
  return words(
    ` ${plain} `
      .replace(/([{-~[-` -&(-+:-@/])/gu, ' $1 ')
      // a period or comma, unless a digit is before it; then, unless one is after it; a dash after a digit
      .replace(/([^0-9])([.,])/gu, '$1 $2 ')
      .replace(/([.,])([^0-9])/gu, ' $1 $2')
      .replace(/([0-9])(-)/gu, '$1 $2 '),
  );
}

const TOKENIZERS: Readonly<Record<BleuTokenization, (line: string) => string[]>> = {
  '13a': tokensOf13a,
  none: words,
};

function countNgrams(tokens: readonly string[], order: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let i = 0; i + order <= tokens.length; i++) {
    const ngram = tokens.slice(i, i + order).join(' ');
    counts.set(ngram, (counts.get(ngram) ?? 0) + 1);
  }
  return counts;
}

function brevity(hypothesisLength: number, referenceLength: number): number {
  if (hypothesisLength >= referenceLength) return 1;
  return hypothesisLength === 0 ? 0 : Math.exp(1 - referenceLength / hypothesisLength);
}

/** Smoothing 'exp' (NIST's mteval-v13a): the k-th order without a match counts as 1 / 2^k of one. */
function smoothedPrecisions(matched: readonly number[], total: readonly number[]): number[] {
  const precisions = new Array<number>(MAX_ORDER).fill(0);
  if (matched.every((m) => m === 0)) return precisions;
  let share = 1;
  for (let n = 0; n < MAX_ORDER && total[n] > 0; n++) {
    if (matched[n] === 0) share /= 2;
    precisions[n] = (100 * (matched[n] === 0 ? share : matched[n])) / total[n];
  }
  return precisions;
}
