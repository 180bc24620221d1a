/** HAT's latency tables (arXiv 2005.14187; `latency_dataset/*.csv` of its repository): ten feature columns, two means, two deviations. They quote nothing. */
import { InvalidDataError } from '../../src/core/errors.ts';
import { amountName, isLayerPart, PARTS_BY_SIDE, rowOf } from '../transformer/arch-config.ts';
import type { ArchSummary } from '../transformer/arch-parts.ts';
import { keyOf } from '../transformer/yaml-document.ts';
import type { LatencyRow } from './dataset.ts';

/** The parts that HAT searches, which have a column each. */
const SEARCHED = PARTS_BY_SIDE.filter((part) => rowOf(part).hatFixed === undefined);
/** HAT does not search the QKV dim: every block has the same width. */
const FIXED = PARTS_BY_SIDE.flatMap((part) => {
  const { hatFixed } = rowOf(part);
  return hatFixed === undefined ? [] : [[part, hatFixed]];
});
const COLUMNS: readonly string[] = [
  ...SEARCHED.map((part) => `${keyOf(part).replaceAll('-', '_')}${isLayerPart(part) ? '_avg' : ''}`),
  'latency_mean_encoder',
  'latency_mean_decoder',
  'latency_std_encoder',
  'latency_std_decoder',
];

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
  const unknown = names.filter((name) => !COLUMNS.includes(name));
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
    const amounts = SEARCHED.map((part, column) => [amountName(part), numbers[column]]);
    const [encoderMs, decoderMs] = numbers.slice(SEARCHED.length);
    return {
      arch: Object.fromEntries([...FIXED, ...amounts]) as ArchSummary,
      latencyMs: encoderMs + decoderMs,
      memoryMiB: null,
    };
  });
}
