import { describe, expect, it } from 'vitest';
import {
  type BeamSearchOptions,
  beamSearch,
  type Hypothesis,
  type NextTokenScorer,
} from '../../objectives/translation/beam-search.ts';
import { InvalidArgumentError } from '../../src/core/errors.ts';
import { Rng } from '../../src/core/rng.ts';

const [PAD, BOS, EOS] = [0, 1, 2];
const VOCAB = 6;
const OPTIONS: BeamSearchOptions = {
  vocabSize: VOCAB,
  bosId: BOS,
  eosId: EOS,
  padId: PAD,
  beamSize: 4,
  lengthPenalty: 0.6,
  maxLength: 4,
};

/** A model whose next-token distribution depends on the sentence and the whole prefix. */
function toyLogProbs(sentence: number, prefix: readonly number[]): Float32Array {
  const rng = Rng.keyed('toy', sentence, prefix.join('-'));
  const logits = Array.from({ length: VOCAB }, () => 2 * rng.normal());
  const logSum = Math.log(logits.reduce((sum, x) => sum + Math.exp(x), 0));
  return Float32Array.from(logits, (x) => x - logSum);
}

const toyScorer: NextTokenScorer = ({ rows, length, tokens, sentence }) => {
  const result = new Float32Array(rows * VOCAB);
  for (let row = 0; row < rows; row++)
    result.set(
      toyLogProbs(sentence[row], [...tokens.subarray(row * length, (row + 1) * length)]),
      row * VOCAB,
    );
  return result;
};

/** Every sequence of 1 … maxLength tokens that ends with EOS. */
function exhaustive(sentence: number, maxLength: number, lengthPenalty: number): Hypothesis[] {
  const found: Hypothesis[] = [];
  const extend = (tokens: number[], logProb: number): void => {
    const next = toyLogProbs(sentence, [BOS, ...tokens]);
    if (tokens.length > 0)
      found.push({
        tokens: Int32Array.from(tokens),
        score: (logProb + next[EOS]) / (tokens.length + 1) ** lengthPenalty,
      });
    if (tokens.length === maxLength) return;
    for (let token = 3; token < VOCAB; token++) extend([...tokens, token], logProb + next[token]);
  };
  extend([], 0);
  return found.sort((a, b) => b.score - a.score);
}

describe('beamSearch', () => {
  it.each([0, 0.6, 1])(
    'with a beam as wide as the space finds what exhaustive search finds (penalty %d)',
    async (lengthPenalty) => {
      // 3 + 9 + 27 + 81 sequences: a beam of 120 never has to leave one out.
      const results = await beamSearch(5, toyScorer, { ...OPTIONS, beamSize: 120, lengthPenalty });
      results.forEach((hypotheses, sentence) => {
        const expected = exhaustive(sentence, 4, lengthPenalty);
        expect(hypotheses.map((h) => [...h.tokens])).toEqual(expected.map((h) => [...h.tokens]));
        hypotheses.forEach((h, i) => {
          expect(h.score).toBeCloseTo(expected[i].score, 5);
        });
      });
    },
  );

  it('a narrow beam returns true scores, best first, and a beam of one is greedy search', async () => {
    for (const beamSize of [1, 4]) {
      const results = await beamSearch(8, toyScorer, { ...OPTIONS, beamSize });
      results.forEach((hypotheses, sentence) => {
        const all = exhaustive(sentence, 4, 0.6);
        expect(hypotheses.length).toBeGreaterThan(0);
        expect(hypotheses.length).toBeLessThanOrEqual(beamSize);
        for (const { tokens, score } of hypotheses)
          expect(score).toBeCloseTo(
            all.find((h) => h.tokens.join() === tokens.join())?.score ?? Number.NaN,
            5,
          );
        expect(hypotheses.map((h) => h.score)).toEqual(hypotheses.map((h) => h.score).sort((a, b) => b - a));
        if (beamSize === 1) expect([...hypotheses[0].tokens]).toEqual(greedy(sentence));
      });
    }
  });

  it('translates a sentence alike alone and beside others', async () => {
    const together = await beamSearch(6, toyScorer, OPTIONS);
    const alone = await beamSearch(1, toyScorer, OPTIONS);
    expect(alone[0]).toEqual(together[0]);
  });

  it('says which row of the last call each row continues', async () => {
    let before: string[] = [];
    await beamSearch(
      3,
      (prefixes) => {
        const rows = Array.from({ length: prefixes.rows }, (_, i) =>
          prefixes.tokens.subarray(i * prefixes.length, (i + 1) * prefixes.length),
        );
        if (before.length > 0)
          rows.forEach((row, i) => {
            expect(`${prefixes.sentence[i]}:${row.subarray(0, -1).join()}`).toBe(before[prefixes.parent[i]]);
          });
        before = rows.map((row, i) => `${prefixes.sentence[i]}:${row.join()}`);
        return toyScorer(prefixes);
      },
      OPTIONS,
    );
  });

  it('forces an end at the maximal length, per sentence if wanted', async () => {
    const never: NextTokenScorer = ({ rows }) => {
      const result = new Float32Array(rows * VOCAB).fill(-1);
      for (let row = 0; row < rows; row++) result[row * VOCAB + EOS] = -50;
      return result;
    };
    const [first, second] = await beamSearch(2, never, { ...OPTIONS, lengthPenalty: 1, maxLength: [3, 5] });
    expect(first[0].tokens.length).toBe(3);
    expect(second[0].tokens.length).toBe(5);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, '1'])('refuses a length penalty of %s', async (value) => {
    const lengthPenalty = value as number;
    await expect(beamSearch(1, toyScorer, { ...OPTIONS, lengthPenalty })).rejects.toThrow(
      `lengthPenalty must be a finite number, but is ${value}`,
    );
  });

  it('refuses a scorer that returns the wrong number of values', async () => {
    await expect(beamSearch(1, () => new Float32Array(3), OPTIONS)).rejects.toThrow(InvalidArgumentError);
  });
});

function greedy(sentence: number): number[] {
  const tokens: number[] = [];
  while (tokens.length < 4) {
    const next = toyLogProbs(sentence, [BOS, ...tokens]);
    let best = tokens.length === 0 ? 3 : EOS;
    for (let token = 3; token < VOCAB; token++) if (next[token] > next[best]) best = token;
    if (best === EOS) break;
    tokens.push(best);
  }
  return tokens;
}
