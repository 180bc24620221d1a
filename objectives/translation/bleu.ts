/**
 * Corpus BLEU with one reference (Papineni et al. 2002), as sacreBLEU computes it with `tokenize='none'` and its
 * default smoothing 'exp' (Post 2018, arXiv 1804.08771): tokens are what white space separates.
 */
import { InvalidArgumentError } from '../../src/core/errors.ts';

const MAX_ORDER = 4;

export interface BleuScore {
  /** In [0, 100]. */
  readonly bleu: number;
  /** Modified n-gram precisions in percent, n = 1 … 4, smoothed. */
  readonly precisions: readonly number[];
  readonly brevityPenalty: number;
  /** In tokens. */
  readonly hypothesisLength: number;
  readonly referenceLength: number;
}

/** @throws InvalidArgumentError unless there are as many hypotheses as references, and at least one. */
export function corpusBleu(hypotheses: readonly string[], references: readonly string[]): BleuScore {
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
  };
}

function tokensOf(line: string): string[] {
  return line.split(/\s+/u).filter((token) => token !== '');
}

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
