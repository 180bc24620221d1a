/** What commands print: results to standard output, everything else to standard error. */
import { Console } from 'node:console';
import { once } from 'node:events';
import { fstatSync, writeSync } from 'node:fs';
import Table from 'cli-table3';
import { ThanosError } from '../core/errors.ts';
import { visibleText } from '../core/visible-text.ts';
import type { GlobalArgs } from './command.ts';

/** Whether this command has printed its result. Standard output holds one document only. */
let hasResult = false;

/** Before each command of a process. */
export function beginOutput(): void {
  hasResult = false;
}

/** Prints a result as JSON or as text, whichever was asked for. */
export function printResult({ json }: Pick<GlobalArgs, 'json'>, data: unknown, text: () => string): void {
  hasResult = true;
  writeOutput(`${json ? toJson(data) : visibleText(text())}\n`);
}

/** Before a user's module is run: with `--json`, what it prints goes to standard error, so that the document stays one. */
export function guardDocument({ json }: Pick<GlobalArgs, 'json'>): void {
  if (json) globalThis.console = new Console(process.stderr);
}

/** Prints `{ error: { code, message } }` instead of a result, unless there is one already. */
export function printError(error: { readonly code: string; readonly message: string }): void {
  if (hasResult) return;
  hasResult = true;
  writeOutput(`${toJson({ error })}\n`);
}

/**
 * Writes to standard output. What does not fit on a disk is an error, where Node's own stream for files keeps silent about what
 * it could not write.
 * @throws ThanosError OUTPUT_FAILED
 */
export function writeOutput(text: string): void {
  if (!isFile(process.stdout.fd)) {
    process.stdout.write(text);
    return;
  }
  const bytes = Buffer.from(text);
  try {
    for (let start = 0; start < bytes.length; ) start += writeSync(process.stdout.fd, bytes, start);
  } catch (cause) {
    throw outputFailed(cause as Error);
  }
}

/**
 * Writes a text in parts, no faster than they are read, so that a long one need not be held in memory. If a part cannot be had,
 * those before it are written only where others have been written already: else the error is all there is to print.
 */
export async function writeOutputParts(parts: AsyncIterable<string>): Promise<void> {
  let gathered = '';
  const flush = (): void => {
    hasResult = true;
    writeOutput(gathered);
    gathered = '';
  };
  try {
    for await (const part of parts) {
      gathered += part;
      if (gathered.length < PART_LENGTH) continue;
      flush();
      if (process.stdout.writableNeedDrain) await once(process.stdout, 'drain');
    }
  } catch (error) {
    if (hasResult && gathered !== '') flush();
    throw error;
  }
  if (gathered !== '') flush();
}

const PART_LENGTH = 1 << 16;

export function outputFailed(cause: Error): ThanosError {
  return new ThanosError(
    'OUTPUT_FAILED',
    `standard output cannot be written: ${cause.message}; make room, or send it elsewhere`,
    { cause },
  );
}

/** Whether it is a file or a device, rather than a terminal, a pipe or a socket: these are written at once, in whole. */
function isFile(fd: number): boolean {
  const stat = fstatSync(fd);
  return stat.isFile() || (stat.isCharacterDevice() && !process.stdout.isTTY);
}

/** A line about what is going on. */
export function note(line: string): void {
  process.stderr.write(`${visibleText(line)}\n`);
}

/** JSON has no infinities and no NaN: they are written as the strings "Infinity", "-Infinity", "NaN". */
export function toJson(data: unknown): string {
  return JSON.stringify(
    data,
    (_, value: unknown) => (typeof value === 'number' && !Number.isFinite(value) ? String(value) : value),
    2,
  );
}

export type Cell = string | number | boolean | null | undefined;

/** The number of rows that are laid out together: the time that the library takes grows with the square of their number. */
const BLOCK_ROWS = 100;
const HEAD_LINES = 3;

/** A table with numbers to the right; null and undefined are empty. */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const isNumeric = head.map((_, c) => rows.some((row) => typeof row[c] === 'number'));
  const blocks = Array.from({ length: Math.max(1, Math.ceil(rows.length / BLOCK_ROWS)) }, (_, i) =>
    rows.slice(i * BLOCK_ROWS, (i + 1) * BLOCK_ROWS),
  );
  const drawn = blocks.map((block) => draw(head, block, isNumeric));
  if (blocks.length === 1) return drawn[0];
  const widths = drawn.map(widthsOf).reduce((a, b) => a.map((width, c) => Math.max(width, b[c])));
  return blocks
    .flatMap((block, i) => {
      const lines = draw(head, block, isNumeric, widths).split('\n');
      return lines.slice(i === 0 ? 0 : HEAD_LINES, i === blocks.length - 1 ? undefined : -1);
    })
    .join('\n');
}

function draw(
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  isNumeric: readonly boolean[],
  widths: readonly number[] = [],
): string {
  const drawn = new Table({
    head: [...head],
    colAligns: isNumeric.map((numeric) => (numeric ? 'right' : 'left')),
    colWidths: [...widths],
    style: { head: [], border: [], compact: true },
  });
  for (const row of rows) drawn.push(row.map(formatCell));
  return drawn.toString();
}

/** Returns the widths of a table's columns, as its upper border shows them. */
function widthsOf(drawn: string): number[] {
  const [border] = drawn.split('\n', 1);
  return border
    .slice(1, -1)
    .split('┬')
    .map((column) => column.length);
}

function formatCell(cell: Cell): string {
  if (cell === null || cell === undefined) return '';
  // A line feed in a name would end its row of the table.
  return typeof cell === 'number' ? formatNumber(cell) : visibleText(String(cell)).replaceAll('\n', '\\n');
}

/** At most six significant digits; integers in full. */
export function formatNumber(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
}
