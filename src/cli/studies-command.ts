import { SYSTEM_ATTR, type TrialState } from '../core/frozen-trial.ts';
import { isChildStudy } from '../core/stored-studies.ts';
import { type StudySummary, summaryOf } from '../core/study-summary.ts';
import type { Command } from './command.ts';
import { noteDamage } from './note-damage.ts';
import { withExistingStorage } from './open-storage.ts';
import { formatNumber, printResult, table } from './output.ts';
import { countsLine } from './study-summary.ts';

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
      const records = (await storage.listStudies()).filter((record) => args.all || !isChildStudy(record));
      noteDamage(records);
      const studies: StudySummary[] = [];
      for (const record of records) studies.push(await summaryOf(storage, record, { onDamaged: noteDamage }));
      const data = studies.map((study) => ({
        study: study.studyName,
        directions: study.directions,
        metricNames: study.metricNames,
        trials: countsOf(study),
        ...(study.directions.length > 1
          ? { paretoFrontSize: study.nBestTrials }
          : { bestValue: study.bestTrial?.values?.[0] ?? null }),
        datetimeStart: study.datetimeStart?.toISOString() ?? null,
        sampler: study.systemAttrs[SYSTEM_ATTR.sampler] ?? null,
        parent: study.systemAttrs[SYSTEM_ATTR.parent] ?? null,
      }));
      printResult(args, data, () =>
        studies.length === 0
          ? 'the storage holds no study'
          : table(
              ['study', 'directions', 'trials', 'best', 'started'],
              studies.map((study) => [
                study.studyName,
                study.directions.join(', '),
                countsLine(study.nTrialsByState),
                bestCell(study),
                study.datetimeStart?.toISOString() ?? '',
              ]),
            ),
      );
    }),
};

/** States that some trial is in. */
function countsOf({ nTrialsByState }: StudySummary): Partial<Record<TrialState, number>> {
  return Object.fromEntries(Object.entries(nTrialsByState).filter(([, count]) => count > 0));
}

function bestCell({ directions, nBestTrials, bestTrial }: StudySummary): string {
  if (directions.length > 1) return `front of ${nBestTrials}`;
  return bestTrial === null ? '' : formatNumber(bestTrial.values![0]);
}
