import { bestOf } from '../core/best.ts';
import { ThanosError } from '../core/errors.ts';
import type { FrozenTrial } from '../core/frozen-trial.ts';
import { isFinished, SYSTEM_ATTR } from '../core/frozen-trial.ts';
import { isLogged, LOG_LEVELS, type LogLevel, setLogLevel } from '../core/logging.ts';
import { NO_PROGRESS, startProgress } from '../core/progress.ts';
import type { Study } from '../core/study.ts';
import { createStudy } from '../create-study.ts';
import { runDefinition, type StudyDefinition } from '../define-study.ts';
import { type GlobalArgs, integerOption, type LoadedCommand, UsageError } from './command.ts';
import { interrupted, interruptible, yieldToSignals } from './interrupt.ts';
import { loadStudyDefinition } from './load-module.ts';
import { withStorage } from './open-storage.ts';
import { formatNumber, guardDocument, note, printResult } from './output.ts';
import { bestData, bestText, bestTrialsOf, countStates, statesLine } from './study-summary.ts';

interface RunArgs {
  readonly file: string;
  readonly trials?: number | undefined;
  readonly logLevel?: LogLevel | undefined;
}

export const runCommand: LoadedCommand<RunArgs> = {
  builder: (yargs) =>
    yargs
      .positional('file', {
        type: 'string',
        demandOption: true,
        describe:
          "A module (.ts, .js, .mjs …) whose default export is defineStudy({ … }), or a NAS's YAML file",
      })
      .option('trials', {
        type: 'string',
        requiresArg: true,
        coerce: integerOption('trials', 0),
        describe: 'Finished trials that the study shall hold in the end, instead of nTrials of the module',
      })
      .option('log-level', {
        choices: LOG_LEVELS,
        requiresArg: true,
        defaultDescription: 'warn',
        describe:
          'What to write to standard error: info has a line for each trial, in place of the progress bar',
      })
      .example('$0 run study.ts', 'Run the study, or go on with it, in thanos.db of this directory')
      .example('$0 run study.ts --trials 500', 'The same study, to more trials')
      .example('$0 run study.ts --log-level info', 'See each trial as it finishes')
      .example(
        '$0 run study.ts --storage sqlite:////data/all.db',
        'Keep it elsewhere (an absolute path has four slashes)',
      )
      .example('$0 run study.ts --json | jq .bestTrial.params', 'What was found, for a script')
      .epilogue(
        'A study module:\n' +
          "  import { defineStudy, float, space } from 'thanos-hpo';\n" +
          '  export default defineStudy({\n' +
          "    studyName: 'demo',\n" +
          "    direction: 'minimize',\n" +
          '    nTrials: 100,\n' +
          '    space: space({ x: float(-5, 5) }),\n' +
          '    objective: ({ x }) => (x - 2) ** 2,\n' +
          '  });\n\n' +
          'Ctrl-C stops the study and gives its running trials back; the same command goes on with it.',
      ),
  handler: runFile,
};

async function runFile(args: GlobalArgs & RunArgs): Promise<void> {
  if (/\.ya?ml$/.test(args.file)) {
    if (args.trials !== undefined)
      throw new UsageError("--trials is for study modules; the number of a NAS's trials stands in its file");
    const { runNasFile } = await import('./nas-command.ts');
    return runNasFile(args, args.file);
  }
  if (args.logLevel !== undefined) setLogLevel(args.logLevel);
  guardDocument(args);
  const definition = await loadStudyDefinition(args.file);
  await withStorage(args.storage, (storage) =>
    interruptible(async (signal) => {
      const study = await createStudy({ ...studyOptions(definition), storage, loadIfExists: true });
      const total = args.trials ?? definition.nTrials;
      await runWithProgress(study, definition, total, signal);
      const best = bestTrialsOf(study);
      const data = {
        study: study.studyName,
        storage: args.storage,
        trials: countStates(study.trials),
        isFinished: finishedCount(study) >= total,
        ...bestData(study, best),
      };
      printResult(
        args,
        data,
        () => `study '${study.studyName}': ${statesLine(study.trials)}\n${bestText(study, best)}`,
      );
      if (signal.aborted && !data.isFinished)
        throw interrupted(`study '${study.studyName}' holds ${finishedCount(study)} of ${total} trials`);
      if (!data.isFinished) await tellUnfinished(study, total);
    }),
  );
}

function studyOptions(definition: StudyDefinition) {
  const { studyName, direction, directions, sampler, pruner, constraints, maxRetries } = definition;
  return { studyName, direction, directions, sampler, pruner, constraints, maxRetries };
}

function finishedCount(study: Study): number {
  return study.trials.filter((trial) => isFinished(trial.state)).length;
}

/**
 * Says what is missing: trials that other processes are at work on, or that the study was not allowed to have.
 * @throws ThanosError STUDY_UNFINISHED for trials that no process is at work on, or perhaps none: only another run ends them.
 */
async function tellUnfinished({ studyName, trials, storage }: Study, total: number): Promise<void> {
  const holds = `study '${studyName}' holds ${trials.filter(({ state }) => isFinished(state)).length} of ${total} finished trials`;
  const running = trials.filter(
    ({ state, systemAttrs }) => state === 'RUNNING' && SYSTEM_ATTR.owner in systemAttrs,
  );
  const numbers = running.map(({ number }) => number).join(', ');
  const isLeft = running.some(({ systemAttrs }) =>
    [null, storage.owner].includes(systemAttrs[SYSTEM_ATTR.owner] as string | null),
  );
  const { studyId } = (await storage.findStudy(studyName))!;
  if (isLeft || (running.length > 0 && (await storage.hasOwnerInDoubt?.(studyId)) === true))
    throw new ThanosError(
      'STUDY_UNFINISHED',
      `${holds}, and trial ${numbers} is not finished; run the same command again to go on`,
    );
  note(
    running.length > 0
      ? `${holds}: trial ${numbers} is still running in another process`
      : `${holds}: its sampler, its callbacks or its limits ended it`,
  );
}

async function runWithProgress(
  study: Study,
  definition: StudyDefinition,
  total: number,
  signal: AbortSignal,
): Promise<void> {
  let done = finishedCount(study);
  if (done >= total) {
    note(`study '${study.studyName}' holds ${done} trials already; for more, raise nTrials or give --trials`);
    return;
  }
  if (done > 0) note(`going on with study '${study.studyName}': ${done} of ${total} trials are there`);
  const progress = isLogged.info ? NO_PROGRESS : startProgress(study.studyName, total, done);
  const isSingle = study.directions.length === 1;
  let best = isSingle ? bestOf(study.trials, study.directions[0]) : null;
  const onTrial = async (_: Study, trial: FrozenTrial): Promise<void> => {
    done++;
    if (isSingle) best = bestOf(best === null ? [trial] : [best, trial], study.directions[0]);
    progress.update(done, best === null ? '' : `best ${formatNumber(best.values![0])}`);
    await yieldToSignals();
  };
  try {
    await runDefinition(study, definition, { signal, nTrials: total, callbacks: [onTrial] });
  } finally {
    progress.stop();
  }
}
