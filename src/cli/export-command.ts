import { writeFileSync } from 'node:fs';
import { InvalidArgumentError } from '../core/errors.ts';
import { type FrozenTrial, isFinished, type JsonValue, type StudyDirection } from '../core/frozen-trial.ts';
import type { Command } from './command.ts';
import { findStudy, withExistingStorage } from './open-storage.ts';
import { note, toJson } from './output.ts';
import { durationOf, paramNames, trialData } from './trial-data.ts';

interface ExportArgs {
  readonly study: string;
  readonly format: 'csv' | 'json';
  readonly out?: string;
}

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
      .option('out', { type: 'string', describe: 'File to write; default: standard output' })
      .example('$0 export demo --out demo.csv', 'One line per trial, for pandas or a spreadsheet')
      .example(
        '$0 export demo --format json --out demo.json',
        'All that is known of the trials, distributions included',
      ),
  handler: (args) =>
    withExistingStorage(args.storage, async (storage) => {
      const record = await findStudy(storage, args.study);
      const trials = await storage.getTrials(record.studyId);
      const format = args.json ? 'json' : args.format;
      const text =
        format === 'csv'
          ? trialsCsv(trials, record.directions)
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
        process.stdout.write(text);
        return;
      }
      try {
        writeFileSync(args.out, text);
      } catch (error) {
        throw new InvalidArgumentError(`--out ${args.out} cannot be written: ${(error as Error).message}`);
      }
      note(`wrote ${trials.length} trials to ${args.out}`);
    }),
};

/** RFC 4180, with the names of `optuna.study.Study.trials_dataframe` and, if there are any, the constraints. */
export function trialsCsv(trials: readonly FrozenTrial[], directions: readonly StudyDirection[]): string {
  const params = paramNames(trials).sort();
  const attrs = [...new Set(trials.flatMap((trial) => Object.keys(trial.userAttrs)))].sort();
  const nConstraints = trials.reduce((most, trial) => Math.max(most, trial.constraints?.length ?? 0), 0);
  const constraints = Array.from({ length: nConstraints }, (_, k) => k);
  const heads = [
    'number',
    ...(directions.length === 1 ? ['value'] : directions.map((_, k) => `values_${k}`)),
    'datetime_start',
    'datetime_complete',
    'duration',
    ...params.map((name) => `params_${name}`),
    ...attrs.map((name) => `user_attrs_${name}`),
    ...constraints.map((k) => `constraints_${k}`),
    'state',
  ];
  const rows = trials.map((trial) => [
    trial.number,
    ...directions.map((_, k) => (isFinished(trial.state) ? trial.values?.[k] : undefined)),
    trial.datetimeStart?.toISOString(),
    trial.datetimeComplete?.toISOString(),
    durationOf(trial),
    ...params.map((name) => trial.params[name]),
    ...attrs.map((name) => trial.userAttrs[name]),
    ...constraints.map((k) => trial.constraints?.[k]),
    trial.state,
  ]);
  return [heads, ...rows].map((row) => `${row.map(csvField).join(',')}\r\n`).join('');
}

function csvField(value: JsonValue | undefined): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number' && !Number.isFinite(value))
    return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
