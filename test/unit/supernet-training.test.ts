/** Training of a small SuperTransformer: each key of its file changes what is learned, and nothing is left out unsaid. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type NasConfig, readNasYaml } from '../../objectives/pipeline/nas-config.ts';
import { type PreparedCorpus, prepareCorpus } from '../../objectives/pipeline/prepare-corpus.ts';
import {
  checkpointPath,
  createSupernetTrainer,
  leftOut,
  supernetTask,
  supernetTrainingGraph,
} from '../../objectives/pipeline/supernet-training.ts';
import { validationBatches } from '../../objectives/pipeline/validation.ts';
import { InvalidDataError } from '../../src/core/errors.ts';

const BASE: Readonly<Record<string, unknown>> = {
  'qkv-dim-choice': '[8, 16]',
  'encoder-embed-choice': '[8, 16]',
  'decoder-embed-choice': '[8, 16]',
  'encoder-layer-num-choice': '[1]',
  'decoder-layer-num-choice': '[1]',
  'encoder-ffn-embed-dim-choice': '[16]',
  'decoder-ffn-embed-dim-choice': '[16]',
  'encoder-self-attention-heads-choice': '[2]',
  'decoder-self-attention-heads-choice': '[2]',
  'decoder-ende-attention-heads-choice': '[2]',
  'decoder-arbitrary-ende-attn-choice': '[-1]',
  'max-update': 20,
  'max-tokens': 256,
  'max-lr': 0.01,
  'warmup-updates': 2,
  'lr-scheduler': 'cosine',
  'clip-norm': 1,
  'share-all-embeddings': true,
};

const configOf = (keys: Readonly<Record<string, unknown>> = {}): NasConfig => {
  const lines = Object.entries({ ...BASE, ...keys }).map(([key, value]) => `  ${key}: ${String(value)}`);
  const own = 'corpus: { train-pairs: 200, vocabulary-size: 120 }\nsearch: { valid-pairs: 20 }\n';
  return readNasYaml(`${own}supertransformer:\n${lines.join('\n')}\n`, 'small.yaml');
};

let folder: string;
let corpus: PreparedCorpus;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'thanos-training-'));
  corpus = await prepareCorpus(configOf().corpus, 0, folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Losses of the first steps. */
async function losses(keys: Readonly<Record<string, unknown>>, steps = 4): Promise<number[]> {
  const config = configOf(keys);
  const seen: number[] = [];
  const trainer = await createSupernetTrainer(config, supernetTask(config, corpus), {
    onReport: ({ loss }) => seen.push(loss),
  });
  for (let step = 1; step <= steps; step++) await trainer.trainTo(step);
  await trainer.close();
  return seen;
}

const CHANGES: readonly Readonly<Record<string, unknown>>[] = [
  { 'weight-decay': 0.5 },
  { 'adam-betas': '(0.1, 0.2)' },
  { 'adam-eps': 0.01 },
  { 'update-freq': 3 },
  { 'warmup-init-lr': 0.9 },
  { 'warmup-updates': 0 },
  { 'max-lr': 0.02 },
  { lr: 0.005 },
  { 'lr-scheduler': 'fixed' },
  { 'lr-scheduler': 'inverse_sqrt' },
  { 'share-all-embeddings': false },
  { 'share-all-embeddings': false, 'share-decoder-input-output-embed': true },
  { 'label-smoothing': 0.2 },
  { criterion: 'cross_entropy' },
  { dropout: 0.3 },
  { 'attention-dropout': 0.3 },
  { 'clip-norm': 0.01 },
  { 'max-tokens': 128 },
  { 'max-update': 30 },
];

describe('a training key', () => {
  it('that changes the result changes the name of the checkpoint', () => {
    const paths = [{}, ...CHANGES, { patience: 3 }].map((keys) =>
      checkpointPath(folder, configOf(keys), 'key'),
    );
    expect(new Set(paths).size).toBe(paths.length);
    expect(checkpointPath(folder, configOf({ fp16: true, arch: 'x' }), 'key')).toBe(paths[0]);
    const base = configOf();
    const { search, training } = base;
    expect(checkpointPath(folder, { ...base, search: { ...search, validPairs: 21 } }, 'key')).not.toBe(
      paths[0],
    );
    const oftener = { ...base, training: { ...training, checkpointEverySteps: 3 } };
    expect(checkpointPath(folder, oftener, 'key')).toBe(paths[0]);
  });

  it('of the optimizer, the loss or the model changes the graph that is trained', () => {
    const prints = [{}, ...CHANGES.filter((keys) => !('max-tokens' in keys))].map((keys) => {
      const config = configOf(keys);
      return supernetTrainingGraph(supernetTask(config, corpus), config.training).fingerprint;
    });
    expect(new Set(prints).size).toBe(prints.length);
  });

  it('changes the loss', async () => {
    const base = await losses({});
    expect(await losses({})).toEqual(base);
    for (const keys of [
      { 'weight-decay': 0.5 },
      { 'update-freq': 3 },
      { 'share-all-embeddings': false },
      { 'lr-scheduler': 'fixed', 'warmup-init-lr': 0.02 },
    ])
      expect((await losses(keys))[3], JSON.stringify(keys)).not.toBeCloseTo(base[3], 4);
  });

  it('update-freq is as many workers with one batch each', async () => {
    expect(await losses({ 'update-freq': 2 }, 2)).toEqual(await losses({ 'distributed-world-size': 2 }, 2));
  });
});

describe('pairs that are left out', () => {
  const tokensOf = (keys: Readonly<Record<string, unknown>>): number => {
    const { maxLength } = supernetTask(configOf(keys), corpus);
    return validationBatches(corpus.valid, maxLength, 40).reduce((sum, batch) => sum + batch.tokens, 0);
  };

  it('are counted and said, and validation does not depend on the batches of the training', () => {
    const [whole, short] = [{}, { 'max-tokens': 12 }].map((keys) => supernetTask(configOf(keys), corpus));
    expect([whole.batches.pairs, leftOut(corpus, whole)]).toEqual([200, []]);
    const { pairs, tooLong } = short.batches;
    expect(tooLong).toBeGreaterThan(0);
    expect(pairs + tooLong).toBe(200);
    expect(leftOut(corpus, short)).toEqual([
      `${tooLong} of 200 training pairs are left out: longer than a batch (12 tokens by 'max-tokens')`,
    ]);
    expect([short.maxLength, short.validPairs]).toEqual([whole.maxLength, whole.validPairs]);
    expect(tokensOf({ 'max-tokens': 12 })).toBe(tokensOf({}));
    expect(leftOut({ ...corpus, corpus: { ...corpus.corpus, blankPairs: 7 } }, whole)).toEqual([
      '7 pairs are left out: a side is blank',
    ]);
  });

  it('beyond what the model can hold are left out of validation too, and others take their place', () => {
    const long = new Int32Array(2000).fill(5);
    const valid = { source: [long, ...corpus.valid.source], target: [long, ...corpus.valid.target] };
    const task = supernetTask(configOf(), { ...corpus, valid });
    expect(task.maxLength).toBe(1024);
    expect(leftOut({ ...corpus, valid }, task)).toEqual([
      `1 of ${valid.source.length} validation pairs are left out: longer than the model can hold (1024 tokens)`,
    ]);
    const judged = (pairs: number) =>
      validationBatches(valid, task.maxLength, pairs).reduce((sum, { tokens }) => sum + tokens, 0);
    expect(judged(1)).toBe(corpus.valid.target[0].length + 1);
  });

  it('if they are all, are refused with the set, the limit and the remedy', () => {
    const long = { source: [new Int32Array(2000).fill(5)], target: [new Int32Array(3).fill(5)] };
    const refused = (keys: Readonly<Record<string, unknown>>, part: Partial<PreparedCorpus>) => () =>
      supernetTask(configOf(keys), { ...corpus, ...part });
    for (const keys of [{ 'max-tokens': 4 }, { 'max-tokens': 2 }]) {
      expect(refused(keys, {})).toThrow(InvalidDataError);
      expect(refused(keys, {})).toThrow(
        /^training pairs: .* at most [04] tokens .* of 200 none is; raise 'max-tokens'/,
      );
    }
    expect(refused({}, { valid: long })).toThrow(/^validation pairs: .* at most 1024 tokens .* of 1 none is/);
  });
});
