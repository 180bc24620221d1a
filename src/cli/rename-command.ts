import { type Command, UsageError } from './command.ts';
import { findStudy, withExistingStorage } from './open-storage.ts';
import { printResult } from './output.ts';
import { type StudyArgs, studyArgument, studyNameOf } from './study-argument.ts';

interface RenameArgs extends StudyArgs {
  readonly newName?: string | undefined;
  readonly newStudyName?: string | undefined;
}

export const renameCommand: Command<RenameArgs> = {
  command: 'rename [study] [new-name]',
  describe: 'Give a study, and its child studies, another name',
  builder: (yargs) =>
    studyArgument(yargs)
      .positional('new-name', { type: 'string', describe: 'Its new name' })
      .option('new-study-name', { type: 'string', requiresArg: true, describe: 'The same as an option' })
      .example('$0 rename demo demo-2026', 'Trials stay as they are; a run goes on under the new name')
      .epilogue(
        'Nobody may be at work on the study: exit code 1, STUDY_UNFINISHED, as long as a trial is running.',
      ),
  handler: (args) =>
    withExistingStorage(args.storage, async (storage) => {
      // With --study-name the first word is the new name.
      const [study, newName] =
        args.studyName !== undefined && args.newName === undefined
          ? [undefined, args.study]
          : [args.study, args.newName];
      const newStudyName = newName ?? args.newStudyName;
      if (newStudyName === undefined)
        throw new UsageError('a new name is needed: thanos rename STUDY NEW-NAME, or --new-study-name NAME');
      const studyName = studyNameOf({ study, studyName: args.studyName });
      await findStudy(storage, studyName);
      const { renameStudy } = await import('../rename-study.ts');
      await renameStudy({ studyName, newStudyName, storage });
      printResult(
        args,
        { study: newStudyName, before: studyName },
        () => `'${studyName}' is now '${newStudyName}'`,
      );
    }),
};
