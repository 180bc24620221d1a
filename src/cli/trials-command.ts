import { type FrozenTrial, TRIAL_STATES, type TrialState } from '../core/frozen-trial.ts';
import { lastTrials, trialPages } from '../core/stored-trials.ts';
import { visibleText } from '../core/visible-text.ts';
import { type Command, integerOption } from './command.ts';
import { jsonPages } from './json-stream.ts';
import { noteDamage } from './note-damage.ts';
import { findStudy, withExistingStorage } from './open-storage.ts';
import { writeOutputParts } from './output.ts';
import { type ShownStudy, trialData, trialTable } from './trial-data.ts';

interface TrialsArgs {
  readonly study: string;
  readonly last?: number | undefined;
  readonly state?: TrialState | undefined;
}

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
      .option('state', { choices: TRIAL_STATES, describe: 'Only trials in this state' })
      .example('$0 trials demo', 'All trials of the study demo')
      .example('$0 trials demo --last 10 --state FAIL', 'The last ten that failed')
      .example('$0 trials nas/0/search', 'Trials of the study that trial 0 of nas owns')
      .example("$0 trials demo --json | jq '.trials[].values'", 'For a script'),
  handler: (args) =>
    withExistingStorage(args.storage, async (storage) => {
      const record = await findStudy(storage, args.study);
      const { studyId, studyName, directions } = record;
      noteDamage([record]);
      const isWanted = (trial: FrozenTrial): boolean =>
        args.state === undefined || trial.state === args.state;
      const pages = async function* (): AsyncGenerator<readonly FrozenTrial[]> {
        if (args.last === undefined)
          for await (const page of trialPages(storage, studyId)) yield page.filter(isWanted);
        else yield await lastTrials(storage, studyId, args.last, isWanted);
      };
      await writeOutputParts(
        args.json
          ? jsonLines({ study: studyName, directions }, noted(pages()), studyName)
          : tables(noted(pages()), record),
      );
    }),
};

async function* noted(pages: AsyncIterable<readonly FrozenTrial[]>): AsyncGenerator<readonly FrozenTrial[]> {
  for await (const page of pages) {
    noteDamage(page);
    yield page;
  }
}

async function* jsonLines(
  head: Readonly<Record<string, unknown>>,
  pages: AsyncIterable<readonly FrozenTrial[]>,
  studyName: string,
): AsyncGenerator<string> {
  const data = async function* (): AsyncGenerator<readonly unknown[]> {
    for await (const page of pages) yield page.map((trial) => trialData(trial, studyName));
  };
  yield* jsonPages(head, 'trials', data());
  yield '\n';
}

/** One table for each page: only then a long list needs no more memory than a short one. */
async function* tables(
  pages: AsyncIterable<readonly FrozenTrial[]>,
  study: ShownStudy,
): AsyncGenerator<string> {
  let isEmpty = true;
  for await (const page of pages) {
    if (page.length === 0) continue;
    isEmpty = false;
    yield `${visibleText(trialTable(page, study))}\n`;
  }
  if (isEmpty) yield 'no such trials\n';
}
