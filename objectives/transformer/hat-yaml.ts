/**
 * HAT's YAML files (github.com/mit-han-lab/hardware-aware-transformers, `configs/`): reads a `supertransformer/*.yml`, reads and
 * writes a `subtransformer/*.yml`, with HAT's keys. Ours besides: `qkv-dim-choice`.
 */
import * as v from 'valibot';
import { InvalidConfigError } from '../../src/core/errors.ts';
import {
  BOOLEAN,
  integerFrom,
  NOT_NEGATIVE,
  type OptionRule,
  oneOf,
  POSITIVE,
} from '../../src/core/option-rules.ts';
import { ARCH_PARTS, archOf, canonicalArch, isLayerPart, rowOf } from './arch-config.ts';
import type { ArchChoices, ArchConfig, ArchPart, Part } from './arch-parts.ts';
import { ArchSpace } from './arch-space.ts';
import {
  assertKnownKeys,
  by,
  flowYaml,
  keyOf,
  listBy,
  type MappingOf,
  mapping,
  parsed,
  readYaml,
  type YamlNode,
} from './yaml-document.ts';

const FRACTION: OptionRule<number> = {
  what: 'a number in [0, 1)',
  accepts: (value) => typeof value === 'number' && value >= 0 && value < 1,
};
const positive = by(integerFrom(1));
const fraction = by(FRACTION);
const nonNegative = by(NOT_NEGATIVE);
/** HAT's files have them as Python's text: `(0.9, 0.98)`. */
const betas = v.pipe(
  v.unknown(),
  v.check((value) => {
    const numbers = numbersOf(value);
    return Array.isArray(numbers) && numbers.length === 2 && numbers.every(FRACTION.accepts);
  }, 'two numbers in [0, 1), as (0.9, 0.98)'),
  v.transform((value) => numbersOf(value) as [number, number]),
);

function numbersOf(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  return value
    .replace(/^\(|\)$/g, '')
    .split(',')
    .map(Number);
}

/**
 * HAT's (fairseq's) training keys. What a file leaves out is as HAT's files have it (betas, rates) or, where they leave it out too, as
 * fairseq has it (clipping at 25, no dropout, embeddings that are not shared); only the length of training and of its warm-up are ours.
 * A key without a default here has one that depends on others: see `training-config.ts`.
 */
export const TRAINING = {
  maxUpdate: v.optional(positive, 1200),
  /** Tokens of a batch. */
  maxTokens: v.optional(positive, 4096),
  /** Batches per update. */
  updateFreq: v.optional(positive, 1),
  /** Workers, each with batches of its own. */
  distributedWorldSize: v.optional(positive, 1),
  maxLr: v.optional(nonNegative),
  lr: v.optional(nonNegative),
  warmupUpdates: v.optional(by(integerFrom(0)), 150),
  warmupInitLr: v.optional(nonNegative, 1e-7),
  lrScheduler: v.optional(by(oneOf('cosine', 'inverse_sqrt', 'fixed'))),
  /** fairseq ends training when the learning rate falls to it. */
  minLr: v.optional(nonNegative),
  optimizer: v.optional(v.literal('adam', "'adam'"), 'adam'),
  adamBetas: v.optional(betas, [0.9, 0.98]),
  adamEps: v.optional(by(POSITIVE), 1e-8),
  weightDecay: v.optional(nonNegative, 0),
  dropout: v.optional(fraction, 0),
  attentionDropout: v.optional(fraction, 0),
  criterion: v.optional(
    by(oneOf('label_smoothed_cross_entropy', 'cross_entropy')),
    'label_smoothed_cross_entropy',
  ),
  labelSmoothing: v.optional(fraction),
  /** 0: no clipping. */
  clipNorm: v.optional(nonNegative, 25),
  shareAllEmbeddings: v.optional(by(BOOLEAN), false),
  shareDecoderInputOutputEmbed: v.optional(by(BOOLEAN), false),
  /** Validations in a row without a lower loss after which training ends. */
  patience: v.optional(positive),
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

const VALUES: Readonly<Record<Part['values'], v.GenericSchema<number>>> = {
  size: positive,
  layers: positive,
  heads: positive,
  reach: v.picklist([-1, 1, 2], '-1, 1 or 2'),
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

const CHOICES = v.object(
  Object.fromEntries(
    ARCH_PARTS.map((part) => [choiceKey(part), v.optional(listBy(VALUES[rowOf(part).values]))]),
  ),
);
/** The SuperTransformer's own sizes. */
const SIZES = v.object(
  Object.fromEntries(
    ARCH_PARTS.flatMap((part) => sizeKey(part) ?? []).map((key) => [key, v.optional(positive)]),
  ),
);
const SUBTRANSFORMER = v.object(
  Object.fromEntries(
    ARCH_PARTS.map((part) => {
      const value = VALUES[rowOf(part).values];
      return [subKey(part), v.optional(isLayerPart(part) ? listBy(value) : value)];
    }),
  ),
);

/** Every key that a SuperTransformer file may have. */
const SUPER_KEYS: readonly string[] = [
  ...Object.keys(CHOICES.entries),
  ...Object.keys(SIZES.entries),
  ...Object.keys(TRAINING).map(keyOf),
  ...IGNORED_KEYS,
];

/** Whether a SuperTransformer file may have this key. */
export function isSuperTransformerKey(key: string): boolean {
  return SUPER_KEYS.includes(key);
}

/** What a SuperTransformer file says. */
export interface SuperTransformerYaml {
  /** The architectures that the file allows. */
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
  assertKnownKeys(node, Object.keys(SUBTRANSFORMER.entries));
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
