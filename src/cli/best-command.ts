import { ThanosError } from '../core/errors.ts';
import type { FrozenTrial } from '../core/frozen-trial.ts';
import type { Storage, StudyRecord } from '../core/storage.ts';
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
      noteDamage([record]);
      const { studyName, directions } = record;
      const found =
        directions.length === 1 ? await storage.getBestTrial?.(record.studyId, directions[0]) : null;
      const best = found ? [found] : await bestOfOutcomes(storage, record);
      printResult(args, { study: studyName, directions, ...bestData(record, best) }, () =>
        bestText(record, best),
      );
    }),
};

/** @throws ThanosError NO_COMPLETE_TRIAL if there is none. */
async function bestOfOutcomes(storage: Storage, record: StudyRecord): Promise<readonly FrozenTrial[]> {
  const outcomes = await outcomesOf(storage, record.studyId);
  const best = await bestStoredTrials(storage, record, outcomes, (damaged) => noteDamage([damaged]));
  if (best.length > 0) return best;
  noteDamage(outcomes);
  throw new ThanosError(
    'NO_COMPLETE_TRIAL',
    `study '${record.studyName}' has no feasible COMPLETE trial; it holds ${statesLine(outcomes)}`,
  );
}
