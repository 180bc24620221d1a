/**
 * Beam search over an injected next-token scorer, as fairseq (and so HAT) does it: a hypothesis of n tokens, `</s>`
 * included, ranks by (sum of log-probabilities) / n^lengthPenalty; a sentence is finished once `beamSize` hypotheses
 * have ended. HAT decodes WMT with beam 4 and penalty 0.6, IWSLT with beam 5 and penalty 1.
 */
import { InvalidArgumentError } from '../../src/core/errors.ts';

/** Prefixes that are to be continued, of one common length. */
export interface Prefixes {
  /** The number of prefixes. */
  readonly rows: number;
  /** Tokens in each prefix, `<s>` included. */
  readonly length: number;
  /** `[rows, length]`, row-major. */
  readonly tokens: Int32Array;
  /** `[rows]`: which sentence each row translates. */
  readonly sentence: Int32Array;
  /** `[rows]`: the row of the previous call that this one continues (for key/value caches); in the first call, the row itself. */
  readonly parent: Int32Array;
}

/** Natural-log probabilities of the next token: `[rows, vocabSize]`, row-major. */
export type NextTokenScorer = (prefixes: Prefixes) => Float32Array | Promise<Float32Array>;

/** What `beamSearch` needs to know of the vocabulary, and how wide and how long it searches. */
export interface BeamSearchOptions {
  /** Tokens of the vocabulary: columns of what the scorer returns. */
  readonly vocabSize: number;
  /** The id of `<s>`, which begins every prefix. */
  readonly bosId: number;
  /** The id of `</s>`, which ends a hypothesis. */
  readonly eosId: number;
  /** Never generated. */
  readonly padId: number;
  /** Hypotheses kept per sentence, >= 1; 1 is greedy search. */
  readonly beamSize: number;
  /** The exponent of the length that a score is divided by; 0 favors short translations, larger values longer ones. */
  readonly lengthPenalty: number;
  /** Tokens after which `</s>` is forced, not counting it; per sentence if given as a list. */
  readonly maxLength: number | readonly number[];
}

/** One finished translation of a sentence. */
export interface Hypothesis {
  /** Without `<s>` and `</s>`. */
  readonly tokens: Int32Array;
  /** Sum of log-probabilities / (tokens + 1)^lengthPenalty. */
  readonly score: number;
}

interface LiveRow {
  readonly sentence: number;
  readonly tokens: readonly number[];
  readonly logProb: number;
  readonly parent: number;
}

/**
 * The hypotheses of every sentence 0 … sentences - 1, best first, at most `beamSize` each. Finished sentences leave the
 * batch, so the scorer only sees rows that still matter. No hypothesis is empty.
 */
export async function beamSearch(
  sentences: number,
  score: NextTokenScorer,
  options: BeamSearchOptions,
): Promise<Hypothesis[][]> {
  const { beamSize, vocabSize, bosId, maxLength } = options;
  for (const [name, value] of Object.entries({ beamSize, vocabSize }))
    if (!Number.isSafeInteger(value) || value < 1)
      throw new InvalidArgumentError(`${name} must be a positive integer, but is ${value}`);
  if (!Number.isFinite(options.lengthPenalty))
    throw new InvalidArgumentError(`lengthPenalty must be a finite number, but is ${options.lengthPenalty}`);
  const limitOf = (sentence: number): number =>
    typeof maxLength === 'number' ? maxLength : maxLength[sentence];

  const finished: Hypothesis[][] = Array.from({ length: sentences }, () => []);
  let live: LiveRow[] = Array.from({ length: sentences }, (_, sentence) => ({
    sentence,
    tokens: [bosId],
    logProb: 0,
    parent: sentence,
  }));

  for (let step = 0; live.length > 0; step++) {
    const logProbs = await score(asPrefixes(live));
    if (logProbs.length !== live.length * vocabSize)
      throw new InvalidArgumentError(
        `the scorer must return rows * vocabSize = ${live.length * vocabSize} numbers, but returned ${logProbs.length}`,
      );
    const next: LiveRow[] = [];
    for (const rows of rowsBySentence(live)) {
      const sentence = live[rows[0]].sentence;
      const candidates = bestContinuations(
        live,
        rows,
        logProbs,
        step >= limitOf(sentence),
        step === 0,
        options,
      );
      next.push(...advance(live, candidates, finished[sentence], options));
    }
    live = next;
  }
  for (const hypotheses of finished) hypotheses.sort((a, b) => b.score - a.score);
  return finished;
}

function asPrefixes(live: readonly LiveRow[]): Prefixes {
  const length = live[0].tokens.length;
  const tokens = new Int32Array(live.length * length);
  live.forEach((row, i) => {
    tokens.set(row.tokens, i * length);
  });
  return {
    rows: live.length,
    length,
    tokens,
    sentence: Int32Array.from(live, (row) => row.sentence),
    parent: Int32Array.from(live, (row) => row.parent),
  };
}

function rowsBySentence(live: readonly LiveRow[]): number[][] {
  const groups = new Map<number, number[]>();
  live.forEach(({ sentence }, row) => {
    const group = groups.get(sentence);
    if (group === undefined) groups.set(sentence, [row]);
    else group.push(row);
  });
  return [...groups.values()];
}

interface Candidate {
  readonly row: number;
  readonly token: number;
  readonly logProb: number;
}

/** The best 2 * beamSize continuations of one sentence, best first: enough even if beamSize of them end. */
function bestContinuations(
  live: readonly LiveRow[],
  rows: readonly number[],
  logProbs: Float32Array,
  mustEnd: boolean,
  isFirst: boolean,
  options: BeamSearchOptions,
): Candidate[] {
  const { vocabSize, eosId, padId, bosId, beamSize } = options;
  const best: Candidate[] = [];
  const wanted = 2 * beamSize;
  for (const row of rows) {
    const offset = row * vocabSize;
    for (let token = 0; token < vocabSize; token++) {
      if (token === padId || token === bosId) continue;
      if (token === eosId ? isFirst && !mustEnd : mustEnd) continue;
      const logProb = live[row].logProb + logProbs[offset + token];
      if (!(logProb > Number.NEGATIVE_INFINITY)) continue;
      if (best.length === wanted && logProb <= best[wanted - 1].logProb) continue;
      let at = best.length;
      while (at > 0 && best[at - 1].logProb < logProb) at--;
      best.splice(at, 0, { row, token, logProb });
      if (best.length > wanted) best.pop();
    }
  }
  return best;
}

/** Takes up ended hypotheses and returns the rows that live on: none once the sentence has `beamSize` hypotheses. */
function advance(
  live: readonly LiveRow[],
  candidates: readonly Candidate[],
  finished: Hypothesis[],
  options: BeamSearchOptions,
): LiveRow[] {
  const { eosId, beamSize, lengthPenalty } = options;
  const next: LiveRow[] = [];
  candidates.forEach(({ row, token, logProb }, rank) => {
    const { sentence, tokens } = live[row];
    if (token !== eosId) {
      if (next.length < beamSize) next.push({ sentence, tokens: [...tokens, token], logProb, parent: row });
    } else if (rank < beamSize && finished.length < beamSize) {
      finished.push({
        tokens: Int32Array.from(tokens.slice(1)),
        score: logProb / tokens.length ** lengthPenalty,
      });
    }
  });
  return finished.length < beamSize ? next : [];
}
