/** The last stage of a NAS: a SubTransformer with the weights it inherits, as files to deploy, and how well it translates. */
import { basename, join } from 'node:path';
import { ThanosError } from '../../src/core/errors.ts';
import type { Study } from '../../src/core/study.ts';
import { archOfTrial } from '../nested-nas.ts';
import { SessionWorker } from '../onnx/index.ts';
import type { ArchConfig } from '../transformer/arch-config.ts';
import { exportForDevice, exportForTranslation } from '../transformer/export.ts';
import { writeSubTransformerYaml } from '../transformer/hat-yaml.ts';
import { extractWeights, type Weights } from '../transformer/parameters.ts';
import { subnetGraph } from '../transformer/subnet.ts';
import { writeFilesAtomic } from './files.ts';
import type { NasRun } from './nas-run.ts';
import { assertOfStudy, assertRecordedLoss, assertTrained, LOSS_TOLERANCE } from './study-of-run.ts';
import { Translator } from './translator.ts';
import { evaluationModel, meanLossBits, validationBatches } from './validation.ts';

/** Where an exported SubTransformer comes from. */
interface Origin {
  readonly study: string;
  readonly trial: number;
  readonly validationLossBits: number;
  readonly latencyMs: number;
  readonly memoryMiB: number;
}

/**
 * Exports the SubTransformer that a trial of the study found, as {@link exportSubTransformer} does. Nothing is written unless the
 * run has what the study was made with, and its weights give the loss that the trial recorded.
 * @throws InvalidConfigError, InvalidDataError with what differs; ThanosError TRIAL_NOT_FOUND if the trial is not COMPLETE.
 */
export async function exportTrial(
  run: NasRun,
  study: Study,
  number: number,
  directory: string,
): Promise<string[]> {
  await assertOfStudy(run, study);
  const trial = study.trials.find((each) => each.number === number);
  if (trial?.state !== 'COMPLETE')
    throw new ThanosError(
      'TRIAL_NOT_FOUND',
      `a trial to export must be COMPLETE, but trial ${number} is ${trial?.state ?? 'not there'}`,
    );
  const arch = archOfTrial(trial);
  await assertRecordedLoss(run, trial, arch);
  const [validationLossBits, latencyMs, memoryMiB] = trial.values!;
  const origin = { study: study.studyName, trial: number, validationLossBits, latencyMs, memoryMiB };
  return writeExport(run, arch, directory, origin);
}

/**
 * Writes into `directory`: `encoder.onnx` and `decoder.onnx` (static shapes, for the RK3588), `tokenizer.json`,
 * `subtransformer.yml` (HAT's keys) and `manifest.json` (what they were made from, and for). Returns their paths.
 * @throws InvalidConfigError if the SuperTransformer is not trained; ThanosError BACKEND_FAILED if the stand-alone model does not
 * compute what the SuperTransformer's slice does.
 */
export async function exportSubTransformer(
  run: NasRun,
  arch: ArchConfig,
  directory: string,
): Promise<string[]> {
  return writeExport(run, arch, directory, null);
}

async function writeExport(
  run: NasRun,
  arch: ArchConfig,
  directory: string,
  origin: Origin | null,
): Promise<string[]> {
  await assertTrained(run);
  const weights = await inheritedWeights(run, arch);
  await checkAgainstSlice(run, arch, weights);
  const { vocabulary, supernet } = run.task;
  const models = exportForDevice(weights, arch, run.config.deployment, {
    vocabulary,
    inheritsFrom: supernet.largest,
  });
  const manifest = {
    ...origin,
    arch,
    corpus: run.corpus.description,
    tokenizerSha256: run.corpus.tokenizerSha256,
    checkpoint: basename(run.checkpoint),
    deployment: run.deployment,
  };
  const files: Readonly<Record<string, string | Uint8Array>> = {
    'encoder.onnx': models.encoder,
    'decoder.onnx': models.decoder,
    'tokenizer.json': run.corpus.tokenizer.toJson(),
    'subtransformer.yml': writeSubTransformerYaml(arch),
    'manifest.json': `${JSON.stringify(manifest, null, 2)}\n`,
  };
  const byPath = Object.fromEntries(
    Object.entries(files).map(([name, content]) => [join(directory, name), content]),
  );
  writeFilesAtomic(byPath);
  return Object.keys(byPath);
}

/**
 * A translator with the SubTransformer's inherited weights. Close it.
 * @throws InvalidConfigError if the SuperTransformer is not trained.
 */
export async function translatorOf(run: NasRun, arch: ArchConfig): Promise<Translator> {
  await assertTrained(run);
  const { vocabulary, supernet, maxLength } = run.task;
  const models = exportForTranslation(await inheritedWeights(run, arch), arch, maxLength, {
    vocabulary,
    inheritsFrom: supernet.largest,
  });
  return Translator.open(models, run.corpus.tokenizer, { maxLength });
}

async function inheritedWeights(run: NasRun, arch: ArchConfig): Promise<Weights> {
  return extractWeights((await (await run.trainer()).parameters()) as Weights, arch, run.task.vocabulary);
}

async function checkAgainstSlice(run: NasRun, arch: ArchConfig, weights: Weights): Promise<void> {
  const inherited = await run.validationLoss(arch);
  const alone = await standAloneLoss(run, arch, weights);
  if (Math.abs(alone - inherited) > LOSS_TOLERANCE * inherited)
    throw new ThanosError(
      'BACKEND_FAILED',
      `the exported model must have the loss of the SuperTransformer's slice, but has ${alone} instead of ${inherited} bits/token; ` +
        'this is a defect of the export: please report it with the architecture',
    );
}

async function standAloneLoss(run: NasRun, arch: ArchConfig, weights: Weights): Promise<number> {
  const { vocabulary, supernet, maxLength } = run.task;
  const model = evaluationModel(
    (g, options) => subnetGraph(g, arch, { ...options, inheritsFrom: supernet.largest }),
    {
      vocabulary,
      maxLength,
    },
  );
  const worker = new SessionWorker();
  try {
    const session = await worker.open(model);
    await worker.setState(weights);
    return await meanLossBits(
      session,
      validationBatches(run.corpus.valid, maxLength, run.config.search.validPairs),
    );
  } finally {
    await worker.close();
  }
}
