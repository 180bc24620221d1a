/** Errors about rows that cannot be read: where they are, and the SQL after which the rest is whole. */
import { StorageError } from '../../src/core/errors.ts';
import { corrupt } from './encoding.ts';

/** Whose rows are read, for errors. */
export interface Place {
  readonly table: string;
  /** Column and value that the rows of one study or trial have in common. */
  readonly owner: string;
  /** Whose row it is, in words that a user knows. */
  readonly whose: string;
}

export const studyAttrs = (kind: 'user' | 'system', studyId: number, studyName: string): Place => ({
  table: `study_${kind}_attributes`,
  owner: `study_id = ${studyId}`,
  whose: `study '${studyName}'`,
});

export const ofTrial = (table: string, trialId: number, whose: string): Place => ({
  table,
  owner: `trial_id = ${trialId}`,
  whose,
});

/** One row that cannot be read; `key` is the condition that finds it among those of its owner. */
export function oddRow(
  { table, owner, whose }: Place,
  what: string,
  key: string,
  rule: string,
  cause?: unknown,
): StorageError {
  return corrupt(
    `${what} of ${whose} cannot be read: ${rule}; correct this row, or delete it: ` +
      `DELETE FROM ${table} WHERE ${owner} AND ${key}`,
    cause,
  );
}

/** A condition of SQL that holds for this value of a column. */
export function columnIs(column: string, value: unknown): string {
  if (value === null) return `${column} IS NULL`;
  if (value instanceof Uint8Array) return `${column} = x'${Buffer.from(value).toString('hex')}'`;
  return `${column} = ${typeof value === 'number' ? String(value) : sqlText(String(value))}`;
}

const sqlText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const MOST_SHOWN = 80;

/** What a cell holds, in short. */
export function shownCell(value: unknown): string {
  if (value instanceof Uint8Array) return `a blob of ${value.length} bytes`;
  const text = String(value);
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
}

/** What is wrong with a record that is being read: the first thing counts. */
export class DamageReport {
  first: StorageError | null = null;

  add(damage: StorageError): void {
    this.first ??= damage;
  }

  /** Whether it could be read; if not, that is reported. */
  attempt(read: () => void): boolean {
    try {
      read();
      return true;
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      this.add(error);
      return false;
    }
  }
}
