/** The command line: options, commands, and what becomes of errors. */
import yargs, { type Argv } from 'yargs';
import { didYouMean } from '../core/did-you-mean.ts';
import { type ErrorCode, ThanosError } from '../core/errors.ts';
import { shownError } from '../core/shown.ts';
import { askCommand } from './ask-command.ts';
import { bestCommand } from './best-command.ts';
import {
  type Command,
  type GlobalArgs,
  type LoadedCommand,
  marked,
  NAS_STAGES,
  UsageError,
  unmarked,
  withoutMarks,
} from './command.ts';
import { createStudyCommand } from './create-study-command.ts';
import { deleteStudyCommand } from './delete-study-command.ts';
import { errorData, oneLine } from './error-data.ts';
import { exportCommand } from './export-command.ts';
import { importanceCommand } from './importance-command.ts';
import { INTERRUPTED_EXIT_CODE } from './interrupt.ts';
import { DEFAULT_STORAGE, STORAGE_VARIABLE } from './open-storage.ts';
import { beginOutput, note, printError } from './output.ts';
import { renameCommand } from './rename-command.ts';
import { storageCommand } from './storage-command.ts';
import { studiesCommand } from './studies-command.ts';
import { tellCommand } from './tell-command.ts';
import { trialsCommand } from './trials-command.ts';

const HELP_WIDTH = 110;

/**
 * Runs one command line; the exit code: 0 done, 1 failed, 2 not understood, 130 interrupted. Standard error says what went
 * wrong; with `--json` standard output does so too, as `{ error: { code, message } }`: `code` is that of a ThanosError,
 * USAGE, or UNEXPECTED for an error that is none of ours (an objective's, say).
 */
export async function runCli(argv: readonly string[]): Promise<number> {
  beginOutput();
  try {
    assertWellFormed(argv);
    await loadNamed(argv);
    await parser(argv).parseAsync();
    return 0;
  } catch (error) {
    return tellError(error, argv);
  }
}

/** Says what went wrong, and returns the exit code. */
export function tellError(error: unknown, argv: readonly string[]): number {
  if (error instanceof UsageError)
    note(`usage error: ${oneLine(error.message)}; see 'thanos --help' and 'thanos <command> --help'`);
  else {
    note(errorLine(error));
    if (argv.includes('--verbose') && error instanceof Error) note(traceOf(error));
  }
  if (asksForJson(argv) && codeOf(error) !== 'OUTPUT_FAILED') printErrorOrNothing(errorData(error));
  if (error instanceof UsageError) return 2;
  return codeOf(error) === 'ABORTED' ? INTERRUPTED_EXIT_CODE : 1;
}

/** The error that is being told matters more than that it cannot be printed. */
function printErrorOrNothing(data: { code: string; message: string }): void {
  try {
    printError(data);
  } catch (error) {
    note(errorLine(error));
  }
}

function codeOf(error: unknown): ErrorCode | null {
  return error instanceof ThanosError ? error.code : null;
}

function parser(argv: readonly string[]): Argv<GlobalArgs> {
  const cli: Argv<GlobalArgs> = yargs(marked(argv))
    .scriptName('thanos')
    .usage('$0 <command>\n\nHyperparameter optimization with exact resume, and neural architecture search.')
    .option('storage', {
      type: 'string',
      default: process.env[STORAGE_VARIABLE] ?? DEFAULT_STORAGE,
      defaultDescription: `$${STORAGE_VARIABLE}, else ${DEFAULT_STORAGE}`,
      requiresArg: true,
      describe: "Where studies are kept: 'sqlite:///relative.db', 'sqlite:////absolute.db'",
    })
    .option('json', {
      type: 'boolean',
      default: false,
      describe:
        'Print one JSON document and nothing else to standard output; of an error { "error": { code, message } }',
    })
    .option('verbose', { type: 'boolean', default: false, describe: 'Show where an error came from' });
  for (const command of COMMANDS) cli.command(command as Command);
  return cli
    .parserConfiguration({ 'boolean-negation': false, 'dot-notation': false })
    .middleware(unmarked)
    .example('$0 run study.ts', 'Run a study, or go on with it')
    .example('$0 best demo', 'What it found')
    .example('$0 compare --problem sphere --samplers random,tpe', 'Which sampler is better')
    .demandCommand(1, 'a command is needed')
    .strict()
    .wrap(HELP_WIDTH)
    .version()
    .help()
    .exitProcess(false)
    .fail((message, error) => {
      // What yargs finds wrong itself has no error, or one of its own around that of a `coerce`.
      const isYargs = error === undefined || error === null || error.name === 'YError';
      throw isYargs ? new UsageError(explained(withoutMarks(error?.message ?? message), argv)) : error;
    });
}

/** Says which command or argument it is about, where yargs does not. */
function explained(message: string, argv: readonly string[]): string {
  const names = COMMANDS.map(nameOf);
  const command = COMMANDS.find((each) => argv.includes(nameOf(each)));
  const [, unknown] = /^Unknown (?:argument|command)s?: ([^,]+)/.exec(message) ?? [];
  if (command === undefined && unknown !== undefined && argv.includes(unknown))
    return `there is no command '${unknown}'; ${didYouMean(unknown, names)}commands are: ${names.join(', ')}`;
  const stage = command === lazyNasCommand ? argv[argv.indexOf('nas') + 1] : undefined;
  if (stage !== undefined && !stage.startsWith('-') && !NAS_STAGES.includes(stage))
    return `there is no stage '${stage}'; ${didYouMean(stage, NAS_STAGES)}stages are: ${NAS_STAGES.join(', ')}`;
  if (command !== undefined && message.startsWith('Not enough non-option arguments'))
    return `an argument is missing: thanos ${command.command}`;
  return message;
}

const nameOf = ({ command }: Pick<Command, 'command'>): string => String(command).split(' ')[0];

interface LazyCommand<Own = object> extends Command<Own> {
  readonly load: () => Promise<void>;
}

/**
 * A command that is loaded only if its name is given: the others start in a fraction of the time of what it imports. Loaded before
 * the command line is read, since yargs tells errors differently if it has to wait for options.
 */
function lazy<Own>(
  command: string,
  describe: string,
  read: () => Promise<LoadedCommand<Own>>,
): LazyCommand<Own> {
  let loaded: LoadedCommand<Own> | null = null;
  return {
    command,
    describe,
    load: async () => {
      loaded = await read();
    },
    builder: (yargs) => loaded!.builder(yargs),
    handler: (args) => loaded!.handler(args),
  };
}

async function loadNamed(argv: readonly string[]): Promise<void> {
  for (const command of LAZY_COMMANDS) if (argv.includes(nameOf(command))) await command.load();
}

const lazyRunCommand = lazy(
  'run <file>',
  'Run a study module until its study holds all its trials; run it again to resume',
  async () => (await import('./run-command.ts')).runCommand,
);
const lazyCompareCommand = lazy(
  'compare',
  'Run samplers on one problem with several seeds and test which is better',
  async () => (await import('./compare-command.ts')).compareCommand,
);
const lazyNasCommand = lazy(
  'nas <stage>',
  'Hardware-aware NAS: train a SuperTransformer, search SubTransformers that fit an RK3588',
  async () => ({ builder: (await import('./nas-command.ts')).nasStages, handler: () => {} }),
);

const LAZY_COMMANDS = [lazyRunCommand, lazyCompareCommand, lazyNasCommand];

const COMMANDS: readonly Pick<Command, 'command'>[] = [
  lazyRunCommand,
  studiesCommand,
  trialsCommand,
  bestCommand,
  importanceCommand,
  lazyCompareCommand,
  exportCommand,
  createStudyCommand,
  askCommand,
  tellCommand,
  renameCommand,
  deleteStudyCommand,
  storageCommand,
  lazyNasCommand,
];

const SWITCHES = [
  '--json',
  '--verbose',
  '--all',
  '--skip-if-exists',
  '--skip-if-finished',
  '--help',
  '--version',
];

/**
 * yargs makes a list of a repeated option, or the sum if it is a number, and takes `--json=maybe` for no; here every option has
 * one value, and a switch is true or false.
 */
function assertWellFormed(argv: readonly string[]): void {
  const seen = new Set<string>();
  for (const token of argv) {
    if (!token.startsWith('--')) continue;
    if (token === '--') return;
    const [name, value] = token.split('=');
    if (SWITCHES.includes(name) && value !== undefined && value !== 'true' && value !== 'false')
      throw new UsageError(`${name} is true or false, but is '${value}'`);
    if (seen.has(name)) throw new UsageError(`${name} may be given once`);
    seen.add(name);
  }
}

/** Whether the line asks for JSON, read as yargs would read it, which may not have come so far. */
function asksForJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  const options = end < 0 ? argv : argv.slice(0, end);
  const at = options.indexOf('--json');
  return (at >= 0 && options[at + 1] !== 'false') || options.includes('--json=true');
}

function errorLine(error: unknown): string {
  if (error instanceof ThanosError) {
    return error.code === 'ABORTED' ? oneLine(error.message) : `error: ${oneLine(error.message)}`;
  }
  return `error: ${oneLine(shownError(error))}; --verbose shows where it came from`;
}

/** Design note: by lines, since a pattern for the space around a break tries every space of a long text again and again. */
function traceOf(error: Error): string {
  const own = error.stack ?? String(error);
  return error.cause instanceof Error ? `${own}\ncaused by: ${traceOf(error.cause)}` : own;
}
