/**
 * The latency dataset: architectures with their latency and memory. It is a study like any other: its trials are sampled
 * architectures, so it is stored, resumed and looked at with the same tools.
 */
import type { FrozenTrial, JsonValue } from '../../src/core/frozen-trial.ts';
import type { OptimizeOptions } from '../../src/core/optimize.ts';
import type { AnyStudy } from '../../src/core/study.ts';
import type { Trial } from '../../src/core/trial.ts';
import type { ModelDims } from '../transformer/arch-config.ts';
import type { ArchSpace } from '../transformer/arch-space.ts';
import { type ArchSummary, summarizeArch } from './arch-summary.ts';
import type { LatencyBackend } from './backend.ts';

/** One labeled architecture. */
export interface LatencyRow {
  /** The architecture, with means over its layers where it has several. */
  readonly arch: ArchSummary;
  /** Encoder plus decoder, in ms. */
  readonly latencyMs: number;
  /** null where the table does not tell. */
  readonly memoryMiB: number | null;
}

/** The parts of a Study that are used here. */
export interface DatasetStudy extends Pick<AnyStudy, 'trials' | 'directions'> {
  /** Runs trials until the study holds `totalTrials` finished ones. */
  optimize(
    objective: (trial: Trial) => Promise<readonly [number, number]>,
    options: Pick<OptimizeOptions, 'totalTrials' | 'signal'>,
  ): Promise<void>;
}

/** What is measured, on what, and how often. */
export interface LatencyDatasetOptions {
  /** The architectures to draw from. */
  readonly space: ArchSpace;
  /** The dimensions that all of them share. */
  readonly dims: ModelDims;
  /** What measures or estimates each of them. */
  readonly backend: LatencyBackend;
  /** Finished trials that the study shall hold: calling again resumes. HAT takes 2000. */
  readonly size: number;
  /** Ends the collection; the same call goes on later. */
  readonly signal?: AbortSignal | undefined;
}

/** Values of a dataset study, in order; its directions are to minimize both. */
const DATASET_VALUES = ['latencyMs', 'memoryMiB'] as const;

/**
 * Measures sampled architectures until the study holds `size` of them, one after the other. The study's sampler says which:
 * random, quasi-random, … Each trial has the values latencyMs and memoryMiB, and the report's origin as user attributes.
 */
export async function collectLatencyDataset(
  study: DatasetStudy,
  { space, dims, backend, size, signal }: LatencyDatasetOptions,
): Promise<LatencyRow[]> {
  await study.optimize(
    (trial) => {
      const params: Record<string, string | number | boolean | null> = {};
      for (const [name, distribution] of Object.entries(space.searchSpace))
        params[name] = trial.suggest(name, distribution);
      return measured(trial, params);
    },
    { totalTrials: size, signal },
  );
  return rowsOfTrials(study.trials, space);

  async function measured(
    trial: { readonly signal: AbortSignal; setUserAttr(key: string, value: JsonValue): void },
    params: Record<string, string | number | boolean | null>,
  ): Promise<readonly [number, number]> {
    const report = await backend.measure(space.decode(params), dims, trial.signal);
    trial.setUserAttr('latency', {
      backend: report.backend,
      kind: report.kind,
      source: report.source,
      encoderMs: report.latencyMs.encoder,
      decoderMs: report.latencyMs.decoder,
      spreadMs: report.spreadMs?.total ?? null,
      repeats: report.repeats,
      memorySource: report.memory.source,
      details: report.details,
    });
    return [report.latencyMs.total, report.memory.totalMiB];
  }
}

/** The labeled architectures of a dataset study, in order of number; other trials are passed over. */
export function rowsOfTrials(trials: readonly FrozenTrial[], space: ArchSpace): LatencyRow[] {
  return trials.flatMap(({ state, values, params }) =>
    state === 'COMPLETE' && values?.length === DATASET_VALUES.length
      ? [{ arch: summarizeArch(space.decode(params)), latencyMs: values[0], memoryMiB: values[1] }]
      : [],
  );
}
