/** HAT's latency tables (arXiv 2005.14187; `latency_dataset/*.csv` of its repository): ten feature columns, two means, two deviations. */
import { InvalidDataError } from '../../src/core/errors.ts';
import type { LatencyRow } from './dataset.ts';

const COLUMNS = [
  'encoder_embed_dim',
  'encoder_layer_num',
  'encoder_ffn_embed_dim_avg',
  'encoder_self_attention_heads_avg',
  'decoder_embed_dim',
  'decoder_layer_num',
  'decoder_ffn_embed_dim_avg',
  'decoder_self_attention_heads_avg',
  'decoder_ende_attention_heads_avg',
  'decoder_arbitrary_ende_attn_avg',
  'latency_mean_encoder',
  'latency_mean_decoder',
  'latency_std_encoder',
  'latency_std_decoder',
] as const;

/** HAT does not search the QKV dim: every block has this width. */
export const HAT_QKV_DIM = 512;

/**
 * Rows in the file's order; the label is encoder mean + decoder mean, as HAT's predictor takes it. In these tables arbitrary
 * attention is already the number of attended layers (1 to 3).
 * @throws InvalidDataError naming the line, if a column is missing or unknown, or a cell is no number.
 */
export function readHatLatencyCsv(text: string, file: string): LatencyRow[] {
  const [header, ...lines] = text.split(/\r?\n/).filter((line) => line !== '');
  const names = (header ?? '').split(',');
  const missing = COLUMNS.filter((column) => !names.includes(column));
  if (missing.length > 0)
    throw new InvalidDataError(
      `${file}:1`,
      `HAT's latency table needs the columns ${COLUMNS.join(', ')}, but lacks ${missing.join(', ')}`,
    );
  const unknown = names.filter((name) => !(COLUMNS as readonly string[]).includes(name));
  if (unknown.length > 0)
    throw new InvalidDataError(
      `${file}:1`,
      `HAT's latency table has the columns ${COLUMNS.join(', ')}, but this one has ${unknown.join(', ')} besides: ` +
        'what they say would be lost; take them out, or make the rows yourself',
    );
  const at = COLUMNS.map((column) => names.indexOf(column));
  return lines.map((line, i) => {
    const cells = line.split(',');
    const numbers = at.map((column) => Number(cells[column] === '' ? Number.NaN : cells[column]));
    const bad = numbers.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0)
      throw new InvalidDataError(
        `${file}:${i + 2}`,
        `${COLUMNS[bad]} must be a number, but is '${cells[at[bad]]}'`,
      );
    const [
      d,
      layers,
      ffn,
      heads,
      decoderD,
      decoderLayers,
      decoderFfn,
      self,
      ende,
      attended,
      encoderMs,
      decoderMs,
    ] = numbers;
    return {
      arch: {
        qkvDim: HAT_QKV_DIM,
        encoderEmbedDim: d,
        encoderLayerNum: layers,
        encoderFfnEmbedDim: ffn,
        encoderSelfAttentionHeads: heads,
        decoderEmbedDim: decoderD,
        decoderLayerNum: decoderLayers,
        decoderFfnEmbedDim: decoderFfn,
        decoderSelfAttentionHeads: self,
        decoderEndeAttentionHeads: ende,
        attendedLayers: attended,
      },
      latencyMs: encoderMs + decoderMs,
      memoryMiB: null,
    };
  });
}
