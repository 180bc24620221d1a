import type { CommandModule } from 'yargs';

/** Options that every command takes. */
export interface GlobalArgs {
  /** URL of the storage. */
  readonly storage: string;
  /** Standard output holds one JSON document and nothing else. */
  readonly json: boolean;
  readonly verbose: boolean;
}

export type Command<Own = object> = CommandModule<GlobalArgs, GlobalArgs & Own>;

/** A command line that cannot be understood: exit code 2. */
export class UsageError extends Error {}

/** For `coerce`: @throws UsageError unless the value is an integer >= least. */
export function integerOption(name: string, least: number): (value: unknown) => number {
  return (value) => {
    const number = typeof value === 'string' && value !== '' ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isInteger(number) || number < least)
      throw new UsageError(`--${name} must be one integer >= ${least}, but is ${String(value)}`);
    return number;
  };
}

/** For `coerce`: the parts of a comma-separated list. @throws UsageError if one is empty or there twice. */
export function listOption(name: string): (value: unknown) => string[] {
  return (value) => {
    const parts = String(value)
      .split(',')
      .map((part) => part.trim());
    if (parts.includes('') || new Set(parts).size < parts.length)
      throw new UsageError(`--${name} must be distinct names with commas between, but is '${String(value)}'`);
    return parts;
  };
}
