import { SYSTEM_ATTR } from '../core/frozen-trial.ts';
import type { Command } from './command.ts';
import { isChild, withExistingStorage } from './open-storage.ts';
import { formatNumber, printResult, table } from './output.ts';
import { bestTrialsOf, countStates, statesLine } from './study-summary.ts';

interface StudiesArgs {
  readonly all: boolean;
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
      const records = (await storage.listStudies()).filter((record) => args.all || !isChild(record));
      const studies = await Promise.all(
        records.map(async (record) => {
          const trials = await storage.getTrials(record.studyId);
          const study = { studyName: record.studyName, directions: record.directions, trials };
          return { ...study, record, best: bestTrialsOf(study) };
        }),
      );
      const data = studies.map(({ studyName, directions, trials, best, record }) => ({
        study: studyName,
        directions,
        trials: countStates(trials),
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
              studies.map(({ studyName, directions, trials, best }) => [
                studyName,
                directions.join(', '),
                statesLine(trials),
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
