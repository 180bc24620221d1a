/** An architecture as data: its canonical form, its key, and what follows from its table of parts. */
import { InvalidArgumentError } from '../../src/core/errors.ts';
import {
  type ArbitraryEndeAttn,
  type ArchConfig,
  type ArchPart,
  type LayerPart,
  PARTS,
  type Part,
  type PartPer,
  type Side,
  type WholePart,
} from './arch-parts.ts';

export type { ArchConfig } from './arch-parts.ts';

/** What a SubTransformer needs besides its architecture to be built or costed. */
export interface ModelDims {
  /** Tokens of the source vocabulary. */
  readonly sourceVocabSize: number;
  /** Tokens of the target vocabulary. */
  readonly targetVocabSize: number;
  /** Tokens of the source sentence. */
  readonly sourceLength: number;
  /** Tokens of the target sentence. */
  readonly targetLength: number;
}

export const SIDES: readonly Side[] = ['encoder', 'decoder'];
/** In the table's order. */
export const ARCH_PARTS = Object.keys(PARTS) as readonly ArchPart[];
/** The model's parts, then those of each side: the order of an architecture's fields. */
export const PARTS_BY_SIDE: readonly ArchPart[] = ['model', ...SIDES].flatMap((whose) =>
  ARCH_PARTS.filter((part) => PARTS[part].per.startsWith(whose)),
);
/** The parts with one value for the whole architecture; any of them can be fixed from outside. */
export const WHOLE_PARTS = ARCH_PARTS.filter((part): part is WholePart => !isLayerPart(part));

/** The row of a part. */
export function rowOf(part: ArchPart): Part {
  return PARTS[part];
}

export function isLayerPart(part: ArchPart): part is LayerPart {
  return PARTS[part].per.endsWith(' layer');
}

/** The parts that each layer of a side has. */
export function layerParts<S extends Side>(side: S): PartPer<`${S} layer`>[] {
  return ARCH_PARTS.filter((part): part is PartPer<`${S} layer`> => PARTS[part].per === `${side} layer`);
}

/** The part that says how many layers the side of a per-layer part has. */
export function layerNumOf(part: LayerPart): 'encoderLayerNum' | 'decoderLayerNum' {
  return PARTS[part].per === 'encoder layer' ? 'encoderLayerNum' : 'decoderLayerNum';
}

/** How many of the last encoder layers a decoder layer attends to: min(1, 2 or 3, encoder layers). */
export function attendedLayers(value: ArbitraryEndeAttn, encoderLayerNum: number): number {
  return Math.min(value === -1 ? 1 : value + 1, encoderLayerNum);
}

/** What a part is called where its values count as {@link amountOf} says. */
export function amountName(part: ArchPart): string {
  return rowOf(part).amount ?? part;
}

/** What a value amounts to in a model: arbitrary attention a number of layers, any other part itself. */
export function amountOf(part: ArchPart, value: number, encoderLayerNum: number): number {
  return rowOf(part).values === 'reach' ? attendedLayers(value as ArbitraryEndeAttn, encoderLayerNum) : value;
}

/** The one value of a part that stands for all of the same amount. */
export function canonicalValue(part: ArchPart, value: number, encoderLayerNum: number): number {
  if (rowOf(part).values !== 'reach') return value;
  const layers = amountOf(part, value, encoderLayerNum);
  return layers === 1 ? -1 : layers - 1;
}

/** Whether a part may have this value in some architecture. */
export function isValueOf(part: ArchPart, value: unknown): value is number {
  if (rowOf(part).values === 'reach') return value === -1 || value === 1 || value === 2;
  return Number.isSafeInteger(value) && (value as number) > 0;
}

/** Equal architectures have equal keys; readable, e.g. `q64 e64x1 f128 h4 d64x1 f128 h4 x4 a-1`. */
export function archKey(arch: ArchConfig): string {
  const space = (part: ArchPart): string => (rowOf(part).values === 'layers' ? '' : ' ');
  return PARTS_BY_SIDE.map((part) => `${space(part)}${rowOf(part).letter}${arch[part]}`)
    .join('')
    .trimStart();
}

/**
 * The same architecture in canonical form: lists cut to the layer numbers, and arbitrary attention that reaches beyond the
 * encoder's depth written as what it does.
 * @throws InvalidArgumentError as {@link archOf}.
 */
export function canonicalArch(arch: ArchConfig): ArchConfig {
  return archOf(arch);
}

/**
 * The canonical architecture of data from outside.
 * @throws InvalidArgumentError if a part is missing, a list is too short, a number is not a positive integer, heads do not divide
 * the QKV dim, or an arbitrary attention value is unknown.
 */
export function archOf(data: unknown): ArchConfig {
  if (typeof data !== 'object' || data === null)
    throw new InvalidArgumentError(`an architecture must be an object with ${ARCH_PARTS.join(', ')}`);
  const given = data as Readonly<Partial<Record<ArchPart, unknown>>>;
  const whole = Object.fromEntries(WHOLE_PARTS.map((part) => [part, wholeValue(part, given[part])]));
  const { qkvDim, encoderLayerNum } = whole;
  return Object.fromEntries(
    PARTS_BY_SIDE.map((part) => {
      if (!isLayerPart(part)) return [part, whole[part]];
      const values = layerValues(part, given[part], whole[layerNumOf(part)]);
      if (rowOf(part).values === 'heads') assertDivide(qkvDim, values, part);
      return [part, values.map((value) => canonicalValue(part, value, encoderLayerNum))];
    }),
  ) as ArchConfig;
}

function wholeValue(part: WholePart, value: unknown): number {
  if (isValueOf(part, value)) return value;
  throw new InvalidArgumentError(`${part} must be a positive integer, but is ${value}`);
}

function layerValues(part: LayerPart, list: unknown, layers: number): number[] {
  const values: readonly unknown[] = Array.isArray(list) ? list.slice(0, layers) : [];
  if (values.length < layers)
    throw new InvalidArgumentError(
      `${part} needs one value for each of ${layers} layers, but is [${list ?? ''}]`,
    );
  return values.map((value) => {
    if (isValueOf(part, value)) return value;
    const rule =
      rowOf(part).values === 'reach'
        ? '-1 (the last encoder layer), 1 (the last two) or 2 (the last three)'
        : 'positive integers';
    throw new InvalidArgumentError(`${part} must hold ${rule}, but is [${list}]`);
  });
}

function assertDivide(qkvDim: number, heads: readonly number[], part: LayerPart): void {
  for (const count of heads)
    if (qkvDim % count !== 0)
      throw new InvalidArgumentError(
        `qkvDim must be a multiple of every head count, but qkvDim ${qkvDim} is not a multiple of ` +
          `${count} (${part}); take one of the divisors of ${qkvDim}`,
      );
}
