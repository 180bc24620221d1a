import { ThanosError } from '../core/errors.ts';
import { bestStoredTrials, outcomesOf } from '../core/stored-trials.ts';
import type { Command } from './command.ts';
import { noteDamage } from './note-damage.ts';
import { findStudy, withExistingStorage } from './open-storage.ts';
import { printResult } from './output.ts';
import { bestData, bestText, statesLine } from './study-summary.ts';

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
      const record = await findStudy(storage, args.study);
      const { studyName, directions } = record;
      const outcomes = await outcomesOf(storage, record.studyId);
      noteDamage([record]);
      const best = await bestStoredTrials(storage, record, outcomes, (damaged) => noteDamage([damaged]));
      if (best.length === 0) {
        noteDamage(outcomes);
        throw new ThanosError(
          'NO_COMPLETE_TRIAL',
          `study '${studyName}' has no feasible COMPLETE trial; it holds ${statesLine(outcomes)}`,
        );
      }
      printResult(args, { study: studyName, directions, ...bestData(record, best) }, () =>
        bestText(record, best),
      );
    }),
};
