/** What commands print: results to standard output, everything else to standard error. */
import Table from 'cli-table3';
import type { GlobalArgs } from './command.ts';

/** Has this command printed its result? Standard output holds one document only. */
let hasResult = false;

/** Before each command of a process. */
export function beginOutput(): void {
  hasResult = false;
}

/** Prints a result as JSON or as text, whichever was asked for. */
export function printResult({ json }: Pick<GlobalArgs, 'json'>, data: unknown, text: () => string): void {
  hasResult = true;
  process.stdout.write(`${json ? toJson(data) : text()}\n`);
}

/** Prints `{ error: { code, message } }` instead of a result, unless there is one already. */
export function printError(error: { readonly code: string; readonly message: string }): void {
  if (!hasResult) process.stdout.write(`${toJson({ error })}\n`);
}

/** A line about what is going on. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`);
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

/** A table with numbers to the right; null and undefined are empty. */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const isNumeric = head.map((_, c) => rows.some((row) => typeof row[c] === 'number'));
  const drawn = new Table({
    head: [...head],
    colAligns: isNumeric.map((numeric) => (numeric ? 'right' : 'left')),
    style: { head: [], border: [], compact: true },
  });
  for (const row of rows) drawn.push(row.map(formatCell));
  return drawn.toString();
}

function formatCell(cell: Cell): string {
  if (cell === null || cell === undefined) return '';
  return typeof cell === 'number' ? formatNumber(cell) : String(cell);
}

/** At most six significant digits; integers in full. */
export function formatNumber(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
}
