import type { FrozenTrial } from '../core/frozen-trial.ts';
import { metricNamesOf } from '../core/metric-names.ts';
import { assertOutputFile, writeOutputFileInParts } from '../core/output-file.ts';
import type { Storage, StudyRecord } from '../core/storage.ts';
import { trialPages } from '../core/stored-trials.ts';
import { columnsOf, csvLine, TABLE_ATTRS, type TableAttr, TableShape } from '../trials-table.ts';
import { type Command, listOption, UsageError } from './command.ts';
import { jsonPages } from './json-stream.ts';
import { noteDamage } from './note-damage.ts';
import { findStudy, withExistingStorage } from './open-storage.ts';
import { note, printResult, writeOutputParts } from './output.ts';
import { trialData } from './trial-data.ts';

interface ExportArgs {
  readonly study: string;
  readonly format: 'csv' | 'json';
  readonly attrs?: readonly TableAttr[] | undefined;
  readonly out?: string | undefined;
}

const EXPORTED_ATTRS = TABLE_ATTRS.filter((attr) => attr !== 'system_attrs');

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
      noteDamage([record]);
      const isJson = args.json || args.format === 'json';
      let nTrials = 0;
      const pages = async function* (): AsyncGenerator<readonly FrozenTrial[]> {
        for await (const page of trialPages(storage, record.studyId)) {
          noteDamage(page);
          nTrials += page.length;
          yield page;
        }
      };
      const parts = isJson
        ? jsonParts(record, pages())
        : csvParts(await shapeOf(storage, record), args.attrs ?? EXPORTED_ATTRS, pages());
      if (args.out === undefined) {
        await writeOutputParts(parts);
        return;
      }
      await writeOutputFileInParts(args.out, parts);
      note(`wrote ${nTrials} trials to ${args.out}`);
      if (args.json) printResult(args, { study: record.studyName, trials: nTrials, out: args.out }, () => '');
    });
  },
};

async function shapeOf(
  storage: Storage,
  { studyId, directions, systemAttrs }: StudyRecord,
): Promise<TableShape> {
  const shape = new TableShape(directions.length, metricNamesOf(systemAttrs, directions.length));
  for await (const page of trialPages(storage, studyId)) shape.add(page);
  return shape;
}

async function* csvParts(
  shape: TableShape,
  attrs: readonly TableAttr[],
  pages: AsyncIterable<readonly FrozenTrial[]>,
): AsyncGenerator<string> {
  const columns = columnsOf(shape, attrs);
  yield csvLine(columns.map(({ name }) => name));
  for await (const page of pages)
    for (const trial of page) yield csvLine(columns.map((column) => column.of(trial)));
}

async function* jsonParts(
  { studyName, directions, userAttrs }: StudyRecord,
  pages: AsyncIterable<readonly FrozenTrial[]>,
): AsyncGenerator<string> {
  const data = async function* (): AsyncGenerator<readonly unknown[]> {
    for await (const page of pages)
      yield page.map((trial) => ({
        ...trialData(trial, studyName),
        distributions: trial.distributions,
      }));
  };
  yield* jsonPages({ study: studyName, directions, userAttrs }, 'trials', data());
  yield '\n';
}

function attrsOption(value: unknown): TableAttr[] {
  const attrs = listOption('attrs')(value) as TableAttr[];
  const unknown = attrs.find((attr) => !TABLE_ATTRS.includes(attr));
  if (unknown !== undefined)
    throw new UsageError(`--attrs are some of ${TABLE_ATTRS.join(', ')}, but one is '${unknown}'`);
  return attrs;
}
