import type { TellResult } from '../core/tell.ts';
import { type Command, integerOption, UsageError } from './command.ts';
import { findStudy, withExistingStorage } from './open-storage.ts';
import { formatNumber, printResult } from './output.ts';
import { type StudyArgs, studyArgument, studyNameOf } from './study-argument.ts';
import { trialData } from './trial-data.ts';

interface TellArgs extends StudyArgs {
  readonly trial?: string | undefined;
  readonly trialNumber?: string | undefined;
  readonly result?: readonly string[] | undefined;
  readonly values?: readonly string[] | undefined;
  readonly state?: string | undefined;
  readonly skipIfFinished?: boolean | undefined;
}

const STATES = ['complete', 'pruned', 'fail'];

export const tellCommand: Command<TellArgs> = {
  command: 'tell [study] [trial] [result..]',
  describe: 'End a trial that ask has begun, with its value(s) or a state',
  builder: (yargs) =>
    studyArgument(yargs)
      .positional('trial', { type: 'string', describe: 'Number of the trial' })
      .positional('result', { type: 'string', array: true, describe: 'Its value, or one for each objective' })
      .option('trial-number', { type: 'string', requiresArg: true, describe: 'The number as an option' })
      .option('values', {
        type: 'string',
        array: true,
        requiresArg: true,
        describe: 'The values as an option, with spaces between; numbers, inf, -inf or nan',
      })
      .option('state', {
        type: 'string',
        requiresArg: true,
        coerce: (state: string) => state.toLowerCase(),
        choices: STATES,
        describe: 'complete (with values), pruned or fail; default complete',
      })
      .option('skip-if-finished', {
        type: 'boolean',
        default: false,
        describe: 'Leave a trial as it is that is finished already, instead of failing',
      })
      .example('$0 tell demo 0 0.17', 'Trial 0 has the value 0.17')
      .example('$0 tell demo 1 --values 0.17 25', 'Two objectives')
      .example('$0 tell demo 2 --state fail', 'It could not be evaluated')
      .example('$0 tell --study-name demo --trial-number 3 --values -1.5', "As Optuna's command is called")
      .epilogue('A value that is nan makes the trial FAIL. Exit code 1, TRIAL_FINISHED: it was told before.'),
  handler: async (args) => {
    const named = args.studyName !== undefined;
    // With --study-name the first word is the trial, and with --trial-number, too, it is a value.
    const words = [args.study, args.trial, ...(args.result ?? [])].filter((word) => word !== undefined);
    const studyName = named ? args.studyName! : studyNameOf({ study: words.shift() });
    const number = trialNumber(args.trialNumber ?? words.shift());
    if (words.length > 0 && args.values !== undefined)
      throw new UsageError(`values are given once, but ${words.join(' ')} stands beside --values`);
    const result = resultOf(args.state, (args.values ?? words).map(numberOf));
    const { loadStudy } = await import('../create-study.ts');
    await withExistingStorage(args.storage, async (storage) => {
      await findStudy(storage, studyName);
      const study = await loadStudy({ storage, studyName });
      const told = await study.tell(number, result, { skipIfFinished: args.skipIfFinished });
      printResult(args, { study: studyName, trial: trialData(told, studyName) }, () => {
        const values = told.values === null ? '' : ` with ${told.values.map(formatNumber).join(', ')}`;
        return `trial ${told.number} is ${told.state}${values}`;
      });
    });
  },
};

function trialNumber(given: string | undefined): number {
  if (given === undefined)
    throw new UsageError('a trial is needed: thanos tell STUDY NUMBER VALUE, or --trial-number NUMBER');
  return integerOption('trial-number', 0)(given);
}

function resultOf(state: string | undefined, values: readonly number[]): TellResult {
  if (state === 'pruned' || state === 'fail') {
    if (values.length > 0)
      throw new UsageError(`a trial that is told to be ${state} has no values, but got ${values.join(' ')}`);
    return { state: state === 'pruned' ? 'PRUNED' : 'FAIL' };
  }
  if (values.length === 0)
    throw new UsageError('a value for each objective is needed, or --state pruned, or --state fail');
  return values;
}

const WORDS: Readonly<Record<string, number>> = {
  inf: Number.POSITIVE_INFINITY,
  '+inf': Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
  infinity: Number.POSITIVE_INFINITY,
  '-infinity': Number.NEGATIVE_INFINITY,
  nan: Number.NaN,
};

function numberOf(text: string): number {
  const word = text.trim().toLowerCase();
  if (Object.hasOwn(WORDS, word)) return WORDS[word];
  if (word === '' || Number.isNaN(Number(word)))
    throw new UsageError(`a value must be a number, inf, -inf or nan, but is '${text}'`);
  return Number(word);
}
