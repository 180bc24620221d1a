/**
 * HAT's YAML files (github.com/mit-han-lab/hardware-aware-transformers, `configs/`): reads a `supertransformer/*.yml`, reads and
 * writes a `subtransformer/*.yml`, with HAT's keys. Ours besides: `qkv-dim-choice`.
 */
import { z } from 'zod';
import { InvalidConfigError } from '../../src/core/errors.ts';
import { ARCH_PARTS, archOf, canonicalArch, isLayerPart, rowOf } from './arch-config.ts';
import type { ArchChoices, ArchConfig, ArchPart, Part } from './arch-parts.ts';
import { ArchSpace } from './arch-space.ts';
import {
  assertKnownKeys,
  flowYaml,
  keyOf,
  type MappingOf,
  mapping,
  parsed,
  readYaml,
  type YamlNode,
} from './yaml-document.ts';

const positive = z.int().positive();
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

/**
 * HAT's (fairseq's) training keys. What a file leaves out is as HAT's files have it (betas, rates) or, where they leave it out too, as
 * fairseq has it (clipping at 25, no dropout, embeddings that are not shared); only the length of training and of its warm-up are ours.
 * A key without a default here has one that depends on others: see `training-config.ts`.
 */
export const TRAINING = {
  maxUpdate: positive.default(1200),
  /** Tokens of a batch. */
  maxTokens: positive.default(4096),
  /** Batches per update. */
  updateFreq: positive.default(1),
  /** Workers, each with batches of its own. */
  distributedWorldSize: positive.default(1),
  maxLr: nonNegative.optional(),
  lr: nonNegative.optional(),
  warmupUpdates: z.int().min(0).default(150),
  warmupInitLr: nonNegative.default(1e-7),
  lrScheduler: z.enum(['cosine', 'inverse_sqrt', 'fixed']).optional(),
  /** fairseq ends training when the learning rate falls to it. */
  minLr: nonNegative.optional(),
  optimizer: z.literal('adam').default('adam'),
  adamBetas: betas.default([0.9, 0.98]),
  adamEps: z.number().positive().default(1e-8),
  weightDecay: nonNegative.default(0),
  dropout: fraction.default(0),
  attentionDropout: fraction.default(0),
  criterion: z
    .enum(['label_smoothed_cross_entropy', 'cross_entropy'])
    .default('label_smoothed_cross_entropy'),
  labelSmoothing: fraction.optional(),
  /** 0: no clipping. */
  clipNorm: nonNegative.default(25),
  shareAllEmbeddings: z.boolean().default(false),
  shareDecoderInputOutputEmbed: z.boolean().default(false),
  /** Validations in a row without a lower loss after which training ends. */
  patience: positive.optional(),
};

export type HatTraining = MappingOf<typeof TRAINING>;

const IGNORED_KEYS: readonly string[] = [
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
];

const VALUES: Readonly<Record<Part['values'], z.ZodType<number>>> = {
  size: positive,
  layers: positive,
  heads: positive,
  reach: z.literal([-1, 1, 2]),
};

/** The key of a part's choices. */
export function choiceKey(part: ArchPart): string {
  return rowOf(part).hatChoice ?? `${keyOf(part)}-choice`;
}

/** The key of the SuperTransformer's own size, a bound of the choices; HAT has one for all attention of a side. */
function sizeKey(part: ArchPart): string | undefined {
  const { per, values } = rowOf(part);
  const [side] = per.split(' ');
  const keys = {
    size: keyOf(part),
    layers: `${side}-layers`,
    heads: `${side}-attention-heads`,
    reach: undefined,
  };
  return keys[values];
}

/** The key of a part of one SubTransformer. */
function subKey(part: ArchPart): string {
  if (rowOf(part).per === 'model') return keyOf(part);
  return `${keyOf(part)}${isLayerPart(part) ? '-all' : ''}-subtransformer`;
}

const CHOICES = z.object(
  Object.fromEntries(
    ARCH_PARTS.map((part) => [choiceKey(part), z.array(VALUES[rowOf(part).values]).min(1).optional()]),
  ),
);
/** The SuperTransformer's own sizes. */
const SIZES = z.object(
  Object.fromEntries(
    ARCH_PARTS.flatMap((part) => sizeKey(part) ?? []).map((key) => [key, positive.optional()]),
  ),
);
const SUBTRANSFORMER = z.object(
  Object.fromEntries(
    ARCH_PARTS.map((part) => {
      const value = VALUES[rowOf(part).values];
      return [subKey(part), (isLayerPart(part) ? z.array(value).min(1) : value).optional()];
    }),
  ),
);

/** Every key that a SuperTransformer file may have. */
const SUPER_KEYS: readonly string[] = [
  ...Object.keys(CHOICES.shape),
  ...Object.keys(SIZES.shape),
  ...Object.keys(TRAINING).map(keyOf),
  ...IGNORED_KEYS,
];

/** Whether a SuperTransformer file may have this key. */
export function isSuperTransformerKey(key: string): boolean {
  return SUPER_KEYS.includes(key);
}

export interface SuperTransformerYaml {
  readonly space: ArchSpace;
  /** Training settings, HAT's keys camelCased; what the file leaves out is absent. */
  readonly training: Partial<HatTraining>;
  /** Keys of HAT that have no effect here (file paths, logging, fp16 …), as they stand in the file. */
  readonly ignored: readonly string[];
}

/**
 * Reads a SuperTransformer.
 * @param text the YAML of a SuperTransformer.
 * @param file its name, for error messages.
 * @throws InvalidConfigError with `file:line` on bad YAML, an unknown key (naming the nearest known), an illegal value, a missing
 * choice list, or choices that exceed the SuperTransformer's sizes.
 */
export function readSuperTransformerYaml(text: string, file: string): SuperTransformerYaml {
  const node = readHatYaml(text, file);
  const { space, training, ignored } = superTransformerOf(node);
  const given = Object.entries(training).filter(([name]) => Object.hasOwn(node.data, keyOf(name)));
  return { space, training: Object.fromEntries(given), ignored };
}

/**
 * The SuperTransformer of a file, or of a section of one; what is left out of its training has its default.
 * @throws InvalidConfigError as {@link readSuperTransformerYaml}.
 */
export function superTransformerOf(
  node: YamlNode,
): Omit<SuperTransformerYaml, 'training'> & { readonly training: HatTraining } {
  assertKnownKeys(node, SUPER_KEYS);
  const given = parsed(CHOICES, node);
  const sizes = parsed(SIZES, node);
  const training = parsed(mapping(TRAINING), node);
  const order = [...Object.keys(node.data), ...ARCH_PARTS.map(choiceKey)];
  // In the file's order: the names of checkpoints depend on it.
  const parts = [...ARCH_PARTS].sort((a, b) => order.indexOf(choiceKey(a)) - order.indexOf(choiceKey(b)));
  const choices: Readonly<Record<string, readonly number[]>> = Object.fromEntries(
    parts.map((part) => {
      const { hatFixed } = rowOf(part);
      const ownKey = sizeKey(part) ?? '';
      const size = sizes[ownKey];
      // What HAT never searches has one value without choices: the SuperTransformer's.
      const values = given[choiceKey(part)] ?? (size !== undefined && hatFixed !== undefined ? [size] : null);
      if (values === null)
        throw new InvalidConfigError(
          node.place(),
          `a SuperTransformer file needs '${choiceKey(part)}'${hatFixed === undefined ? '' : ` or '${ownKey}'`}, but has ` +
            'neither it nor a default',
        );
      const largest = Math.max(...values);
      if (size !== undefined && largest > size)
        throw new InvalidConfigError(
          node.place(ownKey),
          `'${ownKey}' is the SuperTransformer's size and must be at least every choice, but is ${size} and the largest choice of ` +
            `${part} is ${largest}`,
        );
      return [part, values];
    }),
  );
  return {
    space: located(node.place(), () => new ArchSpace(choices as ArchChoices)),
    training,
    ignored: Object.keys(node.data).filter((key) => IGNORED_KEYS.includes(key)),
  };
}

/**
 * Reads the architecture of one SubTransformer.
 * @param defaultQkvDim the QKV dim where the file has none (HAT keeps it in `common.yml`).
 * @throws InvalidConfigError as {@link readSuperTransformerYaml}.
 */
export function readSubTransformerYaml(text: string, file: string, defaultQkvDim?: number): ArchConfig {
  const node = readHatYaml(text, file);
  assertKnownKeys(node, Object.keys(SUBTRANSFORMER.shape));
  const given: Record<string, unknown> = {
    [subKey('qkvDim')]: defaultQkvDim,
    ...parsed(SUBTRANSFORMER, node),
  };
  const missing = ARCH_PARTS.map(subKey).find((key) => given[key] === undefined);
  if (missing !== undefined) throw new InvalidConfigError(file, `a SubTransformer file needs '${missing}'`);
  return located(file, () =>
    archOf(Object.fromEntries(ARCH_PARTS.map((part) => [part, given[subKey(part)]]))),
  );
}

/**
 * Writes a SubTransformer in HAT's keys; HAT reads the file as it is (`qkv-dim` is its flag of the whole model).
 * @throws InvalidArgumentError if the architecture is not legal.
 */
export function writeSubTransformerYaml(arch: ArchConfig): string {
  const canonical = canonicalArch(arch);
  const lines = ARCH_PARTS.map((part) => `${subKey(part)}: ${flowYaml(canonical[part])}`);
  return `${lines.join('\n')}\n`;
}

function readHatYaml(text: string, file: string): YamlNode {
  return readYaml(text, file, "a HAT configuration must be a mapping of keys, like 'qkv-dim: 512'");
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
