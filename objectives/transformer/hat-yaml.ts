/**
 * HAT's YAML files (github.com/mit-han-lab/hardware-aware-transformers, `configs/`): reads a `supertransformer/*.yml`, reads and
 * writes a `subtransformer/*.yml`, with HAT's keys. Ours besides: `qkv-dim-choice`.
 */
import { stringify } from 'yaml';
import { z } from 'zod';
import { didYouMean } from '../../src/core/did-you-mean.ts';
import { InvalidConfigError } from '../../src/core/errors.ts';
import { type ArchConfig, canonicalArch } from './arch-config.ts';
import type { ArchPart } from './arch-parts.ts';
import { type ArchChoices, ArchSpace } from './arch-space.ts';
import { readYamlMapping } from './yaml-mapping.ts';

/** Training settings of a SuperTransformer file, HAT's (fairseq's) keys camelCased; what the file leaves out is absent. */
export interface HatTraining {
  readonly shareAllEmbeddings?: boolean | undefined;
  readonly shareDecoderInputOutputEmbed?: boolean | undefined;
  /** Tokens of a batch. */
  readonly maxTokens?: number | undefined;
  /** Batches per update. */
  readonly updateFreq?: number | undefined;
  /** Workers, each with batches of its own. */
  readonly distributedWorldSize?: number | undefined;
  readonly maxUpdate?: number | undefined;
  readonly warmupUpdates?: number | undefined;
  readonly lrScheduler?: 'cosine' | 'inverse_sqrt' | 'fixed' | undefined;
  readonly warmupInitLr?: number | undefined;
  readonly maxLr?: number | undefined;
  readonly lr?: number | undefined;
  /** fairseq ends training when the learning rate falls to it. */
  readonly minLr?: number | undefined;
  readonly optimizer?: 'adam' | undefined;
  readonly adamBetas?: readonly [number, number] | undefined;
  readonly adamEps?: number | undefined;
  /** 0: no clipping. */
  readonly clipNorm?: number | undefined;
  readonly weightDecay?: number | undefined;
  readonly dropout?: number | undefined;
  readonly attentionDropout?: number | undefined;
  readonly criterion?: 'label_smoothed_cross_entropy' | 'cross_entropy' | undefined;
  readonly labelSmoothing?: number | undefined;
  /** Validations in a row without a lower loss after which training ends. */
  readonly patience?: number | undefined;
}

export interface SuperTransformerYaml {
  readonly space: ArchSpace;
  readonly training: HatTraining;
  /** Keys of HAT that have no effect here (file paths, logging, fp16 …), as they stand in the file. */
  readonly ignored: readonly string[];
}

const positive = z.int().positive();
const positives = z.array(positive).min(1);
const attention = z.array(z.union([z.literal(-1), z.literal(1), z.literal(2)])).min(1);
const fraction = z.number().min(0).lt(1);
const nonNegative = z.number().min(0);
const betas = z.preprocess(
  (value) =>
    typeof value === 'string'
      ? value
          .replace(/^\(|\)$/g, '')
          .split(',')
          .map(Number)
      : value,
  z.tuple([fraction, fraction]),
);

/** `…-choice` keys: the space. */
const CHOICE_KEYS = {
  'qkv-dim-choice': ['qkvDim', positives],
  'encoder-embed-choice': ['encoderEmbedDim', positives],
  'decoder-embed-choice': ['decoderEmbedDim', positives],
  'encoder-layer-num-choice': ['encoderLayerNum', positives],
  'decoder-layer-num-choice': ['decoderLayerNum', positives],
  'encoder-ffn-embed-dim-choice': ['encoderFfnEmbedDim', positives],
  'decoder-ffn-embed-dim-choice': ['decoderFfnEmbedDim', positives],
  'encoder-self-attention-heads-choice': ['encoderSelfAttentionHeads', positives],
  'decoder-self-attention-heads-choice': ['decoderSelfAttentionHeads', positives],
  'decoder-ende-attention-heads-choice': ['decoderEndeAttentionHeads', positives],
  'decoder-arbitrary-ende-attn-choice': ['decoderArbitraryEndeAttn', attention],
} as const satisfies Record<string, readonly [ArchPart, z.ZodType]>;

/** The SuperTransformer's own sizes, which bound the choices: each with the parts that it bounds. */
const SUPER_SIZE_KEYS: Readonly<Record<string, readonly ArchPart[]>> = {
  'encoder-embed-dim': ['encoderEmbedDim'],
  'decoder-embed-dim': ['decoderEmbedDim'],
  'encoder-ffn-embed-dim': ['encoderFfnEmbedDim'],
  'decoder-ffn-embed-dim': ['decoderFfnEmbedDim'],
  'encoder-layers': ['encoderLayerNum'],
  'decoder-layers': ['decoderLayerNum'],
  'encoder-attention-heads': ['encoderSelfAttentionHeads'],
  'decoder-attention-heads': ['decoderSelfAttentionHeads', 'decoderEndeAttentionHeads'],
  'qkv-dim': ['qkvDim'],
};

const TRAINING_KEYS = {
  'share-all-embeddings': ['shareAllEmbeddings', z.boolean()],
  'share-decoder-input-output-embed': ['shareDecoderInputOutputEmbed', z.boolean()],
  'max-tokens': ['maxTokens', positive],
  'update-freq': ['updateFreq', positive],
  'distributed-world-size': ['distributedWorldSize', positive],
  'max-update': ['maxUpdate', positive],
  'warmup-updates': ['warmupUpdates', z.int().min(0)],
  'lr-scheduler': ['lrScheduler', z.enum(['cosine', 'inverse_sqrt', 'fixed'])],
  'warmup-init-lr': ['warmupInitLr', nonNegative],
  'max-lr': ['maxLr', nonNegative],
  lr: ['lr', nonNegative],
  'min-lr': ['minLr', nonNegative],
  optimizer: ['optimizer', z.literal('adam')],
  'adam-betas': ['adamBetas', betas],
  'adam-eps': ['adamEps', z.number().positive()],
  'clip-norm': ['clipNorm', nonNegative],
  'weight-decay': ['weightDecay', nonNegative],
  dropout: ['dropout', fraction],
  'attention-dropout': ['attentionDropout', fraction],
  criterion: ['criterion', z.enum(['label_smoothed_cross_entropy', 'cross_entropy'])],
  'label-smoothing': ['labelSmoothing', fraction],
  patience: ['patience', positive],
} as const satisfies Record<string, readonly [keyof HatTraining, z.ZodType]>;

const IGNORED_KEYS = [
  'arch',
  'data',
  'source-lang',
  'target-lang',
  'ddp-backend',
  'fp16',
  'lr-shrink',
  'keep-last-epochs',
  'save-interval',
  'validate-interval',
] as const;

/** Every key that a SuperTransformer file may have. */
const SUPER_KEYS: readonly string[] = [
  ...Object.keys(CHOICE_KEYS),
  ...Object.keys(SUPER_SIZE_KEYS),
  ...Object.keys(TRAINING_KEYS),
  ...IGNORED_KEYS,
];

/** Whether a SuperTransformer file may have this key. */
export function isSuperTransformerKey(key: string): boolean {
  return SUPER_KEYS.includes(key);
}

/** The YAML keys of the choices, by part of the space. */
export const CHOICE_KEY_OF: Readonly<Record<ArchPart, string>> = Object.fromEntries(
  Object.entries(CHOICE_KEYS).map(([key, [part]]) => [part, key]),
) as Record<ArchPart, string>;

/** HAT's keys of one SubTransformer. */
const SUB_KEYS = {
  'qkv-dim': ['qkvDim', positive],
  'encoder-embed-dim-subtransformer': ['encoderEmbedDim', positive],
  'decoder-embed-dim-subtransformer': ['decoderEmbedDim', positive],
  'encoder-layer-num-subtransformer': ['encoderLayerNum', positive],
  'decoder-layer-num-subtransformer': ['decoderLayerNum', positive],
  'encoder-ffn-embed-dim-all-subtransformer': ['encoderFfnEmbedDim', positives],
  'decoder-ffn-embed-dim-all-subtransformer': ['decoderFfnEmbedDim', positives],
  'encoder-self-attention-heads-all-subtransformer': ['encoderSelfAttentionHeads', positives],
  'decoder-self-attention-heads-all-subtransformer': ['decoderSelfAttentionHeads', positives],
  'decoder-ende-attention-heads-all-subtransformer': ['decoderEndeAttentionHeads', positives],
  'decoder-arbitrary-ende-attn-all-subtransformer': ['decoderArbitraryEndeAttn', attention],
} as const satisfies Record<string, readonly [keyof ArchConfig, z.ZodType]>;

/**
 * @param text the YAML of a SuperTransformer.
 * @param file its name, for error messages.
 * @throws InvalidConfigError with `file:line` on bad YAML, an unknown key (naming the nearest known), an illegal value, a missing
 * choice list, or choices that exceed the SuperTransformer's sizes.
 */
export function readSuperTransformerYaml(text: string, file: string): SuperTransformerYaml {
  return superTransformerOf(readEntries(text, file), file);
}

/**
 * The SuperTransformer of the keys of a file, or of a section of one.
 * @throws InvalidConfigError as {@link readSuperTransformerYaml}.
 */
export function superTransformerOf(entries: readonly HatEntry[], file: string): SuperTransformerYaml {
  assertKnown(entries, SUPER_KEYS);
  const choices: Record<string, unknown> = {};
  const training: Record<string, unknown> = {};
  for (const { key, value, place } of entries) {
    if (isKeyOf(CHOICE_KEYS, key))
      choices[CHOICE_KEYS[key][0]] = check(CHOICE_KEYS[key][1], key, value, place);
    if (isKeyOf(TRAINING_KEYS, key))
      training[TRAINING_KEYS[key][0]] = check(TRAINING_KEYS[key][1], key, value, place);
  }
  for (const { key, value, place } of entries) {
    for (const part of SUPER_SIZE_KEYS[key] ?? []) {
      const size = check(positive, key, value, place);
      // HAT never searches the QKV dim: without qkv-dim-choice its one value is the SuperTransformer's.
      choices[part] ??= part === 'qkvDim' ? [size] : undefined;
      const largest = Math.max(...((choices[part] as number[] | undefined) ?? [size]));
      if (largest > size)
        throw new InvalidConfigError(
          place,
          `'${key}' is the SuperTransformer's size and must be at least every choice, but is ${size} and the largest choice of ` +
            `${part} is ${largest}`,
        );
    }
  }
  for (const [key, [part]] of Object.entries(CHOICE_KEYS))
    if (choices[part] === undefined)
      throw new InvalidConfigError(
        file,
        `a SuperTransformer file needs '${key}'${part === 'qkvDim' ? " or 'qkv-dim'" : ''}, but has neither it nor a default`,
      );
  const space = located(file, () => new ArchSpace(choices as unknown as ArchChoices));
  const ignored = entries
    .map(({ key }) => key)
    .filter((key) => (IGNORED_KEYS as readonly string[]).includes(key));
  return { space, training, ignored };
}

/**
 * @throws InvalidConfigError as {@link readSuperTransformerYaml}.
 * @param defaultQkvDim the QKV dim where the file has none (HAT keeps it in `common.yml`).
 */
export function readSubTransformerYaml(text: string, file: string, defaultQkvDim?: number): ArchConfig {
  const arch: Record<string, unknown> = { qkvDim: defaultQkvDim };
  const entries = readEntries(text, file);
  assertKnown(entries, Object.keys(SUB_KEYS));
  for (const { key, value, place } of entries)
    if (isKeyOf(SUB_KEYS, key)) arch[SUB_KEYS[key][0]] = check(SUB_KEYS[key][1], key, value, place);
  for (const [key, [part]] of Object.entries(SUB_KEYS))
    if (arch[part] === undefined) throw new InvalidConfigError(file, `a SubTransformer file needs '${key}'`);
  return located(file, () => canonicalArch(arch as unknown as ArchConfig));
}

/** A SubTransformer in HAT's keys; HAT reads the file as it is (`qkv-dim` is its flag of the whole model). */
export function writeSubTransformerYaml(arch: ArchConfig): string {
  const canonical = canonicalArch(arch);
  const entries = Object.entries(SUB_KEYS).map(([key, [part]]) => [key, canonical[part]]);
  return stringify(Object.fromEntries(entries), { flowCollectionPadding: false, collectionStyle: 'flow' })
    .replace(/^\{\s*|,?\s*\}\s*$/g, '')
    .replace(/,?\s*\n\s*/g, '\n')
    .concat('\n');
}

/** A key of a HAT file, and its value. */
export interface HatEntry {
  readonly key: string;
  readonly value: unknown;
  /** `file:line`. */
  readonly place: string;
}

function readEntries(text: string, file: string): HatEntry[] {
  const { data, placeOf } = readYamlMapping(
    text,
    file,
    "a HAT configuration must be a mapping of keys, like 'qkv-dim: 512'",
  );
  return Object.entries(data).map(([key, value]) => ({ key, value, place: placeOf([key]) }));
}

function assertKnown(entries: readonly HatEntry[], known: readonly string[]): void {
  for (const { key, place } of entries)
    if (!known.includes(key))
      throw new InvalidConfigError(
        place,
        `unknown key '${key}'; ${didYouMean(key, known)}known are: ${known.join(', ')}`,
      );
}

function check<S extends z.ZodType>(schema: S, key: string, value: unknown, place: string): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const rules = result.error.issues.map((issue) => issue.message).join('; ');
  throw new InvalidConfigError(place, `'${key}' is ${JSON.stringify(value)}: ${rules}`);
}

function located<T>(place: string, build: () => T): T {
  try {
    return build();
  } catch (error) {
    throw new InvalidConfigError(place, error instanceof Error ? error.message : String(error), {
      cause: error,
    });
  }
}

function isKeyOf<T extends object>(table: T, key: string): key is Extract<keyof T, string> {
  return Object.hasOwn(table, key);
}
