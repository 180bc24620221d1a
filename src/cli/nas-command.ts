import { join } from 'node:path';
import type { Argv } from 'yargs';
import { exportSubTransformer } from '../../objectives/pipeline/export-subtransformer.ts';
import { writeFileAtomic } from '../../objectives/pipeline/files.ts';
import { DEFAULT_NAS_YAML } from '../../objectives/pipeline/nas-config.ts';
import type { NasRun } from '../../objectives/pipeline/nas-run.ts';
import {
  type TranslationQuality,
  translationQuality,
} from '../../objectives/pipeline/translation-quality.ts';
import { InvalidArgumentError } from '../core/errors.ts';
import { isFinished } from '../core/frozen-trial.ts';
import type { Storage } from '../core/storage.ts';
import type { Study } from '../core/study.ts';
import { loadStudy } from '../create-study.ts';
import { type Command, type GlobalArgs, integerOption } from './command.ts';
import { interrupted } from './interrupt.ts';
import { archLine, frontOf, type NasPoint } from './nas-result.ts';
import { makeSampler, type NasArgs, type NasFiles, withNasRun } from './nas-session.ts';
import { note, printResult, table } from './output.ts';

/** The stages of `thanos nas`. */
export function nasStages(yargs: Argv<GlobalArgs>): Argv<GlobalArgs> {
  return yargs
    .command(stage('run', 'All stages: train, search, report, export of the knee point', runAll))
    .command(stage('train', 'Train the SuperTransformer', trainOnly))
    .command(
      stage('latency', 'Measure the latency dataset on this machine (backend onnxruntime)', latencyOnly),
    )
    .command(stage('search', 'The nested search on a trained SuperTransformer', searchOnly))
    .command(stage('report', 'Write report.html of the search as far as it is', reportOnly))
    .command(exportStage)
    .command({
      command: 'config',
      describe: 'Print the default configuration, to start your own from',
      handler: () => void process.stdout.write(DEFAULT_NAS_YAML),
    })
    .demandCommand(1, 'a stage is needed: run, train, latency, search, report, export or config')
    .epilogue(
      'Everything lies in one folder (--dir, by default thanos-runs/<study name>): the study, the checkpoint, the report, the ' +
        'exported model. Each stage goes on from what it finds there, so the same command after an interruption resumes, and ' +
        'ends with the study that an uninterrupted run gives.',
    );
}

function nasOptions<T>(yargs: Argv<T>) {
  return yargs
    .positional('config', {
      type: 'string',
      describe: 'YAML file (see `thanos nas config`); default: the built-in one',
    })
    .option('corpus', {
      type: 'string',
      requiresArg: true,
      describe: 'Folder of parallel text: train.SRC, train.TGT and, if there, valid.*',
    })
    .option('dir', { type: 'string', requiresArg: true, describe: 'Folder of the run' })
    .option('seed', {
      type: 'string',
      coerce: integerOption('seed', 0),
      describe: 'Instead of the one in the file',
    })
    .option('device', {
      choices: ['cpu', 'webgpu', 'cuda'] as const,
      default: 'cpu' as const,
      describe: 'Where the SuperTransformer is trained and evaluated',
    });
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

function stage(name: string, describe: string, work: (stage: Stage) => Promise<void>): Command<NasArgs> {
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
    handler: (args) => runStage(args, work),
  };
}

const exportStage: Command<NasArgs & { trial?: number }> = {
  command: 'export [config]',
  describe: 'Export a SubTransformer of the search as ONNX, with its weights',
  builder: (yargs) =>
    nasOptions(yargs)
      .option('trial', {
        type: 'string',
        coerce: integerOption('trial', 0),
        describe: 'Outer trial whose SubTransformer is exported; default: the knee point',
      })
      .example('$0 nas export --trial 7', 'The SubTransformer that trial 7 found') as Argv<
      GlobalArgs & NasArgs & { trial?: number }
    >,
  handler: (args) =>
    runStage(args, async (stage) => {
      const study = await stage.load();
      const point = pointToExport(study, args.trial);
      const written = await exportPoint(stage, point);
      printResult(args, { ...point, files: written }, () => written.join('\n'));
    }),
};

/** `thanos run` on a NAS's YAML file. */
export function runNasFile(args: GlobalArgs, config: string): Promise<void> {
  return runStage({ ...args, config, device: 'cpu' }, runAll);
}

function runStage(args: GlobalArgs & NasArgs, work: (stage: Stage) => Promise<void>): Promise<void> {
  return withNasRun(args, async (run, storage, files, signal) => {
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

async function trainOnly({ run, args, files }: Stage): Promise<void> {
  await run.train();
  const { space } = run.config;
  const result = {
    checkpoint: run.checkpoint,
    steps: run.trainer.step,
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

async function latencyOnly({ run, args, storage }: Stage): Promise<void> {
  const hardware = await run.hardware(storage, makeSampler);
  const { space } = run.config;
  const result = {
    hardware: hardware.name,
    smallest: hardware.cost(space.smallest()),
    largest: hardware.cost(space.largest()),
  };
  printResult(args, result, () =>
    table(
      ['SubTransformer', 'latency (ms)', 'memory (MiB)'],
      (['smallest', 'largest'] as const).map((which) => [
        which,
        result[which].latencyMs,
        result[which].memoryMiB,
      ]),
    ).concat(`\nby ${hardware.name} (${hardware.kind})`),
  );
}

async function searchOnly(stage: Stage): Promise<void> {
  await stage.run.train();
  const study = await stage.search();
  if (!stage.signal.aborted) printSearch(stage, study, {});
}

async function reportOnly(stage: Stage): Promise<void> {
  const study = await stage.load();
  const knee = kneeOf(study);
  const quality = knee === undefined ? undefined : await translationQuality(stage.run, knee.arch);
  const report = await writeReport(stage, study, quality);
  printResult(stage.args, { report }, () => report);
}

async function runAll(stage: Stage): Promise<void> {
  const { run, files } = stage;
  note(`folder: ${files.directory} (stop with Ctrl-C; the same command goes on)`);
  await run.train();
  const study = await stage.search();
  if (stage.signal.aborted) return;
  const knee = kneeOf(study);
  const exported = knee === undefined ? [] : await exportPoint(stage, knee);
  const quality = knee === undefined ? undefined : await translationQuality(run, knee.arch);
  const report = await writeReport(stage, study, quality);
  printSearch(stage, study, { report, exported, kneeBleu: quality?.bleu });
}

function kneeOf(study: Study): NasPoint | undefined {
  return frontOf(study).find((point) => point.isKnee);
}

function pointToExport(study: Study, trial: number | undefined): NasPoint {
  const front = frontOf(study);
  const point = front.find((each) => (trial === undefined ? each.isKnee : each.trial === trial));
  if (point === undefined)
    throw new InvalidArgumentError(
      `a trial to export must be on the front, whose trials are ${front.map((each) => each.trial).join(', ') || 'none'}` +
        (trial === undefined ? '' : `, but --trial is ${trial}`),
    );
  return point;
}

async function exportPoint({ run, files }: Stage, point: NasPoint): Promise<string[]> {
  return exportSubTransformer(run, point.arch, join(files.directory, `subtransformer-${point.trial}`));
}

async function writeReport(
  { run, files }: Stage,
  study: Study,
  quality: TranslationQuality | undefined,
): Promise<string> {
  // Charts are loaded only if one is drawn.
  const { nasReport } = await import('./nas-report.ts');
  const path = join(files.directory, 'report.html');
  writeFileAtomic(path, await nasReport(run, study, files.storageUrl, quality));
  return path;
}

function printSearch(
  { args, files, run }: Stage,
  study: Study,
  made: { readonly report?: string; readonly exported?: readonly string[]; readonly kneeBleu?: number },
): void {
  const front = frontOf(study);
  const finished = study.trials.filter((trial) => isFinished(trial.state)).length;
  const data = {
    study: study.studyName,
    storage: files.storageUrl,
    directory: files.directory,
    trials: finished,
    front,
    ...made,
  };
  printResult(args, data, () => {
    const rows = front.map((p) => [
      p.trial,
      p.qkvDim,
      p.validationLossBits.toFixed(3),
      p.latencyMs.toFixed(2),
      p.memoryMiB.toFixed(2),
      archLine(p.arch),
      p.isKnee ? '<- knee' : '',
    ]);
    const columns = [
      'trial',
      'QKV dim',
      'loss (bits/token)',
      'latency (ms)',
      'memory (MiB)',
      'architecture',
      '',
    ];
    return [
      `Pareto front of ${finished} outer trials; latency and memory: ${front[0]?.hardware ?? run.config.hardware.backend}`,
      front.length === 0 ? 'no trial is within its ceilings' : table(columns, rows),
      ...(made.kneeBleu === undefined
        ? []
        : [
            `knee:     BLEU ${made.kneeBleu.toFixed(1)} with inherited weights (100 validation sentences, beam 4)`,
          ]),
      ...(made.report === undefined ? [] : [`report:   ${made.report}`]),
      ...(made.exported?.map((file) => `exported: ${file}`) ?? []),
      `study:    '${study.studyName}' in ${files.storageUrl}`,
      'resume:   run the same command again; it goes on from where it stopped',
    ].join('\n');
  });
}
