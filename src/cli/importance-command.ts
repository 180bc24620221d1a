import { InvalidArgumentError, ThanosError } from '../core/errors.ts';
import type { Storage, StudyRecord } from '../core/storage.ts';
import {
  FanovaEvaluator,
  type ImportanceEvaluator,
  type ImportanceSource,
  MeanDecreaseImpurityEvaluator,
  type ParamImportance,
  PedAnovaEvaluator,
  paramImportances,
  pooledTrials,
} from '../importance/index.ts';
import { type Command, integerOption, listOption } from './command.ts';
import { noteDamage } from './note-damage.ts';
import { findStudy, withExistingStorage } from './open-storage.ts';
import { printResult, table } from './output.ts';

const EVALUATORS: Readonly<Record<string, (seed: number) => ImportanceEvaluator>> = {
  'ped-anova': () => new PedAnovaEvaluator(),
  fanova: (seed) => new FanovaEvaluator({ seed }),
  mdi: (seed) => new MeanDecreaseImpurityEvaluator({ seed }),
};

interface ImportanceArgs {
  readonly study: string;
  readonly evaluator: string;
  readonly params?: readonly string[] | undefined;
  readonly objective?: number | undefined;
  readonly child?: string | undefined;
  readonly seed: number;
}

export const importanceCommand: Command<ImportanceArgs> = {
  command: 'importance <study>',
  describe: 'Show how much each parameter of a study matters',
  builder: (yargs) =>
    yargs
      .positional('study', { type: 'string', demandOption: true, describe: 'Name of the study' })
      .option('evaluator', {
        choices: Object.keys(EVALUATORS),
        default: 'ped-anova',
        requiresArg: true,
        describe:
          'ped-anova: what sets the best tenth of the trials apart; fanova: the share of the variance that a ' +
          'parameter explains; mdi: the share of the error that splits on it remove',
      })
      .option('params', {
        type: 'string',
        requiresArg: true,
        coerce: listOption('params'),
        describe: 'Rank only these parameters, with commas between',
      })
      .option('objective', {
        type: 'string',
        requiresArg: true,
        coerce: integerOption('objective', 0),
        describe:
          'Of several objectives, explain this one (0 is the first); default: nearness to the Pareto front',
      })
      .option('child', {
        type: 'string',
        requiresArg: true,
        describe: 'Explain the studies of this name that the trials own, by the parameters of both',
      })
      .option('seed', {
        type: 'string',
        default: 0,
        requiresArg: true,
        coerce: integerOption('seed', 0),
        describe: 'Of the random forest of fanova and mdi',
      })
      .example('$0 importance demo', 'Which parameters to tune further, and which to fix')
      .example(
        '$0 importance demo --evaluator fanova --params lr,depth',
        'Two of them, by explained variance',
      )
      .example('$0 importance nas --child search', 'Outer and inner parameters of a nested study in one list')
      .example(
        "$0 importance demo --json | jq -r '.importances[0].name'",
        'The most important one, for a script',
      )
      .epilogue(
        'Importances add up to 1. Below some 50 COMPLETE trials they say little, and those of a sampler that soon\n' +
          'turns to one region say less of the rest of the space; fanova and mdi rank only parameters that all trials have.',
      ),
  handler: (args) =>
    withExistingStorage(args.storage, async (storage) => {
      const record = await findStudy(storage, args.study);
      const source = await sourceOf(storage, record, args.child);
      noteDamage([record, ...source.trials]);
      const nTrials = source.trials.filter((trial) => trial.state === 'COMPLETE').length;
      if (nTrials < 2)
        throw new ThanosError(
          'NO_COMPLETE_TRIAL',
          `importance needs at least 2 COMPLETE trials, but study '${args.study}' has ${nTrials}; run more`,
        );
      const { params, objective: target } = args;
      const last = source.directions.length - 1;
      if (target !== undefined && target > last)
        throw new InvalidArgumentError(
          `--objective must be ${last === 0 ? '0, as there is one objective' : `0 to ${last}`}, but is ${target}`,
        );
      const evaluator = EVALUATORS[args.evaluator](args.seed);
      const importances = paramImportances(source, { evaluator, params, target });
      const data = { study: record.studyName, evaluator: evaluator.name, trials: nTrials, importances };
      printResult(args, data, () => importanceTable(importances));
    }),
};

async function sourceOf(
  storage: Storage,
  { studyName, studyId, directions }: StudyRecord,
  child: string | undefined,
): Promise<ImportanceSource> {
  if (child !== undefined) return pooledTrials({ studyName, storage }, child);
  return { directions, trials: await storage.getTrials(studyId) };
}

const BAR_WIDTH = 40;

function importanceTable(importances: readonly ParamImportance[]): string {
  if (importances.length === 0) return 'no parameter that all COMPLETE trials have';
  const most = Math.max(...importances.map(({ importance }) => importance));
  return table(
    ['parameter', 'importance', ''],
    importances.map(({ name, importance }) => [
      name,
      Number(importance.toPrecision(3)),
      '━'.repeat(Math.round((importance / most) * BAR_WIDTH)),
    ]),
  );
}
