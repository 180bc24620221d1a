import type { Command } from './command.ts';
import { findStudy, withExistingStorage } from './open-storage.ts';
import { printResult } from './output.ts';
import { type StudyArgs, studyArgument, studyNameOf } from './study-argument.ts';

export const deleteStudyCommand: Command<StudyArgs> = {
  command: 'delete-study [study]',
  describe: 'Delete a study with its trials and its child studies',
  builder: (yargs) =>
    studyArgument(yargs)
      .example('$0 delete-study demo', 'There is no way back: copy the file before')
      .epilogue(
        'Single trials are not deleted, as those after them were drawn in the knowledge of them: copyStudy({ keepTrial }) makes a study without them.',
      ),
  handler: (args) =>
    withExistingStorage(args.storage, async (storage) => {
      const { studyId, studyName } = await findStudy(storage, studyNameOf(args));
      const names = async () => (await storage.listStudies()).map((study) => study.studyName);
      const before = await names();
      await storage.deleteStudy(studyId);
      const left = new Set(await names());
      const deleted = before.filter((name) => !left.has(name));
      printResult(args, { study: studyName, deleted }, () => `deleted ${deleted.join(', ')}`);
    }),
};
