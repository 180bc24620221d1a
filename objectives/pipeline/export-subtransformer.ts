/** The last stage of a NAS: a SubTransformer with the weights it inherits, as files to deploy, and how well it translates. */
import { join } from 'node:path';
import { ThanosError } from '../../src/core/errors.ts';
import { SessionWorker } from '../onnx/index.ts';
import type { ArchConfig } from '../transformer/arch-config.ts';
import { exportForDevice, exportForTranslation } from '../transformer/export.ts';
import { writeSubTransformerYaml } from '../transformer/hat-yaml.ts';
import { extractWeights, type Weights } from '../transformer/parameters.ts';
import { subnetGraph } from '../transformer/subnet.ts';
import { writeFileAtomic } from './files.ts';
import type { NasRun } from './nas-run.ts';
import { Translator } from './translator.ts';
import { evaluationModel, meanLossBits, validationBatches } from './validation.ts';

/** Of the stand-alone model's loss against the inherited one, relative. */
const TOLERANCE = 1e-4;

/**
 * Writes into `directory`: `encoder.onnx` and `decoder.onnx` (static shapes, for the RK3588), `tokenizer.json` and
 * `subtransformer.yml` (HAT's keys). Returns their paths.
 * @throws ThanosError BACKEND_FAILED if the stand-alone model does not compute what the SuperTransformer's slice does.
 */
export async function exportSubTransformer(
  run: NasRun,
  arch: ArchConfig,
  directory: string,
): Promise<string[]> {
  const weights = await inheritedWeights(run, arch);
  await checkAgainstSlice(run, arch, weights);
  const { vocabulary, supernet } = run.task;
  const models = exportForDevice(weights, arch, run.config.deployment, {
    vocabulary,
    inheritsFrom: supernet.largest,
  });
  const files: Readonly<Record<string, string | Uint8Array>> = {
    'encoder.onnx': models.encoder,
    'decoder.onnx': models.decoder,
    'tokenizer.json': run.corpus.tokenizer.toJson(),
    'subtransformer.yml': writeSubTransformerYaml(arch),
  };
  for (const [name, content] of Object.entries(files)) writeFileAtomic(join(directory, name), content);
  return Object.keys(files).map((name) => join(directory, name));
}

/** A translator with the SubTransformer's inherited weights. Close it. */
export async function translatorOf(run: NasRun, arch: ArchConfig): Promise<Translator> {
  const { vocabulary, supernet, maxLength } = run.task;
  const models = exportForTranslation(await inheritedWeights(run, arch), arch, maxLength, {
    vocabulary,
    inheritsFrom: supernet.largest,
  });
  return Translator.open(models, run.corpus.tokenizer, { maxLength });
}

async function inheritedWeights(run: NasRun, arch: ArchConfig): Promise<Weights> {
  return extractWeights((await run.trainer.parameters()) as Weights, arch, run.task.vocabulary);
}

async function checkAgainstSlice(run: NasRun, arch: ArchConfig, weights: Weights): Promise<void> {
  const inherited = await run.validationLoss(arch);
  const alone = await standAloneLoss(run, arch, weights);
  if (Math.abs(alone - inherited) > TOLERANCE * inherited)
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
