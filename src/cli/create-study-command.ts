import type { StudyDirection } from '../core/frozen-trial.ts';
import { type Command, UsageError } from './command.ts';
import { withLastingStorage } from './open-storage.ts';
import { printResult } from './output.ts';
import { namedStudy, type StudyArgs, studyArgument } from './study-argument.ts';

interface CreateStudyArgs extends StudyArgs {
  readonly direction?: StudyDirection | undefined;
  readonly directions?: readonly StudyDirection[] | undefined;
  readonly skipIfExists?: boolean | undefined;
}

const DIRECTIONS: readonly StudyDirection[] = ['minimize', 'maximize'];

export const createStudyCommand: Command<CreateStudyArgs> = {
  command: 'create-study [study]',
  describe: 'Create a study for ask and tell, and print its name',
  builder: (yargs) =>
    studyArgument(yargs)
      .option('direction', {
        choices: DIRECTIONS,
        requiresArg: true,
        describe: 'What to do with the value of a trial; default minimize',
      })
      .option('directions', {
        type: 'string',
        array: true,
        requiresArg: true,
        coerce: directionList,
        describe: 'One for each objective, with spaces or commas between',
      })
      .option('skip-if-exists', {
        type: 'boolean',
        default: false,
        describe: 'Do nothing if there is a study of that name, instead of failing',
      })
      .example('$0 create-study demo', 'A study whose values are minimized, in thanos.db of this directory')
      .example(
        '$0 create-study demo --direction maximize --skip-if-exists',
        'The first line of a script that may run again',
      )
      .example('$0 create-study front --directions minimize maximize', 'Two objectives')
      .epilogue(
        'Without a name it is called no-name-0, no-name-1, … Exit code 1, DUPLICATED_STUDY: the name is taken.',
      ),
  handler: async (args) => {
    const studyName = namedStudy(args);
    const { direction, directions } = args;
    if (direction !== undefined && directions !== undefined)
      throw new UsageError('give either --direction or --directions, not both');
    const { createStudy } = await import('../create-study.ts');
    await withLastingStorage(args.storage, async (storage) => {
      const before =
        args.skipIfExists === true && studyName !== undefined ? await storage.findStudy(studyName) : null;
      const objectives = directions === undefined ? {} : { directions };
      const study = await createStudy({
        storage,
        ...(studyName === undefined ? {} : { studyName }),
        ...(direction === undefined ? objectives : { direction }),
        loadIfExists: args.skipIfExists === true,
      });
      const data = { study: study.studyName, directions: study.directions, isNew: before === null };
      printResult(args, data, () => study.studyName);
    });
  },
};

function directionList(given: readonly string[]): readonly StudyDirection[] {
  const parts = given.flatMap((part) => String(part).split(',')).map((part) => part.trim());
  const odd = parts.find((part) => !DIRECTIONS.includes(part as StudyDirection));
  if (odd !== undefined)
    throw new UsageError(
      `--directions are ${DIRECTIONS.join(' or ')}, one for each objective, but one is '${odd}'`,
    );
  return parts as StudyDirection[];
}
