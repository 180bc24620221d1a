/** Builds the compiled form of a Transformer, layer by layer: tiling, fusion and layout as rknn-toolkit2 2.5.0 does them. */
import {
  type ConvOp,
  ceilTo,
  type FeatureId,
  featureBytes,
  type MoveOp,
  type NpuGraph,
  type NpuOp,
  VECTOR,
  weightBytes,
} from './npu-op.ts';

/** A second linear layer is cut where its input has more channels than this. */
const MAX_IN_CHANNELS = 1536;
/** A convolution is cut where its input has more elements than this (128 KiB of the 384 KiB CBUF) … */
const MAX_TILE_ELEMENTS = 65_536;
/** … and its weights do not fit the CBUF beside it, bytes. The threshold lies between 160 KiB (not cut) and 1.25 MiB (cut). */
const MAX_RESIDENT_WEIGHT_BYTES = 384 * 1024;
/** A Transpose of more columns than this falls back to the CPU ("Transpose will fallback to CPU"). */
const MAX_TRANSPOSE_COLUMNS = 8192;

/** A named value between operators: channels x width, batch 1. */
export interface NpuFeature {
  readonly id: FeatureId;
  readonly channels: number;
  readonly width: number;
}

/** The mask of an attention: the constant causal one, or the source mask as {@link NpuGraphBuilder.sourceMask} prepares it. */
export type Mask = 'causal' | FeatureId;

export class NpuGraphBuilder {
  readonly ops: NpuOp[] = [];
  readonly featureBytes: number[] = [];

  graph(): NpuGraph {
    return { ops: this.ops, featureBytes: this.featureBytes };
  }

  feature(bytes: number): FeatureId {
    return this.featureBytes.push(bytes) - 1;
  }

  move(
    kind: MoveOp['kind'],
    label: string,
    inputs: readonly FeatureId[],
    outputs: readonly FeatureId[],
    elements: number,
    options: {
      scratchBytes?: number | undefined;
      constBytes?: readonly number[] | undefined;
      target?: 'npu' | 'cpu' | undefined;
    } = {},
  ): void {
    const operands = kind === 'add' ? 3 : 2;
    this.ops.push({
      kind,
      label,
      target: options.target ?? 'npu',
      inputs,
      outputs,
      scratchBytes: options.scratchBytes ?? 0,
      constBytes: options.constBytes ?? (kind === 'reshape' ? [32] : []),
      elements,
      bytesMoved: operands * 2 * elements,
    });
  }

  input(label: string, bytes: number): FeatureId {
    const id = this.feature(bytes);
    this.move('input', label, [], [id], bytes / 2, { target: 'cpu' });
    return id;
  }

  conv(
    label: string,
    x: NpuFeature,
    outChannels: number,
    options: {
      bias?: boolean | undefined;
      residual?: NpuFeature | undefined;
      activation?: ConvOp['activation'] | undefined;
      outputBytes?: number | undefined;
    } = {},
  ): NpuFeature {
    const { bias = true, residual, activation = 'none' } = options;
    const id = this.feature(options.outputBytes ?? featureBytes(outChannels, x.width));
    this.ops.push({
      kind: 'conv',
      label,
      target: 'npu',
      inputs: residual === undefined ? [x.id] : [x.id, residual.id],
      outputs: [id],
      scratchBytes: 0,
      constBytes: [weightBytes(x.channels, outChannels), ...(bias ? [4 * ceilTo(outChannels, VECTOR)] : [])],
      batch: 1,
      inChannels: x.channels,
      outChannels,
      width: x.width,
      bias,
      residual: residual !== undefined,
      activation,
    });
    return { id, channels: outChannels, width: x.width };
  }

  /** A linear layer, cut along its input channels as the compiler cuts it: partial products are added by ConvAdd. */
  linear(
    label: string,
    x: NpuFeature,
    outChannels: number,
    options: { residual?: NpuFeature | undefined; activation?: ConvOp['activation'] | undefined } = {},
  ): NpuFeature {
    // A sum that LayerNorm reads next is kept in fp32.
    const outputBytes = featureBytes(outChannels, x.width) * (options.residual === undefined ? 1 : 2);
    const tiles = this.#tiles(x, outChannels);
    if (tiles.length === 1) return this.conv(label, x, outChannels, { ...options, outputBytes });
    const pieces = this.#split(label, x, tiles);
    let sum: NpuFeature | undefined;
    for (const [i, piece] of pieces.reverse().entries()) {
      const isLast = i === pieces.length - 1;
      sum = this.conv(`${label}.tile${pieces.length - 1 - i}`, piece, outChannels, {
        bias: i === 1,
        residual: sum,
        activation: isLast ? options.activation : 'none',
      });
    }
    if (options.residual === undefined) return sum as NpuFeature;
    const id = this.feature(outputBytes);
    this.move(
      'add',
      `${label}.add`,
      [options.residual.id, (sum as NpuFeature).id],
      [id],
      outChannels * x.width,
    );
    return { id, channels: outChannels, width: x.width };
  }

  #tiles(x: NpuFeature, outChannels: number): number[] {
    const byChannels = divide(x.channels, Math.ceil(x.channels / MAX_IN_CHANNELS), MAX_IN_CHANNELS);
    return byChannels.flatMap((channels) => {
      const tooWide =
        channels * x.width > MAX_TILE_ELEMENTS &&
        weightBytes(channels, outChannels) > MAX_RESIDENT_WEIGHT_BYTES;
      return tooWide
        ? divide(channels, Math.ceil((channels * x.width) / MAX_TILE_ELEMENTS), channels)
        : [channels];
    });
  }

  #split(label: string, x: NpuFeature, tiles: readonly number[]): NpuFeature[] {
    const pieces = tiles.map((channels) => ({
      id: this.feature(featureBytes(channels, x.width)),
      channels,
      width: x.width,
    }));
    const outputs = pieces.map((piece) => piece.id);
    this.move('split', `${label}.split`, [x.id], outputs, x.channels * x.width, { constBytes: [16] });
    return pieces;
  }

  norm(label: string, x: NpuFeature): NpuFeature {
    const { channels, width } = x;
    const id = this.feature(featureBytes(channels, width));
    this.ops.push({
      kind: 'norm',
      label,
      target: 'npu',
      inputs: [x.id],
      outputs: [id],
      scratchBytes: 4 * (channels + 16) * ceilTo(width, 4) + 64,
      constBytes: [2 * ceilTo(channels, VECTOR), 4 * ceilTo(channels, VECTOR)],
      batch: 1,
      channels,
      width,
    });
    return { id, channels, width };
  }

  /** (1, C, 1, T) -> (heads, C / heads, 1, T) or back: a view, but where padding of the head dim to 8 makes it a copy. */
  heads(label: string, x: NpuFeature, heads: number): NpuFeature {
    const flat = featureBytes(x.channels, x.width);
    const split = featureBytes(x.channels / heads, x.width, heads);
    const isView = flat === split;
    const id = isView ? x.id : this.feature(split);
    this.move('reshape', label, [x.id], isView ? [] : [id], x.channels * x.width, { scratchBytes: flat });
    return { ...x, id };
  }

  attention(
    label: string,
    q: NpuFeature,
    k: NpuFeature,
    v: NpuFeature,
    heads: number,
    mask: Mask,
  ): NpuFeature {
    const headDim = q.channels / heads;
    const [queryLength, keyLength] = [q.width, k.width];
    const id = this.feature(featureBytes(headDim, queryLength, heads));
    this.ops.push({
      kind: 'sdpa',
      label,
      target: 'npu',
      inputs: [q.id, k.id, v.id, ...(mask === 'causal' ? [] : [mask])],
      outputs: [id],
      // Fitted to 16 printed sizes, within a quarter of each.
      scratchBytes: 1216 + 12 * ceilTo(queryLength, 4) * ceilTo(keyLength, 32),
      constBytes: mask === 'causal' ? [2 * ceilTo(queryLength, 4) * ceilTo(keyLength, 32)] : [],
      heads,
      headDim,
      queryLength,
      keyLength,
    });
    return this.heads(`${label}.merge`, { ...q, id }, heads);
  }

  /** The mask of the source's padding, `repeats` times in a row, as the compiler turns it for its attention. */
  sourceMask(input: FeatureId, length: number, repeats: number): FeatureId {
    const width = repeats * length;
    const [converted, turned] = [32, 16].map((bytes) => this.feature(bytes * ceilTo(width, 4)));
    this.move('reshape', 'sourceMask.convert', [input], [converted], width, { constBytes: [16] });
    this.move('transpose', 'sourceMask.transpose', [converted], [turned], width, {
      scratchBytes: this.featureBytes[converted],
    });
    return turned;
  }

  /** Features of the same channels one after the other on the time axis. */
  joined(label: string, parts: readonly NpuFeature[]): NpuFeature {
    if (parts.length === 1) return parts[0];
    const channels = parts[0].channels;
    const width = parts.reduce((sum, part) => sum + part.width, 0);
    const id = this.feature(featureBytes(channels, width));
    const inputs = parts.map((part) => part.id);
    this.move('concat', `${label}.concat`, inputs, [id], channels * width);
    return { id, channels, width };
  }

  /** A part of the time axis. */
  sliced(label: string, x: NpuFeature, width: number): NpuFeature {
    if (width === x.width) return x;
    const id = this.feature(featureBytes(x.channels, width));
    this.move('split', label, [x.id], [id], x.channels * width, { constBytes: [8, 8, 8, 8] });
    return { ...x, id, width };
  }

  /** (1, T, C) -> (1, T, 1, C). */
  rows(label: string, x: FeatureId, channels: number, width: number): FeatureId {
    const bytes = featureBytes(width, channels);
    const id = this.feature(bytes);
    this.move('reshape', label, [x], [id], channels * width, { scratchBytes: bytes * unevenFactor(width) });
    return id;
  }

  /** (1, T, 1, C) -> (1, C, 1, T). */
  channelFirst(label: string, rows: FeatureId, channels: number, width: number): NpuFeature {
    const id = this.feature(featureBytes(channels, width));
    this.move('transpose', `${label}.transpose`, [rows], [id], channels * width, {
      scratchBytes: 2 * featureBytes(width, channels),
    });
    return { id, channels, width };
  }

  /** Looked-up rows plus the table of positions, channels first. */
  embed(label: string, gathered: FeatureId, channels: number, width: number): NpuFeature {
    const rows = this.rows(`${label}.rows`, gathered, channels, width);
    const bytes = featureBytes(width, channels);
    const sum = this.feature(bytes);
    this.move('add', `${label}.positions`, [rows], [sum], channels * width, { constBytes: [bytes] });
    return this.channelFirst(label, sum, channels, width);
  }

  gather(label: string, ids: FeatureId, vocabSize: number, channels: number, length: number): FeatureId {
    const id = this.feature(featureBytes(channels, length));
    this.ops.push({
      kind: 'gather',
      label,
      target: 'cpu',
      inputs: [ids],
      outputs: [id],
      scratchBytes: 0,
      // The table takes four bytes an element in memory, two in the .rknn file.
      constBytes: [4 * ceilTo(vocabSize, 16) * channels],
      rows: length,
      columns: channels,
    });
    return id;
  }

  /** (1, C, 1, T) -> (1, T, C) and out. */
  output(label: string, x: NpuFeature): void {
    const { channels, width } = x;
    const elements = channels * width;
    const onCpu = channels > MAX_TRANSPOSE_COLUMNS;
    const rows = this.feature(2 * elements);
    const isUneven = unevenFactor(width) === 2 && !onCpu;
    this.move('transpose', `${label}.transpose`, [x.id], [rows], elements, {
      target: onCpu ? 'cpu' : 'npu',
      scratchBytes: isUneven ? 2 * featureBytes(channels, width) : 0,
    });
    const flat = this.feature(featureBytes(width, channels));
    this.move('reshape', `${label}.reshape`, [rows], [flat], elements, {
      scratchBytes: isUneven ? 4 * elements : 2 * elements,
    });
    this.move('output', label, [flat], [], elements, { target: 'cpu' });
  }
}

/** Scratch buffers double where a sentence does not fill whole blocks of 4. */
function unevenFactor(width: number): number {
  return width % 4 === 0 ? 1 : 2;
}

/** `count` parts, equal if each is then a multiple of 32, else `size` each and the rest. */
function divide(total: number, count: number, size: number): number[] {
  if (total % (32 * count) === 0) return Array.from({ length: count }, () => total / count);
  return Array.from({ length: Math.ceil(total / size) }, (_, i) => Math.min(size, total - i * size));
}
