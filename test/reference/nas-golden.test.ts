/**
 * What a NAS keeps by name or by hash must not move: a study is resumed, a checkpoint found and a latency table read only if genes,
 * keys and settings are those of the run before. `nas-golden.txt` holds them as commit 915952b made them (2026-11-28); a change that
 * is meant is written by `npx vitest run test/reference/nas-golden.test.ts --update`, and said in the CHANGELOG.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { summarizeArch } from '../../objectives/latency/arch-summary.ts';
import { rowsOfTrials } from '../../objectives/latency/dataset.ts';
import { hatFeatures, physicsFeatures } from '../../objectives/latency/predictor/features.ts';
import { nestedNas } from '../../objectives/nested-nas.ts';
import { DEFAULT_NAS_YAML } from '../../objectives/pipeline/default-nas-yaml.ts';
import { rk3588Hardware } from '../../objectives/pipeline/hardware.ts';
import { type NasConfig, readNasYaml } from '../../objectives/pipeline/nas-config.ts';
import { NasRun } from '../../objectives/pipeline/nas-run.ts';
import { datasetSettings, settingsOf } from '../../objectives/pipeline/nas-settings.ts';
import type { PreparedCorpus } from '../../objectives/pipeline/prepare-corpus.ts';
import type { SamplerMaker } from '../../objectives/pipeline/sampler-maker.ts';
import { checkpointPath } from '../../objectives/pipeline/supernet-training.ts';
import { archKey } from '../../objectives/transformer/arch-config.ts';
import { flopCount, parameterCount } from '../../objectives/transformer/count.ts';
import { readSubTransformerYaml, writeSubTransformerYaml } from '../../objectives/transformer/hat-yaml.ts';
import { parameterShapes } from '../../objectives/transformer/parameters.ts';
import { Supernet } from '../../objectives/transformer/supernet.ts';
import { RandomSampler, samplerRegistry } from '../../samplers/index.ts';
import { Rng } from '../../src/core/rng.ts';
import { createStudy } from '../../src/index.ts';
import { InMemoryStorage } from '../../storage/in-memory.ts';

const GOLDEN = fileURLToPath(new URL('nas-golden.txt', import.meta.url));
const EXAMPLE = readFileSync(new URL('../../examples/multi30k.yaml', import.meta.url), 'utf8');

/** The keys and values of HAT's published spaces, in the order of its files. */
const hatSpace = (ffn: string, heads: string, training: string): string => `${training}
encoder-embed-dim: 640
decoder-embed-dim: 640
encoder-layers: 6
decoder-layers: 6
qkv-dim: 512
encoder-embed-choice: [640, 512]
decoder-embed-choice: [640, 512]
encoder-ffn-embed-dim-choice: ${ffn}
decoder-ffn-embed-dim-choice: ${ffn}
encoder-layer-num-choice: [6]
decoder-layer-num-choice: [6, 5, 4, 3, 2, 1]
encoder-self-attention-heads-choice: ${heads}
decoder-self-attention-heads-choice: ${heads}
decoder-ende-attention-heads-choice: ${heads}
decoder-arbitrary-ende-attn-choice: [-1, 1, 2]
`;
const IWSLT = hatSpace(
  '[2048, 1024, 512]',
  '[4, 2]',
  `arch: transformersuper_iwslt_de_en
distributed-world-size: 1
optimizer: adam
adam-betas: (0.9, 0.98)
weight-decay: 0.0001
dropout: 0.375
max-update: 50000
warmup-updates: 10000
lr-scheduler: inverse_sqrt
warmup-init-lr: 1e-7
lr: 0.0005`,
);
const WMT = hatSpace(
  '[3072, 2048, 1024]',
  '[8, 4]',
  `arch: transformersuper_wmt_en_de
share-all-embeddings: True
clip-norm: 0.0
dropout: 0.3
attention-dropout: 0.1
update-freq: 16
max-update: 40000
lr-scheduler: cosine
max-lr: 0.001
lr: 1e-7`,
);
/** Uneven and unordered choices, heads of which 3 divides every QKV dim, ceilings, keys in no order. */
const ODD = `search: { latency-ceiling-ms: 7.5, memory-ceiling-mib: [1, 6.5], inner-sampler: random, valid-pairs: 9 }
deployment: { target-length: 9, source-length: 11 }
hardware: { backend: onnxruntime, dataset-size: 12 }
training: { sampling: sandwich, checkpoint-every: 7 }
corpus: { character-coverage: 0.99, vocabulary-size: 77 }
supertransformer:
  decoder-arbitrary-ende-attn-choice: [2, -1]
  decoder-ende-attention-heads-choice: [3]
  decoder-self-attention-heads-choice: [6, 1, 3]
  encoder-self-attention-heads-choice: [2]
  decoder-ffn-embed-dim-choice: [40, 10, 20]
  encoder-ffn-embed-dim-choice: [30]
  decoder-layer-num-choice: [3, 1]
  encoder-layer-num-choice: [4, 1, 2]
  decoder-embed-choice: [24, 12]
  encoder-embed-choice: [18]
  qkv-dim-choice: [12, 6, 30]
  share-decoder-input-output-embed: True
  criterion: cross_entropy
  patience: 4
seed: 11
study-name: odd one
`;
/** One of everything: nothing is elastic. */
const RIGID = `supertransformer:
  qkv-dim: 16
  encoder-embed-choice: [16]
  decoder-embed-choice: [16]
  encoder-layer-num-choice: [2]
  decoder-layer-num-choice: [2]
  encoder-ffn-embed-dim-choice: [32]
  decoder-ffn-embed-dim-choice: [32]
  encoder-self-attention-heads-choice: [4]
  decoder-self-attention-heads-choice: [4]
  decoder-ende-attention-heads-choice: [4]
  decoder-arbitrary-ende-attn-choice: [1]
`;

const sha = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
const makeSampler: SamplerMaker = (name, options) => samplerRegistry.get(name)(options);

/** What a study was written as, but for times and identities. */
async function essence(storage: InMemoryStorage): Promise<unknown[]> {
  const studies = await storage.listStudies();
  return Promise.all(
    studies.map(async ({ studyId, studyName, userAttrs }) => [
      studyName,
      userAttrs,
      (await storage.getTrials(studyId)).map(({ params, distributions, values, userAttrs }) =>
        sha([params, distributions, values, userAttrs]),
      ),
    ]),
  );
}

async function nestedStudies(config: NasConfig): Promise<unknown[]> {
  const { space, deployment } = config;
  const hardware = rk3588Hardware({ sourceVocabSize: 1000, targetVocabSize: 1000, ...deployment });
  const storage = new InMemoryStorage();
  const study = await createStudy({
    storage,
    studyName: 'nas',
    directions: ['minimize', 'minimize', 'minimize'],
    sampler: new RandomSampler({ seed: 3 }),
  });
  const nas = nestedNas({
    archSpace: space,
    validationLoss: async (arch) => 10 - parameterCount(arch) / 1e9,
    hardware,
    memoryCeilingMiB: {
      low: hardware.cost(space.smallest()).memoryMiB,
      high: hardware.cost(space.largest()).memoryMiB,
    },
    latencyCeilingMs: 1000,
    innerSampler: ({ outerTrial }) => new RandomSampler({ seed: outerTrial }),
    innerTrials: 4,
  });
  await study.optimize(nas.space, nas.objective, { totalTrials: 1 });
  return essence(storage);
}

async function facts(text: string): Promise<Record<string, unknown>> {
  const { corpus, space, ...config } = readNasYaml(text, 'nas.yaml');
  const whole: NasConfig = { corpus, space, ...config };
  const supernet = new Supernet(space);
  const archs = [
    space.smallest(),
    space.largest(),
    ...[1, 2, 3].map((i) => space.sampleUniform(Rng.keyed(i, 'golden'))),
  ];
  const dims = { sourceVocabSize: 1000, targetVocabSize: 1000, ...config.deployment };
  const vocabulary = { ...dims, jointVocabulary: false, padId: 0 };
  const prepared = { description: 'text', tokenizerSha256: 'abc' } as PreparedCorpus;
  const latency = await createStudy({
    directions: ['minimize', 'minimize'],
    sampler: new RandomSampler({ seed: 4 }),
  });
  await latency.optimize(space.searchSpace, (params) => [Object.keys(params).length, 1], { totalTrials: 3 });
  const subYaml = archs.map(writeSubTransformerYaml);
  expect(subYaml.map((yaml) => readSubTransformerYaml(yaml, 'sub.yml'))).toEqual(archs);
  return {
    config,
    corpus,
    choices: space.choices,
    'size of the space': String(space.size()),
    'names of the genes': Object.keys(space.searchSpace).join(' '),
    'search space': sha(space.searchSpace),
    'fixed QKV dim': sha(space.fix({ qkvDim: space.choices.qkvDim[0] }).searchSpace),
    'keys of architectures': archs.map(archKey),
    'canonical architectures': sha(archs),
    'encoded architectures': sha(archs.map((arch) => space.encode(arch))),
    feeds: archs.map((arch) => Array.from(supernet.archFeeds(arch)['arch']?.data ?? [], Number).join(' ')),
    parameters: archs.map(parameterCount),
    flops: archs.map((arch) => flopCount(arch, dims)),
    'shapes of the weights': sha(archs.map((arch) => parameterShapes(arch, vocabulary))),
    "HAT's features": archs.map((arch) => hatFeatures(summarizeArch(arch))),
    'physical features': sha(archs.map((arch) => physicsFeatures(summarizeArch(arch)))),
    summary: summarizeArch(archs[3]),
    'SubTransformer file': sha(subYaml),
    'settings of the study': settingsOf(whole, prepared),
    'settings of the dataset': datasetSettings(whole, dims),
    checkpoint: checkpointPath('', whole, 'corpus'),
    'rows of the dataset': sha(rowsOfTrials(latency.trials, space)),
    'nested studies': await nestedStudies(whole),
  };
}

it('studies, checkpoints, genes and features are those of the runs before', async () => {
  const lines: string[] = [];
  const configurations = { default: DEFAULT_NAS_YAML, example: EXAMPLE, IWSLT, WMT, ODD, RIGID };
  for (const [title, text] of Object.entries(configurations))
    for (const [what, value] of Object.entries(await facts(text)))
      lines.push(`${title}: ${what}: ${JSON.stringify(value)}`);

  const directory = mkdtempSync(join(tmpdir(), 'thanos-nas-golden-'));
  try {
    const text = DEFAULT_NAS_YAML.replace('train-pairs: 20000', 'train-pairs: 300');
    const run = await NasRun.open({ config: readNasYaml(text, 'nas.yaml'), directory });
    const storage = new InMemoryStorage();
    await run.claim(storage, makeSampler);
    lines.push(`run: study: ${JSON.stringify(await essence(storage))}`);
    lines.push(`run: checkpoint: ${run.checkpoint.slice(directory.length + 1)}`);
    await run.close();
  } finally {
    rmSync(directory, { recursive: true });
  }
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(GOLDEN);
});
