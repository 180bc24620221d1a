/**
 * The space of SubTransformers: choices for every elastic part, as HAT (arXiv 2005.14187, section 3.1), plus the QKV dim and
 * the encoder's depth. One parameter per gene (`encoderFfnEmbedDim.0`), so that any sampler can search it.
 */
import {
  categoricalDistribution,
  type Distribution,
  intDistribution,
  type ParamValue,
  type SearchSpace,
} from '../../src/core/distribution.ts';
import { InvalidArgumentError } from '../../src/core/errors.ts';
import type { Rng } from '../../src/core/rng.ts';
import {
  type ArbitraryEndeAttn,
  type ArchConfig,
  arbitraryEndeAttn,
  archKey,
  attendedLayers,
  canonicalArch,
} from './arch-config.ts';

/** What each part may be; per-layer parts have the same choices in every layer. The first choice fills dead genes. */
export interface ArchChoices {
  readonly qkvDim: readonly number[];
  readonly encoderEmbedDim: readonly number[];
  readonly decoderEmbedDim: readonly number[];
  readonly encoderLayerNum: readonly number[];
  readonly decoderLayerNum: readonly number[];
  readonly encoderFfnEmbedDim: readonly number[];
  readonly encoderSelfAttentionHeads: readonly number[];
  readonly decoderFfnEmbedDim: readonly number[];
  readonly decoderSelfAttentionHeads: readonly number[];
  readonly decoderEndeAttentionHeads: readonly number[];
  readonly decoderArbitraryEndeAttn: readonly ArbitraryEndeAttn[];
}

export type ArchPart = keyof ArchChoices;
export type ArchParams = Readonly<Record<string, ParamValue>>;

/** Parts with one value for the whole architecture; any of them can be fixed from outside. */
const GLOBAL_PARTS = [
  'qkvDim',
  'encoderEmbedDim',
  'decoderEmbedDim',
  'encoderLayerNum',
  'decoderLayerNum',
] as const;
const ENCODER_PARTS = ['encoderFfnEmbedDim', 'encoderSelfAttentionHeads'] as const;
const DECODER_PARTS = [
  'decoderFfnEmbedDim',
  'decoderSelfAttentionHeads',
  'decoderEndeAttentionHeads',
  'decoderArbitraryEndeAttn',
] as const;
const HEAD_PARTS = [
  'encoderSelfAttentionHeads',
  'decoderSelfAttentionHeads',
  'decoderEndeAttentionHeads',
] as const;

export const ARCH_PARTS: readonly ArchPart[] = [...GLOBAL_PARTS, ...ENCODER_PARTS, ...DECODER_PARTS];

export type FixedParts = Readonly<Partial<Record<(typeof GLOBAL_PARTS)[number], number>>>;

export class ArchSpace {
  readonly choices: ArchChoices;
  /** Parts given from outside: they are no parameters of this space. */
  readonly fixed: FixedParts;
  /** One distribution per gene: int where the choices are evenly spaced numbers, else categorical. */
  readonly searchSpace: SearchSpace;

  /**
   * @param fixed parts that an outer search has decided; a fixed QKV dim need not be among the choices, and leaves only the head
   * counts that divide it.
   * @throws InvalidArgumentError on an empty list, a repeated or impossible value, or a head count that does not divide a QKV dim.
   */
  constructor(choices: ArchChoices, fixed: FixedParts = {}) {
    this.fixed = fixed;
    this.choices = legalChoices(choices, fixed);
    const space: Record<string, Distribution> = {};
    for (const { name, part } of this.#genes()) {
      if (!(part in fixed)) space[name] = distributionOf(part, this.choices[part]);
    }
    this.searchSpace = Object.freeze(space);
  }

  /** The same choices with some parts decided. */
  fix(fixed: FixedParts): ArchSpace {
    return new ArchSpace(this.choices, { ...this.fixed, ...fixed });
  }

  get maxEncoderLayers(): number {
    return Math.max(...this.choices.encoderLayerNum);
  }

  get maxDecoderLayers(): number {
    return Math.max(...this.choices.decoderLayerNum);
  }

  /**
   * The architecture of these parameters, canonical. Genes of absent layers are not looked at and may be missing.
   * @throws InvalidArgumentError naming a live parameter that is missing or not one of its choices.
   */
  decode(params: ArchParams): ArchConfig {
    const read = (name: string, part: ArchPart): number => {
      const value = part in this.fixed ? this.choices[part][0] : params[name];
      if (!(this.choices[part] as readonly unknown[]).includes(value))
        throw new InvalidArgumentError(
          `parameter '${name}' must be one of [${this.choices[part]}], but is ${JSON.stringify(value)}`,
        );
      return value as number;
    };
    const [qkvDim, encoderEmbedDim, decoderEmbedDim, encoderLayerNum, decoderLayerNum] = GLOBAL_PARTS.map(
      (part) => read(part, part),
    );
    const layers = (part: ArchPart, count: number): number[] =>
      Array.from({ length: count }, (_, layer) => read(`${part}.${layer}`, part));
    return canonicalArch({
      qkvDim,
      encoderEmbedDim,
      encoderLayerNum,
      encoderFfnEmbedDim: layers('encoderFfnEmbedDim', encoderLayerNum),
      encoderSelfAttentionHeads: layers('encoderSelfAttentionHeads', encoderLayerNum),
      decoderEmbedDim,
      decoderLayerNum,
      decoderFfnEmbedDim: layers('decoderFfnEmbedDim', decoderLayerNum),
      decoderSelfAttentionHeads: layers('decoderSelfAttentionHeads', decoderLayerNum),
      decoderEndeAttentionHeads: layers('decoderEndeAttentionHeads', decoderLayerNum),
      decoderArbitraryEndeAttn: layers('decoderArbitraryEndeAttn', decoderLayerNum) as ArbitraryEndeAttn[],
    });
  }

  /**
   * Canonical parameters of an architecture: a value for every gene, dead ones set to their first choice, and of arbitrary
   * attention values that mean the same for this encoder depth the first.
   * @throws InvalidArgumentError if the architecture is not in the space.
   */
  encode(arch: ArchConfig): Record<string, ParamValue> {
    const canonical = canonicalArch(arch);
    const params: Record<string, ParamValue> = {};
    for (const { name, part, layer } of this.#genes()) {
      const wanted = layer === null ? [canonical[part]].flat()[0] : [canonical[part]].flat()[layer];
      const found =
        wanted === undefined
          ? this.choices[part][0]
          : this.choices[part].find((choice) => meaning(part, choice, canonical.encoderLayerNum) === wanted);
      if (found === undefined)
        throw new InvalidArgumentError(
          `the architecture must be in the space, but its ${name} is ${wanted} and the choices are [${this.choices[part]}]`,
        );
      if (!(part in this.fixed)) params[name] = found;
    }
    return params;
  }

  /** Equal exactly for parameters that mean the same architecture. */
  canonicalKey(params: ArchParams): string {
    return archKey(this.decode(params));
  }

  /** The one parameter set that stands for all that mean the same architecture. */
  canonicalParams(params: ArchParams): Record<string, ParamValue> {
    return this.encode(this.decode(params));
  }

  /** Every part at its least value: a lower bound of cost over the space. */
  smallest(): ArchConfig {
    return this.#extreme((values) => Math.min(...values));
  }

  /** Every part at its greatest value: the SuperTransformer itself, an upper bound of cost over the space. */
  largest(): ArchConfig {
    return this.#extreme((values) => Math.max(...values));
  }

  /** Each choice uniform, so layer numbers (not architectures) are uniform, as HAT samples in training. */
  sampleUniform(rng: Rng): ArchConfig {
    const params: Record<string, ParamValue> = {};
    for (const { name, part } of this.#genes()) params[name] = rng.pick<number>(this.choices[part]);
    return this.decode(params);
  }

  /** Exact number of distinct architectures. */
  size(): bigint {
    const count = (part: ArchPart): bigint => BigInt(this.choices[part].length);
    const product = (parts: readonly ArchPart[]): bigint => parts.reduce((p, part) => p * count(part), 1n);
    const shared = product(['qkvDim', 'encoderEmbedDim', 'decoderEmbedDim']);
    const perEncoderLayer = product(ENCODER_PARTS);
    let total = 0n;
    for (const encoderLayers of this.choices.encoderLayerNum) {
      const attended = new Set(
        this.choices.decoderArbitraryEndeAttn.map((value) => attendedLayers(value, encoderLayers)),
      );
      const perDecoderLayer =
        product(HEAD_PARTS.slice(1)) * count('decoderFfnEmbedDim') * BigInt(attended.size);
      for (const decoderLayers of this.choices.decoderLayerNum)
        total += shared * perEncoderLayer ** BigInt(encoderLayers) * perDecoderLayer ** BigInt(decoderLayers);
    }
    return total;
  }

  #extreme(of: (values: readonly number[]) => number): ArchConfig {
    const value = (part: ArchPart): number =>
      part === 'decoderArbitraryEndeAttn'
        ? arbitraryEndeAttn(of(this.choices[part].map((choice) => attendedLayers(choice, 3))))
        : of(this.choices[part]);
    const params: Record<string, ParamValue> = {};
    for (const { name, part } of this.#genes()) params[name] = value(part);
    return this.decode(params);
  }

  /** Every gene in a fixed order: global parts, then layer by layer. */
  #genes(): { name: string; part: ArchPart; layer: number | null }[] {
    const perLayer = (parts: readonly ArchPart[], layers: number) =>
      Array.from({ length: layers }, (_, layer) =>
        parts.map((part) => ({ name: `${part}.${layer}`, part, layer })),
      ).flat();
    return [
      ...GLOBAL_PARTS.map((part) => ({ name: part, part, layer: null })),
      ...perLayer(ENCODER_PARTS, this.maxEncoderLayers),
      ...perLayer(DECODER_PARTS, this.maxDecoderLayers),
    ];
  }
}

function meaning(part: ArchPart, choice: number, encoderLayers: number): number {
  return part === 'decoderArbitraryEndeAttn'
    ? arbitraryEndeAttn(attendedLayers(choice as ArbitraryEndeAttn, encoderLayers))
    : choice;
}

/** Evenly spaced numbers become an int, so that samplers see their order; others stay a categorical. */
function distributionOf(part: ArchPart, choices: readonly number[]): Distribution {
  if (part === 'decoderArbitraryEndeAttn') return categoricalDistribution(choices);
  const sorted = [...choices].sort((a, b) => a - b);
  const step = sorted.length > 1 ? sorted[1] - sorted[0] : 1;
  const even = sorted.every((value, i) => value === sorted[0] + i * step);
  return even
    ? intDistribution(sorted[0], sorted[sorted.length - 1], { step })
    : categoricalDistribution(choices);
}

function legalChoices(choices: ArchChoices, fixed: FixedParts): ArchChoices {
  for (const part of ARCH_PARTS) {
    const values = choices[part];
    const rule = `the choices of ${part} must be one or more distinct`;
    const repeated = new Set<number>(values).size !== values.length;
    if (part === 'decoderArbitraryEndeAttn') {
      if (values.length === 0 || repeated || !values.every((value) => [-1, 1, 2].includes(value)))
        throw new InvalidArgumentError(`${rule} of -1, 1 and 2, but are [${values}]`);
    } else if (values.length === 0 || repeated || !values.every((v) => Number.isSafeInteger(v) && v > 0))
      throw new InvalidArgumentError(`${rule} positive integers, but are [${values}]`);
  }
  const decided = Object.fromEntries(
    Object.entries(fixed).map(([part, value]) => {
      const known: readonly number[] = choices[part as keyof FixedParts];
      const allowed = part === 'qkvDim' ? Number.isSafeInteger(value) && value > 0 : known.includes(value);
      if (!allowed)
        throw new InvalidArgumentError(
          `a fixed ${part} must be one of its choices [${known}], but is ${value}`,
        );
      return [part, [value]];
    }),
  );
  const heads = Object.fromEntries(
    HEAD_PARTS.map((part) => {
      if (fixed.qkvDim !== undefined) {
        const { qkvDim } = fixed;
        const legal = choices[part].filter((count) => qkvDim % count === 0);
        if (legal.length === 0)
          throw new InvalidArgumentError(
            `qkvDim must be a multiple of at least one choice of ${part}, but qkvDim is ${qkvDim} and the choices are ` +
              `[${choices[part]}]; add a divisor of ${qkvDim}`,
          );
        return [part, legal];
      }
      for (const qkvDim of choices.qkvDim)
        for (const count of choices[part])
          if (qkvDim % count !== 0)
            throw new InvalidArgumentError(
              `every qkvDim must be a multiple of every head count, but qkvDim ${qkvDim} is not a multiple of ${count} ` +
                `(${part}); drop one of the two, or fix qkvDim so that only its legal head counts are searched`,
            );
      return [part, choices[part]];
    }),
  );
  return Object.freeze({ ...choices, ...decided, ...heads }) as ArchChoices;
}
