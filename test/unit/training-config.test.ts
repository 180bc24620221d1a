/** What HAT's training keys mean: its published files train as they say, and no key is without effect or a word. */
import { describe, expect, it } from 'vitest';
import { DEFAULT_NAS_YAML } from '../../objectives/pipeline/default-nas-yaml.ts';
import { readNasYaml } from '../../objectives/pipeline/nas-config.ts';
import { scheduleOf } from '../../objectives/pipeline/training-config.ts';
import { learningRateAt } from '../../objectives/training/index.ts';

const CHOICES = `
qkv-dim: 512
encoder-embed-choice: [640, 512]
decoder-embed-choice: [640, 512]
encoder-ffn-embed-dim-choice: [2048, 1024]
decoder-ffn-embed-dim-choice: [2048, 1024]
encoder-layer-num-choice: [6]
decoder-layer-num-choice: [6, 1]
encoder-self-attention-heads-choice: [4, 2]
decoder-self-attention-heads-choice: [4, 2]
decoder-ende-attention-heads-choice: [4, 2]
decoder-arbitrary-ende-attn-choice: [-1, 1, 2]
`;
const read = (keys: string) => readNasYaml(`${CHOICES}${keys}\n`, 'hat.yml');
const training = (keys: string) => read(keys).training;
const rates = (keys: string, steps: readonly number[]) => {
  const schedule = scheduleOf(training(keys));
  return steps.map((step) => learningRateAt(schedule, step));
};

/** The training keys of HAT's files as published (its `supertransformer/space1.yml` and `space0.yml`). */
const IWSLT = `arch: transformersuper_iwslt_de_en
max-tokens: 4096
data: data/binary/iwslt14_de_en
source-lang: de
target-lang: en
distributed-world-size: 1
optimizer: adam
adam-betas: (0.9, 0.98)
weight-decay: 0.0001
dropout: 0.375
criterion: label_smoothed_cross_entropy
label-smoothing: 0.1
fp16: False
max-update: 50000
warmup-updates: 10000
lr-scheduler: inverse_sqrt
warmup-init-lr: 1e-7
lr: 0.0005`;
const WMT = `share-all-embeddings: True
max-tokens: 4096
adam-betas: (0.9, 0.98)
clip-norm: 0.0
weight-decay: 0.0
dropout: 0.3
attention-dropout: 0.1
criterion: label_smoothed_cross_entropy
label-smoothing: 0.1
fp16: True
update-freq: 16
max-update: 40000
warmup-updates: 10000
lr-scheduler: cosine
warmup-init-lr: 1e-7
max-lr: 0.001
lr: 1e-7
lr-shrink: 1`;

describe("HAT's published files", () => {
  it('train as they say for IWSLT', () => {
    expect(training(IWSLT)).toMatchObject({
      steps: 50_000,
      maxTokens: 4096,
      batchesPerStep: 1,
      schedule: 'inverse-sqrt',
      adamBetas: [0.9, 0.98],
      adamEpsilon: 1e-8,
      weightDecay: 1e-4,
      clipNorm: 25,
      dropout: 0.375,
      attentionDropout: 0,
      labelSmoothing: 0.1,
      sharedEmbeddings: 'none',
      patience: null,
    });
    expect(rates(IWSLT, [5000, 10_000, 40_000])).toEqual([1e-7 + (5e-4 - 1e-7) / 2, 5e-4, 2.5e-4]);
  });

  it('train as they say for WMT', () => {
    expect(training(WMT)).toMatchObject({
      steps: 40_000,
      batchesPerStep: 16,
      schedule: 'cosine',
      weightDecay: 0,
      clipNorm: 0,
      dropout: 0.3,
      attentionDropout: 0.1,
      sharedEmbeddings: 'all',
    });
    const [peak, half, end] = rates(WMT, [10_000, 25_000, 40_000]);
    expect(peak).toBeCloseTo(1e-3, 12);
    expect(half).toBeCloseTo(1e-7 + (1e-3 - 1e-7) / 2, 12);
    expect(end).toBeCloseTo(1e-7, 15);
  });

  it('name the keys that have no effect', () => {
    expect(read(IWSLT).ignoredKeys).toEqual(['arch', 'data', 'source-lang', 'target-lang', 'fp16']);
    expect(read(WMT).ignoredKeys).toEqual(['fp16', 'lr-shrink']);
    expect(readNasYaml(DEFAULT_NAS_YAML, 'default').ignoredKeys).toEqual([]);
  });
});

describe('a training key', () => {
  it.each([
    ['lr-scheduler: fixed\nlr: 0.002', 'fixed', 0.002],
    ['lr-scheduler: fixed\nmax-lr: 0.003', 'fixed', 0.003],
    ['lr-scheduler: inverse_sqrt\nlr: 0.002', 'inverse-sqrt', 0.002],
    ['lr: 0.002', 'inverse-sqrt', 0.002],
    ['max-lr: 0.004', 'cosine', 0.004],
    ['', 'inverse-sqrt', 5e-4],
  ])('%j gives the schedule %s with peak %d', (keys, schedule, peakLearningRate) => {
    expect(training(keys)).toMatchObject({ schedule, peakLearningRate });
  });

  it('lr is the end of a cosine, and warmup-init-lr the beginning of a warm-up', () => {
    expect(rates('max-lr: 0.01\nlr: 0.001\nmax-update: 200\nwarmup-updates: 0', [200])[0]).toBeCloseTo(
      1e-3,
      12,
    );
    expect(rates('lr: 0.01\nwarmup-init-lr: 0.9\nwarmup-updates: 10', [5])[0]).toBeCloseTo(0.455, 12);
  });

  it.each([
    ['update-freq: 4\ndistributed-world-size: 8', { batchesPerStep: 32 }],
    ['adam-betas: (0.1, 0.2)\nadam-eps: 1e-3', { adamBetas: [0.1, 0.2], adamEpsilon: 1e-3 }],
    ['weight-decay: 0.5', { weightDecay: 0.5 }],
    ['criterion: cross_entropy', { labelSmoothing: 0 }],
    ['share-all-embeddings: False', { sharedEmbeddings: 'none' }],
    ['share-decoder-input-output-embed: True', { sharedEmbeddings: 'target-output' }],
    ['patience: 3', { patience: 3 }],
    ['min-lr: 1e-9\nlr: 0.001', { peakLearningRate: 0.001 }],
  ])('%j is done', (keys, expected) => {
    expect(training(keys)).toMatchObject(expected);
  });

  it.each([
    ['optimizer: sgd', /hat\.yml:13: 'optimizer' must be 'adam', but is "sgd"/],
    ['criterion: adaptive_loss', /hat\.yml:13: 'criterion'/],
    ['lr-scheduler: cosine\nlr: 0.001', /hat\.yml:14: .*there is no 'max-lr'/],
    ['lr-scheduler: fixed\nlr: 0.1\nmax-lr: 0.2', /hat\.yml:15: .*has one learning rate/],
    ['max-lr: 0.001\nlr: 0.01', /hat\.yml:14: .*'lr' is 0\.01 and 'max-lr' 0\.001/],
    ['max-lr: 0', /hat\.yml:13: 'max-lr' must be > 0/],
    ['lr: 0', /hat\.yml:13: 'lr' must be > 0/],
    ['max-update: 0', /hat\.yml:13: 'max-update' must be an integer >= 1, but is 0/],
    ['min-lr: 0.001\nlr: 0.0005', /hat\.yml:13: 'min-lr' is 0\.001/],
    ['criterion: cross_entropy\nlabel-smoothing: 0.1', /hat\.yml:14: 'label-smoothing'/],
    ['adam-eps: 0', /hat\.yml:13: 'adam-eps'/],
    ['adam-betas: (0.9, 1.5)', /hat\.yml:13: 'adam-betas'/],
    ['max-epoch: 3', /hat\.yml:13: unknown key 'max-epoch'/],
  ])('%j is refused', (keys, message) => {
    expect(() => read(keys)).toThrow(message);
  });
});
