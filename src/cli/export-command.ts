import { assertOutputFile, writeOutputFile } from '../core/output-file.ts';
import { TABLE_ATTRS, type TableAttr, trialsTable } from '../trials-table.ts';
import { type Command, listOption, UsageError } from './command.ts';
import { findStudy, withExistingStorage } from './open-storage.ts';
import { note, printResult, toJson, writeOutput } from './output.ts';
import { trialData } from './trial-data.ts';

interface ExportArgs {
  readonly study: string;
  readonly format: 'csv' | 'json';
  readonly attrs?: readonly TableAttr[];
  readonly out?: string;
}

const DEFAULT_ATTRS = TABLE_ATTRS.filter((attr) => attr !== 'system_attrs');

export const exportCommand: Command<ExportArgs> = {
  command: 'export <study>',
  describe: 'Write the trials of a study as CSV or JSON',
  builder: (yargs) =>
    yargs
      .positional('study', { type: 'string', demandOption: true, describe: 'Name of the study' })
      .option('format', {
        choices: ['csv', 'json'] as const,
        default: 'csv' as const,
        describe: "csv has the columns of Optuna's trials_dataframe()",
      })
      .option('attrs', {
        type: 'string',
        requiresArg: true,
        coerce: attrsOption,
        defaultDescription: 'all but system_attrs',
        describe: `Columns of a CSV, of: ${TABLE_ATTRS.join(',')}`,
      })
      .option('out', {
        type: 'string',
        requiresArg: true,
        describe: 'File to write; default: standard output',
      })
      .example('$0 export demo --out demo.csv', 'One line per trial, for pandas or a spreadsheet')
      .example('$0 export demo --attrs number,value,params', 'Values and parameters only')
      .example(
        '$0 export demo --format json --out demo.json',
        'All that is known of the trials, distributions included',
      ),
  handler: async (args) => {
    if (args.out !== undefined) assertOutputFile(args.out);
    await withExistingStorage(args.storage, async (storage) => {
      const record = await findStudy(storage, args.study);
      const trials = await storage.getTrials(record.studyId);
      const format = args.json ? 'json' : args.format;
      const text =
        format === 'csv'
          ? trialsTable({ ...record, trials }, { attrs: args.attrs ?? DEFAULT_ATTRS }).toCsv()
          : `${toJson({
              study: record.studyName,
              directions: record.directions,
              userAttrs: record.userAttrs,
              trials: trials.map((trial) => ({
                ...trialData(trial, record.studyName),
                distributions: trial.distributions,
              })),
            })}\n`;
      if (args.out === undefined) {
        writeOutput(text);
        return;
      }
      writeOutputFile(args.out, text);
      note(`wrote ${trials.length} trials to ${args.out}`);
      if (args.json)
        printResult(args, { study: record.studyName, trials: trials.length, out: args.out }, () => '');
    });
  },
};

function attrsOption(value: unknown): TableAttr[] {
  const attrs = listOption('attrs')(value) as TableAttr[];
  const unknown = attrs.find((attr) => !TABLE_ATTRS.includes(attr));
  if (unknown !== undefined)
    throw new UsageError(`--attrs are some of ${TABLE_ATTRS.join(', ')}, but one is '${unknown}'`);
  return attrs;
}
