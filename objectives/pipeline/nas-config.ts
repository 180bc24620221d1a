/**
 * The configuration of a NAS: a YAML file whose `supertransformer` section has HAT's keys
 * (github.com/mit-han-lab/hardware-aware-transformers, `configs/`), and sections of ours beside it.
 */
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { didYouMean } from '../../src/core/did-you-mean.ts';
import { InvalidConfigError } from '../../src/core/errors.ts';
import type { Ceiling } from '../nested-nas.ts';
import type { ArchSpace } from '../transformer/arch-space.ts';
import { isSuperTransformerKey, superTransformerOf } from '../transformer/hat-yaml.ts';
import { readYamlMapping, type YamlMapping } from '../transformer/yaml-mapping.ts';
import { type SupernetTrainingConfig, trainingOf } from './training-config.ts';

export interface CorpusConfig {
  /** Folder of parallel text; null: the generated task. */
  readonly directory: string | null;
  readonly sourceLanguage?: string | undefined;
  readonly targetLanguage?: string | undefined;
  /** What stands between `train` and the language in the names of the files, where several preparations lie side by side. */
  readonly infix?: string | undefined;
  /** Name of the validation files before the language (`newstest2013.tok`). Default: valid, val, dev or validation, if there. */
  readonly valid?: string | undefined;
  /** Without validation files every so-many-th training pair is held out. Default 23. */
  readonly holdOutEvery?: number | undefined;
  /** Tokens of the BPE vocabulary, special ones included: an upper bound. */
  readonly vocabularySize: number;
  /** Share of the text's characters that the vocabulary holds. Default: as `BpeTokenizer.train` has it. */
  readonly characterCoverage?: number | undefined;
  /** Sentence pairs of the generated task. */
  readonly trainPairs: number;
}

export interface SearchConfig {
  readonly outerSampler: string;
  readonly outerTrials: number;
  readonly innerSampler: string;
  readonly innerTrials: number;
  /** Options of the evolutionary inner sampler. */
  readonly populationSize: number;
  readonly parentSize: number;
  readonly mutationSize: number;
  readonly crossoverSize: number;
  readonly mutationProb: number;
  /** null: from the smallest SubTransformer's memory to the largest's. */
  readonly memoryCeilingMiB: Ceiling | null;
  /** null: no ceiling. */
  readonly latencyCeilingMs: Ceiling | null;
  /** Validation pairs that a SubTransformer is judged by during the search. */
  readonly validPairs: number;
}

export interface HardwareConfig {
  /** `onnxruntime`: measured on this machine, as a dataset that a predictor is fitted to. */
  readonly backend: 'rk3588-model' | 'onnxruntime';
  /** Architectures that are measured. */
  readonly datasetSize: number;
}

export interface NasConfig {
  readonly studyName: string;
  readonly seed: number;
  readonly corpus: CorpusConfig;
  readonly space: ArchSpace;
  readonly training: SupernetTrainingConfig;
  readonly hardware: HardwareConfig;
  /** Sentence lengths that the deployed model is compiled for, tokens. */
  readonly deployment: { readonly sourceLength: number; readonly targetLength: number };
  readonly search: SearchConfig;
  /** Keys of HAT's in the file that have no effect here. */
  readonly ignoredKeys: readonly string[];
}

/** The main job: small enough for minutes on two cores, and every part of the real thing. */
export const DEFAULT_NAS_YAML = `# A hardware-aware NAS. Every key is optional, except the choices of the supertransformer.
study-name: nas
seed: 0

corpus:
  directory: null          # a folder with train.SRC and train.TGT (and valid.*), from this file's; null: the generated task
                           # further keys: source-language, target-language, infix, valid, hold-out-every
  vocabulary-size: 1000
  train-pairs: 20000       # of the generated task

supertransformer:          # HAT's keys
  qkv-dim-choice: [32, 64, 96, 128]
  encoder-embed-choice: [64, 96, 128]
  decoder-embed-choice: [64, 96, 128]
  encoder-layer-num-choice: [1, 2, 3]
  decoder-layer-num-choice: [1, 2, 3]
  encoder-ffn-embed-dim-choice: [128, 256, 384]
  decoder-ffn-embed-dim-choice: [128, 256, 384]
  encoder-self-attention-heads-choice: [2, 4]
  decoder-self-attention-heads-choice: [2, 4]
  decoder-ende-attention-heads-choice: [2, 4]
  decoder-arbitrary-ende-attn-choice: [-1, 1, 2]
  max-update: 1200
  max-tokens: 1024
  max-lr: 0.003
  warmup-updates: 150
  lr-scheduler: cosine
  dropout: 0.05
  attention-dropout: 0
  label-smoothing: 0.1
  clip-norm: 1
  share-all-embeddings: True

training:
  sampling: uniform        # or sandwich: the largest, the smallest and a random SubTransformer in turn
  checkpoint-every: 100    # steps

hardware:
  backend: rk3588-model    # analytic; or onnxruntime: measured on this machine, and a predictor fitted to it
  dataset-size: 200        # architectures that are measured for the predictor

deployment:                # sentence lengths that the RK3588 model is compiled for
  source-length: 30
  target-length: 30

search:
  outer-sampler: tpe       # or nsga2, random
  outer-trials: 24
  inner-sampler: evolutionary
  inner-trials: 50
  population-size: 20
  parent-size: 6
  mutation-size: 8
  crossover-size: 7
  mutation-prob: 0.3
  memory-ceiling-mib: null # [low, high] that the outer study tunes, or a number; null: smallest to largest
  latency-ceiling-ms: null # likewise; null: none
  valid-pairs: 160
`;

const positive = z.int().positive();
const name = z.string().min(1);
/** Folders and child studies are named after the study. */
const studyName = name.refine((text) => !/[/\\]|\p{Cc}/u.test(text) && !/^\.+$/.test(text), {
  error:
    "a study's name is also that of its folder: it must have no '/', '\\' or control characters, and not only dots",
});
const ceiling = z.union(
  [z.number().positive(), z.tuple([z.number().positive(), z.number().positive()]), z.null()],
  { error: 'a ceiling must be a number > 0, a range [low, high] of two such numbers, or null' },
);

const SCHEMA = z.strictObject({
  'study-name': studyName.default('nas'),
  seed: z.int().min(0).default(0),
  corpus: z
    .strictObject({
      directory: z.string().min(1).nullable().default(null),
      'source-language': name.optional(),
      'target-language': name.optional(),
      infix: z.string().optional(),
      valid: name.optional(),
      'hold-out-every': z.int().min(2).optional(),
      'vocabulary-size': positive.default(1000),
      'character-coverage': z.number().gt(0).max(1).optional(),
      'train-pairs': positive.default(20_000),
    })
    .prefault({}),
  supertransformer: z.record(z.string(), z.unknown()),
  training: z
    .strictObject({
      sampling: z.enum(['uniform', 'sandwich']).default('uniform'),
      'checkpoint-every': positive.default(100),
    })
    .prefault({}),
  hardware: z
    .strictObject({
      backend: z.enum(['rk3588-model', 'onnxruntime']).default('rk3588-model'),
      'dataset-size': z.int().min(8).default(200),
    })
    .prefault({}),
  deployment: z
    .strictObject({ 'source-length': positive.default(30), 'target-length': positive.default(30) })
    .prefault({}),
  search: z
    .strictObject({
      'outer-sampler': name.default('tpe'),
      'outer-trials': positive.default(24),
      'inner-sampler': name.default('evolutionary'),
      'inner-trials': positive.default(50),
      'population-size': positive.default(20),
      'parent-size': positive.default(6),
      'mutation-size': z.int().min(0).default(8),
      'crossover-size': z.int().min(0).default(7),
      'mutation-prob': z.number().gt(0).max(1).default(0.3),
      'memory-ceiling-mib': ceiling.default(null),
      'latency-ceiling-ms': ceiling.default(null),
      'valid-pairs': positive.default(160),
    })
    .prefault({}),
});

/**
 * Besides our own files it takes HAT's as they are: their keys, at the top level, are the `supertransformer` section.
 * @param file name of the file, for error messages; `corpus.directory` is relative to its folder.
 * @throws InvalidConfigError with `file:line` and the remedy: bad YAML, unknown key, illegal value, illegal QKV dim and head count.
 */
export function readNasYaml(text: string, file: string): NasConfig {
  const mapping = readYamlMapping(
    text,
    file,
    'a NAS configuration must be a mapping; `thanos nas config` prints one to start from',
  );
  const { own, hat, hatPath } = sectionsOf(mapping);
  const parsed = SCHEMA.safeParse(own);
  if (!parsed.success) throw refusal(parsed.error.issues[0], mapping, file);
  const { placeOf } = mapping;
  const raw = parsed.data;
  const { space, training, ignored } = superTransformerOf(
    Object.entries(hat).map(([key, value]) => ({ key, value, place: placeOf([...hatPath, key]) })),
    file,
  );
  checkEvolution(raw.search, placeOf);
  return {
    studyName: raw['study-name'],
    seed: raw.seed,
    corpus: {
      directory: raw.corpus.directory === null ? null : resolve(dirname(file), raw.corpus.directory),
      sourceLanguage: raw.corpus['source-language'],
      targetLanguage: raw.corpus['target-language'],
      infix: raw.corpus.infix,
      valid: raw.corpus.valid,
      holdOutEvery: raw.corpus['hold-out-every'],
      vocabularySize: raw.corpus['vocabulary-size'],
      characterCoverage: raw.corpus['character-coverage'],
      trainPairs: raw.corpus['train-pairs'],
    },
    space,
    training: {
      ...trainingOf(training, (key) => placeOf([...hatPath, key])),
      sampling: raw.training.sampling,
      checkpointEverySteps: raw.training['checkpoint-every'],
    },
    hardware: { backend: raw.hardware.backend, datasetSize: raw.hardware['dataset-size'] },
    deployment: {
      sourceLength: raw.deployment['source-length'],
      targetLength: raw.deployment['target-length'],
    },
    search: {
      outerSampler: raw.search['outer-sampler'],
      outerTrials: raw.search['outer-trials'],
      innerSampler: raw.search['inner-sampler'],
      innerTrials: raw.search['inner-trials'],
      populationSize: raw.search['population-size'],
      parentSize: raw.search['parent-size'],
      mutationSize: raw.search['mutation-size'],
      crossoverSize: raw.search['crossover-size'],
      mutationProb: raw.search['mutation-prob'],
      memoryCeilingMiB: ceilingOf(
        raw.search['memory-ceiling-mib'],
        placeOf(['search', 'memory-ceiling-mib']),
      ),
      latencyCeilingMs: ceilingOf(
        raw.search['latency-ceiling-ms'],
        placeOf(['search', 'latency-ceiling-ms']),
      ),
      validPairs: raw.search['valid-pairs'],
    },
    ignoredKeys: ignored,
  };
}

function ceilingOf(value: number | [number, number] | null, place: string): Ceiling | null {
  if (!Array.isArray(value)) return value;
  const [low, high] = value;
  if (low > high)
    throw new InvalidConfigError(place, `a ceiling's range needs low <= high, but is [${low}, ${high}]`);
  return { low, high };
}

/** The file's own sections, and HAT's keys with the path that they stand at: a section, or the top level of a file of HAT's. */
function sectionsOf({ data }: YamlMapping): {
  own: Readonly<Record<string, unknown>>;
  hat: Readonly<Record<string, unknown>>;
  hatPath: readonly string[];
} {
  const section = data['supertransformer'];
  if (section !== undefined)
    return { own: data, hat: (section ?? {}) as Record<string, unknown>, hatPath: ['supertransformer'] };
  const isHat = ([key]: [string, unknown]): boolean => isSuperTransformerKey(key);
  const entries = Object.entries(data);
  const hat = Object.fromEntries(entries.filter(isHat));
  const own = Object.fromEntries(entries.filter((entry) => !isHat(entry)));
  return entries.some(isHat)
    ? { own: { ...own, supertransformer: hat }, hat, hatPath: [] }
    : { own, hat, hatPath: [] };
}

function refusal(issue: z.core.$ZodIssue, { data, placeOf }: YamlMapping, file: string): InvalidConfigError {
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0];
    const known = knownKeys(issue.path);
    const section = sectionOf(key);
    return new InvalidConfigError(
      placeOf([...issue.path, key]),
      `unknown key '${key}'; ${
        section === undefined ? didYouMean(key, known) : `it belongs into the section '${section}'; `
      }known are: ${known.join(', ')}`,
    );
  }
  if (issue.path[0] === 'supertransformer' && issue.path.length === 1)
    return new InvalidConfigError(
      file,
      "the section 'supertransformer' with the choices of the search space is missing or no mapping: HAT's keys, like " +
        "'encoder-embed-choice: [640, 512]', indented under 'supertransformer:' or, as in HAT's own files, at the top level",
    );
  let value: unknown = data;
  for (const key of issue.path) value = (value as Record<PropertyKey, unknown>)[key];
  const shown = typeof value === 'number' ? String(value) : JSON.stringify(value);
  return new InvalidConfigError(
    placeOf(issue.path),
    `'${issue.path.join('.')}' is ${shown}: ${issue.message}`,
  );
}

function knownKeys(path: readonly PropertyKey[]): readonly string[] {
  const section = path.length === 0 ? SCHEMA : SCHEMA.shape[path[0] as 'search'].unwrap();
  return Object.keys(section.shape);
}

/** The section that a key belongs into, if there is one. */
function sectionOf(key: string): string | undefined {
  if (isSuperTransformerKey(key)) return 'supertransformer';
  return (['corpus', 'training', 'hardware', 'deployment', 'search'] as const).find((section) =>
    knownKeys([section]).includes(key),
  );
}

/** What the evolutionary sampler would refuse, with the file's keys and lines. */
function checkEvolution(search: z.output<typeof SCHEMA>['search'], placeOf: YamlMapping['placeOf']): void {
  const { 'population-size': population, 'parent-size': parents } = search;
  if (search['inner-sampler'] !== 'evolutionary') return;
  for (const key of ['population-size', 'parent-size'] as const)
    if (search[key] < 2)
      throw new InvalidConfigError(
        placeOf(['search', key]),
        `'search.${key}' must be >= 2, but is ${search[key]}`,
      );
  if (parents > population)
    throw new InvalidConfigError(
      placeOf(['search', 'parent-size']),
      `'search.parent-size' must be <= 'search.population-size', but is ${parents} > ${population}`,
    );
  if (search['mutation-size'] + search['crossover-size'] < 1)
    throw new InvalidConfigError(
      placeOf(['search', 'mutation-size']),
      "'search.mutation-size' and 'search.crossover-size' must not both be 0: a generation would have no candidate",
    );
}
