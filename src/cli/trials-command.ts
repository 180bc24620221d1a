import type { TrialState } from '../core/frozen-trial.ts';
import { type Command, integerOption } from './command.ts';
import { findStudy, withExistingStorage } from './open-storage.ts';
import { printResult } from './output.ts';
import { trialData, trialTable } from './trial-data.ts';

interface TrialsArgs {
  readonly study: string;
  readonly last?: number;
  readonly state?: TrialState;
}

const STATES: readonly TrialState[] = ['COMPLETE', 'PRUNED', 'FAIL', 'RUNNING', 'WAITING'];

export const trialsCommand: Command<TrialsArgs> = {
  command: 'trials <study>',
  describe: 'Show the trials of a study',
  builder: (yargs) =>
    yargs
      .positional('study', { type: 'string', demandOption: true, describe: 'Name of the study' })
      .option('last', {
        type: 'string',
        requiresArg: true,
        coerce: integerOption('last', 1),
        describe: 'Only this many, from the end',
      })
      .option('state', { choices: STATES, describe: 'Only trials in this state' })
      .example('$0 trials demo', 'All trials of the study demo')
      .example('$0 trials demo --last 10 --state FAIL', 'The last ten that failed')
      .example('$0 trials nas/0/search', 'Trials of the study that trial 0 of nas owns')
      .example("$0 trials demo --json | jq '.trials[].values'", 'For a script'),
  handler: (args) =>
    withExistingStorage(args.storage, async (storage) => {
      const { studyId, studyName, directions } = await findStudy(storage, args.study);
      const all = (await storage.getTrials(studyId)).filter(
        (trial) => args.state === undefined || trial.state === args.state,
      );
      const trials = args.last === undefined ? all : all.slice(-args.last);
      const data = {
        study: studyName,
        directions,
        trials: trials.map((trial) => trialData(trial, studyName)),
      };
      printResult(args, data, () =>
        trials.length === 0 ? 'no such trials' : trialTable(trials, directions),
      );
    }),
};
