import { ThanosError } from '../core/errors.ts';
import type { Command } from './command.ts';
import { findStudy, withExistingStorage } from './open-storage.ts';
import { printResult } from './output.ts';
import { bestData, bestText, bestTrialsOf, statesLine } from './study-summary.ts';

interface BestArgs {
  readonly study: string;
}

export const bestCommand: Command<BestArgs> = {
  command: 'best <study>',
  describe: 'Show the best trial of a study, or its Pareto front',
  builder: (yargs) =>
    yargs
      .positional('study', { type: 'string', demandOption: true, describe: 'Name of the study' })
      .example('$0 best demo', 'The best feasible trial and its parameters; of several objectives, the front')
      .example('$0 best demo --json | jq .bestTrial.params', 'Its parameters, for a script'),
  handler: (args) =>
    withExistingStorage(args.storage, async (storage) => {
      const { studyId, studyName, directions } = await findStudy(storage, args.study);
      const study = { studyName, directions, trials: await storage.getTrials(studyId) };
      if (bestTrialsOf(study).length === 0)
        throw new ThanosError(
          'NO_COMPLETE_TRIAL',
          `study '${studyName}' has no feasible COMPLETE trial; it holds ${statesLine(study.trials)}`,
        );
      printResult(args, { study: studyName, directions, ...bestData(study) }, () => bestText(study));
    }),
};
