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
  ARCH_PARTS,
  amountOf,
  archKey,
  archOf,
  canonicalArch,
  canonicalValue,
  isLayerPart,
  isValueOf,
  layerNumOf,
  layerParts,
  rowOf,
  SIDES,
  WHOLE_PARTS,
} from './arch-config.ts';
import type { ArchChoices, ArchConfig, ArchPart, Side, WholePart } from './arch-parts.ts';

export type { ArchChoices } from './arch-parts.ts';

/** Parameters by name of the gene: `qkvDim`, `encoderFfnEmbedDim.0` … */
export type ArchParams = Readonly<Record<string, ParamValue>>;

/** Parts with one value for the whole architecture that an outer search has decided. */
export type FixedParts = Readonly<Partial<Record<WholePart, number>>>;

interface Gene {
  readonly name: string;
  readonly part: ArchPart;
  /** null: one value for the whole architecture. */
  readonly layer: number | null;
}

/**
 * The architectures that a SuperTransformer holds: which there are, as parameters of a search, and back.
 *
 * ```ts
 * const { space: archSpace } = readSuperTransformerYaml(text, 'supertransformer.yaml');
 * const arch = archSpace.decode(trial.params);
 * console.log(archSpace.size(), parameterCount(arch));
 * ```
 */
export class ArchSpace {
  /** What each part may be; a fixed part has its one value. */
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

  /** Returns the space with some parts decided. */
  fix(fixed: FixedParts): ArchSpace {
    return new ArchSpace(this.choices, { ...this.fixed, ...fixed });
  }

  /** The greatest choice of `encoderLayerNum`. */
  get maxEncoderLayers(): number {
    return Math.max(...this.choices.encoderLayerNum);
  }

  /** The greatest choice of `decoderLayerNum`. */
  get maxDecoderLayers(): number {
    return Math.max(...this.choices.decoderLayerNum);
  }

  /**
   * The architecture of these parameters, canonical. Genes of absent layers are not looked at and may be missing.
   * @throws InvalidArgumentError naming a live parameter that is missing or not one of its choices.
   */
  decode(params: ArchParams): ArchConfig {
    const read = (name: string, part: ArchPart): number => {
      const choices: readonly number[] = this.choices[part];
      const value = part in this.fixed ? choices[0] : params[name];
      const found = choices.find((choice) => choice === value);
      if (found === undefined)
        throw new InvalidArgumentError(
          `parameter '${name}' must be one of [${choices}], but is ${JSON.stringify(value)}`,
        );
      return found;
    };
    const valuesOf = (part: ArchPart): number | number[] => {
      if (!isLayerPart(part)) return read(part, part);
      const layerNum = layerNumOf(part);
      return Array.from({ length: read(layerNum, layerNum) }, (_, layer) => read(`${part}.${layer}`, part));
    };
    return archOf(Object.fromEntries(ARCH_PARTS.map((part) => [part, valuesOf(part)])));
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
      const choices: readonly number[] = this.choices[part];
      const wanted = [canonical[part]].flat()[layer ?? 0];
      const found =
        wanted === undefined
          ? choices[0]
          : choices.find((choice) => canonicalValue(part, choice, canonical.encoderLayerNum) === wanted);
      if (found === undefined)
        throw new InvalidArgumentError(
          `the architecture must be in the space, but its ${name} is ${wanted} and the choices are [${choices}]`,
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
    return this.#extreme(Math.min);
  }

  /** Every part at its greatest value: the SuperTransformer itself, an upper bound of cost over the space. */
  largest(): ArchConfig {
    return this.#extreme(Math.max);
  }

  /** Each choice uniform, so layer numbers (not architectures) are uniform, as HAT samples in training. */
  sampleUniform(rng: Rng): ArchConfig {
    const params: Record<string, ParamValue> = {};
    for (const { name, part } of this.#genes()) params[name] = rng.pick<number>(this.choices[part]);
    return this.decode(params);
  }

  /** Exact number of distinct architectures. */
  size(): bigint {
    const { encoderLayerNum, decoderLayerNum } = this.choices;
    const product = (parts: readonly ArchPart[], encoderLayers: number): bigint =>
      parts.reduce((whole, part) => whole * BigInt(this.#amounts(part, encoderLayers).size), 1n);
    const shared = WHOLE_PARTS.filter((part) => rowOf(part).values !== 'layers');
    let total = 0n;
    for (const encoderLayers of encoderLayerNum) {
      const [perEncoderLayer, perDecoderLayer] = SIDES.map((side) =>
        product(layerParts(side), encoderLayers),
      );
      for (const decoderLayers of decoderLayerNum)
        total +=
          product(shared, encoderLayers) *
          perEncoderLayer ** BigInt(encoderLayers) *
          perDecoderLayer ** BigInt(decoderLayers);
    }
    return total;
  }

  /** What the choices of a part amount to in an encoder of this depth. */
  #amounts(part: ArchPart, encoderLayers: number): ReadonlySet<number> {
    return new Set(this.choices[part].map((choice) => amountOf(part, choice, encoderLayers)));
  }

  #extreme(of: (...values: readonly number[]) => number): ArchConfig {
    const params: Record<string, ParamValue> = {};
    for (const { name, part } of this.#genes()) params[name] = of(...this.choices[part]);
    return this.decode(params);
  }

  /** Every gene in a fixed order: global parts, then layer by layer. */
  #genes(): Gene[] {
    const perLayer = (side: Side): Gene[] =>
      Array.from({ length: Math.max(...this.choices[`${side}LayerNum`]) }, (_, layer) =>
        layerParts(side).map((part) => ({ name: `${part}.${layer}`, part, layer })),
      ).flat();
    return [...WHOLE_PARTS.map((part) => ({ name: part, part, layer: null })), ...SIDES.flatMap(perLayer)];
  }
}

/** Evenly spaced numbers become an int, so that samplers see their order; others stay a categorical. */
function distributionOf(part: ArchPart, choices: readonly number[]): Distribution {
  if (rowOf(part).values === 'reach') return categoricalDistribution(choices);
  const sorted = [...choices].sort((a, b) => a - b);
  const step = sorted.length > 1 ? sorted[1] - sorted[0] : 1;
  const even = sorted.every((value, i) => value === sorted[0] + i * step);
  return even
    ? intDistribution(sorted[0], sorted[sorted.length - 1], { step })
    : categoricalDistribution(choices);
}

function legalChoices(choices: ArchChoices, fixed: FixedParts): ArchChoices {
  for (const part of ARCH_PARTS) {
    const values: readonly number[] = choices[part];
    const isLegal = values.length > 0 && new Set(values).size === values.length;
    if (isLegal && values.every((value) => isValueOf(part, value))) continue;
    const kind = rowOf(part).values === 'reach' ? 'of -1, 1 and 2' : 'positive integers';
    throw new InvalidArgumentError(
      `the choices of ${part} must be one or more distinct ${kind}, but are [${values}]`,
    );
  }
  const legal: Record<string, readonly number[]> = { ...choices };
  for (const [part, value] of Object.entries(fixed)) {
    const known = legal[part];
    const isAllowed = part === 'qkvDim' ? isValueOf(part, value) : known.includes(value);
    if (!isAllowed)
      throw new InvalidArgumentError(
        `a fixed ${part} must be one of its choices [${known}], but is ${value}`,
      );
    legal[part] = [value];
  }
  for (const part of ARCH_PARTS)
    if (rowOf(part).values === 'heads') legal[part] = legalHeads(part, choices, fixed.qkvDim);
  return Object.freeze(legal) as ArchChoices;
}

/** The head counts that divide the QKV dim that is fixed; where none is, all have to divide every choice. */
function legalHeads(part: ArchPart, choices: ArchChoices, qkvDim: number | undefined): readonly number[] {
  const counts: readonly number[] = choices[part];
  if (qkvDim !== undefined) {
    const legal = counts.filter((count) => qkvDim % count === 0);
    if (legal.length > 0) return legal;
    throw new InvalidArgumentError(
      `qkvDim must be a multiple of at least one choice of ${part}, but qkvDim is ${qkvDim} and the choices are ` +
        `[${counts}]; add a divisor of ${qkvDim}`,
    );
  }
  for (const dim of choices.qkvDim)
    for (const count of counts)
      if (dim % count !== 0)
        throw new InvalidArgumentError(
          `every qkvDim must be a multiple of every head count, but qkvDim ${dim} is not a multiple of ${count} ` +
            `(${part}); drop one of the two, or fix qkvDim so that only its legal head counts are searched`,
        );
  return counts;
}
