import { SYSTEM_ATTR } from '../core/frozen-trial.ts';
import type { Storage, StudyRecord, TrialOutcome } from '../core/storage.ts';
import { bestOutcomes, bestStoredTrials, outcomesOf } from '../core/stored-trials.ts';
import type { Command } from './command.ts';
import { noteDamage } from './note-damage.ts';
import { hasParent, withExistingStorage } from './open-storage.ts';
import { formatNumber, printResult, table } from './output.ts';
import { countStates, statesLine } from './study-summary.ts';

interface StudiesArgs {
  readonly all: boolean;
}

interface Summary {
  readonly record: StudyRecord;
  readonly directions: StudyRecord['directions'];
  /** What became of its trials, those that cannot be read among them as FAIL. */
  readonly outcomes: readonly Pick<TrialOutcome, 'state'>[];
  readonly best: readonly TrialOutcome[];
}

async function summaryOf(storage: Storage, record: StudyRecord): Promise<Summary> {
  const { studyId, directions } = record;
  const outcomes = await outcomesOf(storage, studyId);
  noteDamage(outcomes);
  const best =
    directions.length > 1
      ? bestOutcomes(outcomes, directions)
      : await bestStoredTrials(storage, record, outcomes, (damaged) => noteDamage([damaged]));
  return { record, directions, outcomes: outcomes.map(({ state }) => ({ state })), best };
}

export const studiesCommand: Command<StudiesArgs> = {
  command: 'studies',
  describe: 'List the studies of a storage',
  builder: (yargs) =>
    yargs
      .option('all', {
        type: 'boolean',
        default: false,
        describe: 'Studies that belong to a trial of another study, too',
      })
      .example('$0 studies', 'Studies in thanos.db of this directory')
      .example('$0 studies --all', 'With the inner studies of nested ones')
      .example('$0 studies --storage sqlite:///nas.db --json', 'For a script'),
  handler: (args) =>
    withExistingStorage(args.storage, async (storage) => {
      const records = (await storage.listStudies()).filter((record) => args.all || !hasParent(record));
      noteDamage(records);
      const studies: Summary[] = [];
      for (const record of records) studies.push(await summaryOf(storage, record));
      const data = studies.map(({ record, directions, outcomes, best }) => ({
        study: record.studyName,
        directions,
        trials: countStates(outcomes),
        ...(directions.length > 1
          ? { paretoFrontSize: best.length }
          : { bestValue: best[0]?.values?.[0] ?? null }),
        sampler: record.systemAttrs[SYSTEM_ATTR.sampler] ?? null,
        parent: record.systemAttrs[SYSTEM_ATTR.parent] ?? null,
      }));
      printResult(args, data, () =>
        studies.length === 0
          ? 'the storage holds no study'
          : table(
              ['study', 'directions', 'trials', 'best'],
              studies.map(({ record, directions, outcomes, best }) => [
                record.studyName,
                directions.join(', '),
                statesLine(outcomes),
                directions.length > 1
                  ? `front of ${best.length}`
                  : best.length === 0
                    ? ''
                    : formatNumber(best[0].values![0]),
              ]),
            ),
      );
    }),
};
