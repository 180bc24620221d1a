import { basename, join, resolve } from 'node:path';
import { parse } from 'yaml';
import type { Argv } from 'yargs';
import { archOfTrial, hardwareSources } from '../../objectives/nested-nas.ts';
import { DEFAULT_NAS_YAML } from '../../objectives/pipeline/default-nas-yaml.ts';
import { fitLine } from '../../objectives/pipeline/deployment-fit.ts';
import { exportTrial } from '../../objectives/pipeline/export-subtransformer.ts';
import { writeFileAtomic } from '../../objectives/pipeline/files.ts';
import type { NasConfig } from '../../objectives/pipeline/nas-config.ts';
import type { NasRun } from '../../objectives/pipeline/nas-run.ts';
import { assertSameSettings, isNasStudy } from '../../objectives/pipeline/nas-settings.ts';
import { assertOfStudy, assertRecordedLoss } from '../../objectives/pipeline/study-of-run.ts';
import {
  bleuLine,
  type TranslationQuality,
  translationQuality,
} from '../../objectives/pipeline/translation-quality.ts';
import { InvalidArgumentError } from '../core/errors.ts';
import { assertOutputFile } from '../core/output-file.ts';
import type { Storage } from '../core/storage.ts';
import type { Study } from '../core/study.ts';
import { loadStudy } from '../create-study.ts';
import { type Command, type GlobalArgs, integerOption, NAS_STAGES } from './command.ts';
import { interrupted } from './interrupt.ts';
import { nasOptions } from './nas-options.ts';
import { choiceRule, frontTable, hardwareLine, type NasPoint, paretoPoints } from './nas-result.ts';
import { makeSampler, type NasArgs, type NasFiles, type StorageUse, withNasRun } from './nas-session.ts';
import { note, printResult, table, toJson, writeOutput } from './output.ts';

/** The stages of `thanos nas`. */
export function nasStages(yargs: Argv<GlobalArgs>): Argv<GlobalArgs> {
  return yargs
    .command(
      stage('run', 'All stages: train, search, report, export of the knee point', () => 'begin', runAll),
    )
    .command(stage('train', 'Train the SuperTransformer', () => 'if-there', trainOnly))
    .command(
      stage(
        'latency',
        'Measure the latency dataset on this machine (backend onnxruntime)',
        useOfLatency,
        latencyOnly,
      ),
    )
    .command(stage('search', 'The nested search on a trained SuperTransformer', () => 'begin', searchOnly))
    .command(reportStage)
    .command(exportStage)
    .command({
      command: 'config',
      describe: 'Print the default configuration, to start your own from',
      handler: ({ json }) =>
        json ? writeOutput(`${toJson(parse(DEFAULT_NAS_YAML))}\n`) : writeOutput(DEFAULT_NAS_YAML),
    })
    .demandCommand(1, `a stage is needed: ${NAS_STAGES.join(', ')}`)
    .epilogue(
      'Everything lies in one folder (--dir, by default thanos-runs/<study name>): the study, the checkpoint, the report, the ' +
        'exported model. Each stage goes on from what it finds there, so the same command after an interruption resumes, and ' +
        'ends with the study that an uninterrupted run gives.',
    );
}

/** A run that is open, and what was asked of it. */
interface Stage {
  readonly run: NasRun;
  readonly files: NasFiles;
  readonly args: GlobalArgs & NasArgs;
  readonly signal: AbortSignal;
  readonly storage: Storage;
  /** The nested search, gone on with to its end. */
  search(): Promise<Study>;
  /** The study as it is. */
  load(): Promise<Study>;
}

function stage(
  name: string,
  describe: string,
  use: (config: NasConfig) => StorageUse,
  work: (stage: Stage) => Promise<void>,
): Command<NasArgs> {
  return {
    command: `${name} [config]`,
    describe,
    builder: (yargs) =>
      nasOptions(yargs)
        .example(`$0 nas ${name}`, 'On the generated task')
        .example(`$0 nas ${name} --corpus multi30k`, 'On your own parallel text')
        .example(`$0 nas ${name} my.yaml --dir runs/a`, 'With your own space and budget') as Argv<
        GlobalArgs & NasArgs
      >,
    handler: (args) => runStage(args, use, work),
  };
}

/** Measurements take long and are kept, so they begin a run; estimates need none. */
function useOfLatency({ hardware }: NasConfig): StorageUse {
  return hardware.backend === 'onnxruntime' ? 'begin' : 'if-there';
}

const reportStage: Command<NasArgs & { out?: string }> = {
  command: 'report [config]',
  describe: 'Write report.html of the search as far as it is',
  builder: (yargs) =>
    nasOptions(yargs)
      .option('out', {
        type: 'string',
        requiresArg: true,
        describe: 'HTML file that is written; default: report.html in the folder of the run',
      })
      .example('$0 nas report my.yaml --dir runs/a', 'Of the run in that folder') as Argv<
      GlobalArgs & NasArgs & { out?: string }
    >,
  handler: (args) =>
    runStage(
      args,
      () => 'existing',
      (stage) => reportOnly(stage, args.out),
    ),
};

const exportStage: Command<NasArgs & { trial?: number; out?: string }> = {
  command: 'export [config]',
  describe: 'Export a SubTransformer of the search as ONNX, with its weights',
  builder: (yargs) =>
    nasOptions(yargs)
      .option('trial', {
        type: 'string',
        coerce: integerOption('trial', 0),
        describe: 'Outer trial whose SubTransformer is exported; default: the knee point',
      })
      .option('out', {
        type: 'string',
        requiresArg: true,
        describe: 'Folder of the exported files; default: subtransformer-TRIAL in the folder of the run',
      })
      .example('$0 nas export --trial 7', 'The SubTransformer that trial 7 found') as Argv<
      GlobalArgs & NasArgs & { trial?: number; out?: string }
    >,
  handler: (args) =>
    runStage(
      args,
      () => 'existing',
      async (stage) => {
        const study = await stage.load();
        await assertOfStudy(stage.run, study);
        const point = pointToExport(study, args.trial);
        const written = await exportPoint(stage, study, point, args.out);
        const { deployment } = stage.run;
        const rule = args.trial === undefined ? choiceRule(point) : 'as asked for';
        printResult(args, { ...point, rule, deployment, files: written }, () =>
          [`trial ${point.trial} (${rule})`, fitLine(deployment), ...written].join('\n'),
        );
      },
    ),
};

/** `thanos run` on a NAS's YAML file. */
export function runNasFile(args: GlobalArgs, config: string): Promise<void> {
  return runStage({ ...args, config, device: 'cpu' }, () => 'begin', runAll);
}

function runStage(
  args: GlobalArgs & NasArgs,
  use: (config: NasConfig) => StorageUse,
  work: (stage: Stage) => Promise<void>,
): Promise<void> {
  return withNasRun(args, use, async (run, storage, files, signal) => {
    const load = (): Promise<Study> => loadStudy({ storage, studyName: files.config.studyName });
    const search = (): Promise<Study> => run.search(storage, makeSampler);
    try {
      await work({ run, files, args, signal, storage, search, load });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    if (signal.aborted) throw interrupted(`everything so far is kept in ${files.directory}`);
  });
}

/** Refuses settings other than those of the study, if it has been begun. */
async function assertOfRun({ run, storage }: Stage): Promise<void> {
  const { studyName } = run.config;
  if ((await storage.findStudy(studyName)) !== null)
    assertSameSettings(await loadStudy({ storage, studyName }), run.settings);
}

async function trainOnly(stage: Stage): Promise<void> {
  const { run, args, files } = stage;
  await assertOfRun(stage);
  await run.train();
  const { space } = run.config;
  const result = {
    checkpoint: run.checkpoint,
    steps: (await run.trainer()).step,
    stepOfWeights: run.stepOfWeights,
    largestBitsPerToken: await run.fullValidationLoss(space.largest()),
    smallestBitsPerToken: await run.fullValidationLoss(space.smallest()),
    directory: files.directory,
  };
  printResult(
    args,
    result,
    () =>
      `SuperTransformer: ${result.steps} steps, weights of step ${result.stepOfWeights}, validation loss ${result.largestBitsPerToken.toFixed(3)} bits/token as a whole, ` +
      `${result.smallestBitsPerToken.toFixed(3)} as its smallest SubTransformer\ncheckpoint: ${result.checkpoint}`,
  );
}

async function latencyOnly(stage: Stage): Promise<void> {
  const { run, args, storage } = stage;
  await assertOfRun(stage);
  const hardware = await run.hardware(storage, makeSampler);
  const { space } = run.config;
  const result = {
    hardware: hardware.name,
    memory: (hardware.memory ?? hardware).name,
    ...(hardware.warning === undefined ? {} : { warning: hardware.warning }),
    smallest: hardware.cost(space.smallest()),
    largest: hardware.cost(space.largest()),
  };
  printResult(args, result, () =>
    table(
      ['SubTransformer', 'latency (ms)', '90 % interval (ms)', 'memory (MiB)'],
      (['smallest', 'largest'] as const).map((which) => [
        which,
        result[which].latencyMs,
        result[which].latencyIntervalMs?.map((bound) => bound.toPrecision(3)).join(' to ') ?? 'none',
        result[which].memoryMiB,
      ]),
    ).concat(`\n${hardwareLine(hardwareSources(hardware))}`),
  );
}

async function searchOnly(stage: Stage): Promise<void> {
  await stage.run.claim(stage.storage, makeSampler);
  await stage.run.train();
  const study = await stage.search();
  if (!stage.signal.aborted) printSearch(stage, study, {});
}

async function reportOnly(stage: Stage, out: string | undefined): Promise<void> {
  if (out !== undefined) assertOutputFile(resolve(out));
  const study = await stage.load();
  await assertOfStudy(stage.run, study);
  const report = await writeReport(stage, study, await qualityOfChosen(stage, study), out);
  printResult(stage.args, { report }, () => report);
}

async function runAll(stage: Stage): Promise<void> {
  const { run, files } = stage;
  note(`folder: ${files.directory} (stop with Ctrl-C; the same command goes on)`);
  await run.claim(stage.storage, makeSampler);
  await run.train();
  const study = await stage.search();
  if (stage.signal.aborted) return;
  const chosen = chosenOf(study);
  const exported = chosen === undefined ? [] : await exportPoint(stage, study, chosen, undefined);
  const quality = await qualityOfChosen(stage, study);
  const report = await writeReport(stage, study, quality, undefined);
  printSearch(stage, study, { report, exported, quality });
}

function chosenOf(study: Study): NasPoint | undefined {
  return paretoPoints(study).find((point) => point.isChosen);
}

/** How well the SubTransformer that is exported translates; its weights must give the loss that the study recorded. */
async function qualityOfChosen({ run }: Stage, study: Study): Promise<TranslationQuality | undefined> {
  const chosen = chosenOf(study);
  const trial = study.trials.find(({ number }) => number === chosen?.trial);
  if (trial === undefined) return undefined;
  await assertRecordedLoss(run, trial, archOfTrial(trial));
  return translationQuality(run, archOfTrial(trial));
}

function pointToExport(study: Study, trial: number | undefined): NasPoint {
  const front = paretoPoints(study);
  const point = front.find((each) => (trial === undefined ? each.isChosen : each.trial === trial));
  if (point === undefined)
    throw new InvalidArgumentError(
      `a trial to export must be on the front, whose trials are ${front.map((each) => each.trial).join(', ') || 'none'}` +
        (trial === undefined ? '' : `, but --trial is ${trial}`),
    );
  return point;
}

async function exportPoint(
  stage: Stage,
  study: Study,
  { trial }: NasPoint,
  out: string | undefined,
): Promise<string[]> {
  const folder =
    out === undefined ? join(await outputFolder(stage), `subtransformer-${trial}`) : resolve(out);
  return exportTrial(stage.run, study, trial, folder);
}

async function writeReport(
  stage: Stage,
  study: Study,
  quality: TranslationQuality | undefined,
  out: string | undefined,
): Promise<string> {
  // Charts are loaded only if one is drawn.
  const { nasReport } = await import('./nas-report.ts');
  const path = out === undefined ? join(await outputFolder(stage), 'report.html') : resolve(out);
  writeFileAtomic(path, await nasReport(stage.run, study, stage.files.storageUrl, quality));
  return path;
}

/**
 * Where a study's report and models go: into the folder of the run, if the study is the first in it, else into one of the study's
 * name in it, so that studies that share a folder (and its SuperTransformer) do not overwrite one another's.
 */
async function outputFolder({ files, storage }: Stage): Promise<string> {
  const { directory, database, config } = files;
  const first = (await storage.listStudies()).find(isNasStudy);
  const isOwner =
    database === null ? basename(directory) === config.studyName : first?.studyName === config.studyName;
  return isOwner ? directory : join(directory, config.studyName);
}

function printSearch(
  { args, files, run }: Stage,
  study: Study,
  made: {
    readonly report?: string | undefined;
    readonly exported?: readonly string[] | undefined;
    readonly quality?: TranslationQuality | undefined;
  },
): void {
  const front = paretoPoints(study);
  const { report, exported, quality } = made;
  const chosen = front.find((point) => point.isChosen);
  const complete = study.trials.filter(({ state }) => state === 'COMPLETE').length;
  const failed = study.trials.filter(({ state }) => state === 'FAIL').length;
  const data = {
    study: study.studyName,
    storage: files.storageUrl,
    directory: files.directory,
    trials: complete,
    failedTrials: failed,
    front,
    deployment: run.deployment,
    report,
    exported,
    ...(chosen === undefined ? {} : { chosen: { trial: chosen.trial, rule: choiceRule(chosen) } }),
    ...(quality === undefined ? {} : { kneeBleu: quality.bleu, bleuSentences: quality.sentences, quality }),
  };
  printResult(args, data, () => {
    const { columns, rows } = frontTable(front, (value, digits) => value.toFixed(digits));
    return [
      `Pareto front of ${complete} complete outer trials${failed === 0 ? '' : ` (${failed} more failed)`}` +
        (front.length === 0 ? '' : `; ${hardwareLine(front[0])}`),
      front.length === 0 ? 'no trial is within its ceilings' : table(columns, rows),
      ...(quality === undefined || chosen === undefined
        ? []
        : [`trial ${chosen.trial}:  ${bleuLine(quality)}, with inherited weights`]),
      ...(exported === undefined || exported.length === 0 ? [] : [`lengths:  ${fitLine(run.deployment)}`]),
      ...(report === undefined ? [] : [`report:   ${report}`]),
      ...(exported?.map((file) => `exported: ${file}`) ?? []),
      `study:    '${study.studyName}' in ${files.storageUrl}`,
      ...(complete + failed < run.config.search.outerTrials
        ? ['resume:   run the same command again; it goes on from where it stopped']
        : []),
    ].join('\n');
  });
}
