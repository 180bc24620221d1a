/** What a search asks for the cost of a SubTransformer, by the latency backend of the configuration. */
import type { Storage } from '../../src/core/storage.ts';
import { Study } from '../../src/core/study.ts';
import { collectLatencyDataset, type LatencyRow } from '../latency/dataset.ts';
import { baselineOfTrials, OnnxRuntimeBackend } from '../latency/onnxruntime-backend.ts';
import { errorsLine } from '../latency/predictor/predictor.ts';
import { RidgePredictor } from '../latency/predictor/ridge-predictor.ts';
import { estimateRk3588, memoryOf } from '../latency/rk3588-model.ts';
import type { HardwareModel } from '../nested-nas.ts';
import type { ModelDims } from '../transformer/arch-config.ts';
import { exportUntrained } from '../transformer/export.ts';
import type { NasConfig } from './nas-config.ts';
import { claimStudy, datasetSettings } from './nas-settings.ts';
import type { SamplerMaker } from './sampler-maker.ts';

/** The analytic RK3588 model. */
export function rk3588Hardware(dims: ModelDims): HardwareModel {
  return {
    name: 'rk3588-model',
    kind: 'estimated',
    cost: (arch) => {
      const estimate = estimateRk3588(arch, dims);
      return {
        latencyMs: estimate.encoder.latencyMs + estimate.decoder.latencyMs,
        memoryMiB: memoryOf(estimate).totalMiB,
      };
    },
  };
}

export interface DatasetOptions {
  readonly config: NasConfig;
  readonly dims: ModelDims;
  readonly storage: Storage;
  readonly makeSampler: SamplerMaker;
  readonly signal?: AbortSignal | undefined;
  readonly onMeasured?: ((done: number, total: number) => void) | undefined;
}

/**
 * Measures sampled architectures with onnxruntime on this machine, as the study `<name>-latency`, which is gone on with if it is there.
 * @throws InvalidConfigError if it was begun with other settings; the signal's reason on abort.
 */
export async function latencyDataset(options: DatasetOptions): Promise<readonly LatencyRow[]> {
  const { config, dims, storage, makeSampler, signal, onMeasured } = options;
  const { space, hardware } = config;
  const sampler = makeSampler('random', { seed: config.seed });
  const study = await Study.open(
    { storage, defaultSampler: () => sampler },
    {
      studyName: `${config.studyName}-latency`,
      ifExists: 'load',
      directions: ['minimize', 'minimize'],
      sampler,
    },
  );
  await claimStudy(study, datasetSettings(config, dims), 'latencySettings');
  const backend = new OnnxRuntimeBackend({
    exportModel: exportUntrained,
    reference: { arch: space.smallest(), dims },
    // A resumed dataset refers to the machine as it was at the first measurement.
    baseline: baselineOfTrials(study.trials),
  });
  let done = 0;
  try {
    return await collectLatencyDataset(study, {
      space,
      dims,
      size: hardware.datasetSize,
      signal,
      backend: {
        name: backend.name,
        kind: backend.kind,
        measure: async (arch, of, stop) => {
          const report = await backend.measure(arch, of, stop);
          onMeasured?.(++done, hardware.datasetSize);
          return report;
        },
      },
    });
  } finally {
    await backend.close();
    signal?.throwIfAborted();
  }
}

/**
 * Latency by a predictor fitted to measurements on this machine; memory as the RK3588 model has it. If the predictor has no skill, every
 * architecture has the mean of the measurements as its latency: a search then goes by loss and memory, instead of by noise.
 */
export async function predictedHardware(
  rows: readonly LatencyRow[],
  dims: ModelDims,
): Promise<HardwareModel> {
  const predictor = new RidgePredictor();
  await predictor.fit(rows);
  const heldOut = predictor.heldOut!;
  const mean = rows.reduce((sum, row) => sum + row.latencyMs, 0) / rows.length;
  const accuracy = errorsLine(heldOut);
  const source = heldOut.hasSkill ? predictor.name : `the mean instead of ${predictor.name}`;
  return {
    name: `onnxruntime, ${source} on ${rows.length} measurements (${accuracy})`,
    kind: 'estimated',
    ...(heldOut.hasSkill
      ? {}
      : {
          warning:
            `the latency predictor has no skill (${accuracy}), so every architecture is given the mean of the measurements, ` +
            `${mean.toPrecision(3)} ms: raise hardware.dataset-size, or measure while the machine has nothing else to do`,
        }),
    memory: { name: 'rk3588-model', kind: 'estimated' },
    cost: (arch) => {
      const { latencyMs, interval } = predictor.predict(arch);
      const memoryMiB = memoryOf(estimateRk3588(arch, dims)).totalMiB;
      return heldOut.hasSkill
        ? { latencyMs, latencyIntervalMs: [interval.lowMs, interval.highMs], memoryMiB }
        : { latencyMs: mean, memoryMiB };
    },
  };
}
