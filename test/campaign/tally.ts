/** What one campaign counts, and how it is printed. */

/** Columns that must be 0; the others say how much was tried. */
const FAULTS = [
  'not identical',
  're-evaluated',
  'duplicates',
  'RUNNING left',
  'errors',
  'untyped',
  'traces',
] as const;
export type Fault = (typeof FAULTS)[number];

const TRIED = ['runs', 'kills', 'compared'] as const;
export type Tried = (typeof TRIED)[number];

const SHOWN_COMPLAINTS = 8;

export class Tally {
  readonly name: string;
  readonly counts: Record<Fault | Tried, number>;
  readonly complaints: string[] = [];
  /** Why parts of the campaign were not run here. */
  readonly skipped: string[] = [];

  constructor(name: string) {
    this.name = name;
    this.counts = Object.fromEntries([...TRIED, ...FAULTS].map((column) => [column, 0])) as Record<
      Fault | Tried,
      number
    >;
  }

  add(column: Tried, n = 1): void {
    this.counts[column] += n;
  }

  fault(column: Fault, complaint: string, n = 1): void {
    this.counts[column] += n;
    this.complaints.push(`${column}: ${complaint}`);
  }

  get fellShort(): boolean {
    return FAULTS.some((column) => this.counts[column] > 0);
  }

  get line(): string {
    const counts = [...TRIED, ...FAULTS].map((column) => `${this.counts[column]} ${column}`).join(', ');
    return `${this.fellShort ? 'FELL SHORT' : 'held'}: ${this.name}: ${counts}`;
  }

  /** The line, then what was skipped, then the first complaints. */
  get report(): string {
    const { complaints, skipped } = this;
    const more = complaints.length - SHOWN_COMPLAINTS;
    return [
      this.line,
      ...skipped.map((reason) => `  skipped: ${reason}`),
      ...complaints.slice(0, SHOWN_COMPLAINTS).map((complaint) => `  ${complaint}`),
      ...(more > 0 ? [`  and ${more} more`] : []),
    ].join('\n');
  }
}

export function summaryTable(tallies: readonly Tally[]): string {
  const columns = [...TRIED, ...FAULTS];
  const rows = [
    ['campaign', ...columns],
    ...tallies.map(({ name, counts }) => [name, ...columns.map((column) => String(counts[column]))]),
  ];
  const widths = rows[0].map((_, c) => Math.max(...rows.map((row) => row[c].length)));
  return rows
    .map((row) =>
      row.map((cell, c) => (c === 0 ? cell.padEnd(widths[c]) : cell.padStart(widths[c]))).join('  '),
    )
    .join('\n');
}
