import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { corpusBleu } from '../../objectives/translation/bleu.ts';
import { InvalidArgumentError } from '../../src/core/errors.ts';
import { Rng } from '../../src/core/rng.ts';

// sacrebleu 2.6.0: BLEU(tokenize='none', smooth_method='exp').corpus_score(hypotheses, [references])
const REFERENCE = [
  {
    hypotheses: ['the cat sat on the mat .', 'a small dog runs fast across the green field .', 'hello world'],
    references: [
      'the cat is sitting on the mat .',
      'a little dog runs fast over the green field .',
      'hello there world',
    ],
    bleu: 38.399273621935265,
    precisions: [84.21052631578948, 56.25, 38.46153846153846, 18.181818181818183],
    brevityPenalty: 0.9000876262522591,
    lengths: [19, 21],
  },
  {
    hypotheses: ['a b c d'],
    references: ['a b x d'],
    bleu: 35.35533905932737,
    precisions: [75, 33.333333333333336, 25, 25],
    brevityPenalty: 1,
    lengths: [4, 4],
  },
  {
    hypotheses: ['a b'],
    references: ['a b'],
    bleu: 0,
    precisions: [100, 100, 0, 0],
    brevityPenalty: 1,
    lengths: [2, 2],
  },
  {
    hypotheses: ['q w e r'],
    references: ['a s d f'],
    bleu: 0,
    precisions: [0, 0, 0, 0],
    brevityPenalty: 1,
    lengths: [4, 4],
  },
  {
    hypotheses: ['the the the the the'],
    references: ['the cat the mat'],
    bleu: 12.703318703865365,
    precisions: [40, 12.5, 8.333333333333334, 6.25],
    brevityPenalty: 1,
    lengths: [5, 4],
  },
  {
    hypotheses: ['a b c d e f'],
    references: ['a b c d e f'],
    bleu: 100,
    precisions: [100, 100, 100, 100],
    brevityPenalty: 1,
    lengths: [6, 6],
  },
  {
    hypotheses: [''],
    references: ['a b'],
    bleu: 0,
    precisions: [0, 0, 0, 0],
    brevityPenalty: 0,
    lengths: [0, 2],
  },
  {
    hypotheses: ['x  y z  ', 'p q r s t'],
    references: [' x y z', 'p q r s u'],
    bleu: 72.31269021297696,
    precisions: [87.5, 83.33333333333333, 75, 50],
    brevityPenalty: 1,
    lengths: [8, 8],
  },
];

describe('corpusBleu', () => {
  it.each(REFERENCE)('agrees with sacreBLEU on $hypotheses', (reference) => {
    const score = corpusBleu(reference.hypotheses, reference.references, { tokenize: 'none' });
    expect(score.bleu).toBeCloseTo(reference.bleu, 10);
    score.precisions.forEach((p, n) => {
      expect(p).toBeCloseTo(reference.precisions[n], 10);
    });
    expect(score.brevityPenalty).toBeCloseTo(reference.brevityPenalty, 12);
    expect([score.hypothesisLength, score.referenceLength]).toEqual(reference.lengths);
  });

  // sacrebleu 2.6.0: BLEU().corpus_score(hypotheses, [references]), which is tokenize='13a'
  it.each([
    {
      hypotheses: [
        'The cat sat on the mat.',
        'Hello, world!',
        "It's 3.14, isn't it?",
        'A well-known 5-3 win',
      ],
      references: [
        'The cat sat on a mat.',
        'Hello, big world!',
        "It's 3.14, is it not?",
        'A well-known 5 - 3 win!',
      ],
      bleu: 50.08315943043818,
    },
  ])('splits text as sacreBLEU does by default, and says so', ({ hypotheses, references, bleu }) => {
    const score = corpusBleu(hypotheses, references);
    expect(score.bleu).toBeCloseTo(bleu, 10);
    expect(score.signature).toBe('nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp');
    expect(corpusBleu(hypotheses, references, { tokenize: 'none' }).bleu).toBeLessThan(bleu);
    expect(() => corpusBleu(hypotheses, references, { tokenize: 'zh' as 'none' })).toThrow(/13a, none/);
  });

  it('refuses lists of unequal length, and none', () => {
    expect(() => corpusBleu(['a'], ['a', 'b'])).toThrow(InvalidArgumentError);
    expect(() => corpusBleu([], [])).toThrow(InvalidArgumentError);
  });

  const python = process.env['THANOS_PEER_PYTHON'];
  it.skipIf(python === undefined)(
    `agrees with sacreBLEU itself on random corpora${python === undefined ? ' (THANOS_PEER_PYTHON is not set)' : ''}`,
    () => {
      const rng = Rng.keyed(1, 'bleu');
      const sentence = () => Array.from({ length: rng.int(14) }, () => 'abcdefg'[rng.int(7)]).join(' ');
      const corpora = Array.from({ length: 40 }, () => {
        const size = 1 + rng.int(6);
        return [Array.from({ length: size }, sentence), Array.from({ length: size }, sentence)];
      });
      const program = `
import json, sys
from sacrebleu.metrics import BLEU
metric = BLEU(tokenize='none', smooth_method='exp')
print(json.dumps([metric.corpus_score(h, [r]).score for h, r in json.load(sys.stdin)]))`;
      const scores = JSON.parse(
        execFileSync(python as string, ['-c', program], {
          input: JSON.stringify(corpora),
          encoding: 'utf8',
          stdio: ['pipe', 'pipe', 'ignore'],
        }),
      ) as number[];
      corpora.forEach(([hypotheses, references], i) => {
        expect(corpusBleu(hypotheses, references, { tokenize: 'none' }).bleu).toBeCloseTo(scores[i], 9);
      });
    },
  );

  it.skipIf(python === undefined)(
    `splits as sacreBLEU itself does, whatever the characters${python === undefined ? ' (THANOS_PEER_PYTHON is not set)' : ''}`,
    () => {
      const rng = Rng.keyed(2, 'bleu-13a');
      const pieces = [
        ...' \t\n\u00a0\u3000\u0085\u001c\ufeff.,-!?:;"\'()[]{}&<>/\\|`~@#$%^*_+=0123456789abcdeéßñ中日👍🏽',
        '<skipped>',
        '&quot;',
        '&amp;',
        '&lt;',
        '&gt;',
        '&amp;lt;',
        'the',
        'cat',
        '3.5',
        '1,000',
        'well-known',
      ];
      const line = () =>
        Array.from({ length: rng.int(25) }, () => rng.pick(pieces)).join(rng.int(2) === 0 ? '' : ' ');
      const corpora = Array.from({ length: 150 }, () => {
        const references = Array.from({ length: 1 + rng.int(3) }, line);
        // Near the reference, so that long n-grams match and every split matters.
        const hypotheses = references.map((text) =>
          rng.int(3) === 0 ? line() : text.replace(rng.pick(pieces), rng.pick(pieces)),
        );
        return [hypotheses, references];
      });
      const program = `
import json, sys
from sacrebleu.metrics import BLEU
metric = BLEU()
scores = [metric.corpus_score(h, [r]) for h, r in json.load(sys.stdin)]
print(json.dumps([[s.score, s.sys_len, s.ref_len] for s in scores] + [str(metric.get_signature())]))`;
      const scores = JSON.parse(
        execFileSync(python as string, ['-c', program], {
          input: JSON.stringify(corpora),
          encoding: 'utf8',
          stdio: ['pipe', 'pipe', 'ignore'],
        }),
      ) as [number, number, number][];
      const signature = String(scores.pop());
      corpora.forEach(([hypotheses, references], i) => {
        const ours = corpusBleu(hypotheses, references);
        expect([ours.hypothesisLength, ours.referenceLength], JSON.stringify(corpora[i])).toEqual(
          scores[i].slice(1),
        );
        expect(ours.bleu).toBeCloseTo(scores[i][0], 9);
        expect(signature).toContain(ours.signature);
      });
    },
  );
});
