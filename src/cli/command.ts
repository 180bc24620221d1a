import type { Argv, CommandModule } from 'yargs';
import { ThanosError } from '../core/errors.ts';
import { shown } from '../core/shown.ts';

/** Options that every command takes. */
export interface GlobalArgs {
  /** URL of the storage. */
  readonly storage: string;
  /** Standard output holds one JSON document and nothing else. */
  readonly json: boolean;
  readonly verbose: boolean;
}

export type Command<Own = object> = CommandModule<GlobalArgs, GlobalArgs & Own>;

/** What a command that is loaded on demand leaves to its file. */
export interface LoadedCommand<Own = object> extends Pick<Command<Own>, 'handler'> {
  readonly builder: (yargs: Argv<GlobalArgs>) => Argv<GlobalArgs & Own>;
}

/** The arguments of `thanos nas`. */
export const NAS_STAGES = ['run', 'train', 'latency', 'search', 'report', 'export', 'config'];

/** A command line that cannot be understood: exit code 2. */
export class UsageError extends ThanosError {
  constructor(message: string) {
    super('USAGE', message);
  }
}

/**
 * For `coerce` of an option of type `string`, since yargs makes 0 of an empty number and NaN of a word.
 * @throws UsageError unless the value is an integer in [least, most].
 */
export function integerOption(name: string, least: number, most = Infinity): (value: unknown) => number {
  const range = most === Infinity ? `>= ${least}` : `in [${least}, ${most}]`;
  return (value) => {
    // A default is a number already.
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < least || number > most)
      throw new UsageError(`--${name} must be one integer ${range}, but is ${shown(value)}`);
    return number;
  };
}

const AFTER_DASHES = '\u0000';

/** Numbers below zero that yargs would take for options. */
const ODD_NUMBER = /^-(?:\d*\.?\d+e[+-]?\d+|\d+\.|inf(?:inity)?)$/i;

/**
 * Returns the command line with what stands after `--` as ordinary words behind a mark, since yargs would not take them for
 * positionals; `unmarked` takes it off again. Numbers such as -2e-3 are marked, too. So a study called `-x` can be named: `thanos best -- -x`.
 */
export function marked(argv: readonly string[]): string[] {
  const end = argv.indexOf('--');
  const before = end < 0 ? argv : argv.slice(0, end);
  const after = end < 0 ? [] : argv.slice(end + 1);
  return [
    ...before.map((word) => (ODD_NUMBER.test(word) ? AFTER_DASHES + word : word)),
    ...after.map((word) => AFTER_DASHES + word),
  ];
}

/** Takes the marks off a text. */
export function withoutMarks(text: string): string {
  return text.replaceAll(AFTER_DASHES, '');
}

/** Takes the mark off every argument, in place. */
export function unmarked(args: Record<string, unknown>): void {
  const plain = (value: unknown): unknown =>
    typeof value === 'string' && value.startsWith(AFTER_DASHES) ? value.slice(1) : value;
  for (const [name, value] of Object.entries(args))
    args[name] = Array.isArray(value) ? value.map(plain) : plain(value);
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
