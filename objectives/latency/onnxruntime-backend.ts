/**
 * Latency on this machine: the stand-alone SubTransformer, exported and run by onnxruntime.
 *
 * Machines drift: HAT's published latency sets hold blocks of hundreds of rows that are 1.2 to 1.4 times too slow. So every repeat
 * also times a fixed reference architecture, and the result is what the candidate would have taken on the machine as it was when
 * the reference was first measured. Raw values are kept beside it.
 */
import { InvalidArgumentError, ThanosError } from '../../src/core/errors.ts';
import type { FrozenTrial } from '../../src/core/frozen-trial.ts';
import { median, medianAbsoluteDeviation, runningMedian } from '../../src/math/statistics.ts';
import { GraphError } from '../onnx/errors.ts';
import { createSession, type Device, type Session, type Tensor, toTensor } from '../onnx/runtime.ts';
import type { TensorData } from '../onnx/tensor.ts';
import type { ArchConfig, ModelDims } from '../transformer/arch-config.ts';
import {
  admit,
  type LatencyBackend,
  type LatencyReport,
  type MemoryReport,
  type PerPart,
  perPart,
  throwIfAborted,
} from './backend.ts';
import { estimateRk3588, memoryOf } from './rk3588-model.ts';

/** Repeats on either side that tell how slow the machine is at one of them. */
const DRIFT_WINDOW = 4;

/** A stand-alone model, ready to be timed. */
export interface ExportedModel {
  /** The encoder as an ONNX file. */
  readonly encoder: Uint8Array;
  /** The decoder as an ONNX file. */
  readonly decoder: Uint8Array;
  /** Inputs of each by name; unneeded ones are ignored. */
  readonly feeds: {
    /** Inputs of the encoder. */
    readonly encoder: Readonly<Record<string, TensorData>>;
    /** Inputs of the decoder. */
    readonly decoder: Readonly<Record<string, TensorData>>;
  };
}

/** The stand-alone SubTransformer with any weights: latency does not depend on them. */
export type ModelExporter = (arch: ArchConfig, dims: ModelDims) => ExportedModel | Promise<ExportedModel>;

/** What the reference took when it was first measured; keep it to compare measurements of several processes. */
export interface ReferenceBaseline {
  /** One pass of the reference's encoder, in ms. */
  readonly encoderMs: number;
  /** The reference's decoder, in ms. */
  readonly decoderMs: number;
}

/**
 * The baseline that the trials of a dataset study were corrected to, undefined if there is none: give it to the backend that goes on
 * with the study, so that all its labels mean the same machine.
 */
export function baselineOfTrials(trials: readonly FrozenTrial[]): ReferenceBaseline | undefined {
  for (const { userAttrs } of trials) {
    const details = (
      userAttrs['latency'] as { readonly details?: Record<string, unknown> | undefined } | undefined
    )?.details;
    const [encoderMs, decoderMs] = [details?.['baselineEncoderMs'], details?.['baselineDecoderMs']];
    if (typeof encoderMs === 'number' && typeof decoderMs === 'number') return { encoderMs, decoderMs };
  }
  return undefined;
}

/** How a SubTransformer is timed on this machine. */
export interface OnnxRuntimeBackendOptions {
  /** Makes the model of an architecture. */
  readonly exportModel: ModelExporter;
  /** A fixed model that is timed between the candidate's runs. */
  readonly reference: {
    /** Its architecture. */
    readonly arch: ArchConfig;
    /** The dimensions of its model. */
    readonly dims: ModelDims;
  };
  /** Default: measured at the first use. */
  readonly baseline?: ReferenceBaseline | undefined;
  /** Untimed runs of each part; default 3. */
  readonly warmUps?: number | undefined;
  /** Timed runs of each part, at least 2; default 20. */
  readonly repeats?: number | undefined;
  /** Repeats end early, but not below 2, after this time; default 60 000. */
  readonly maxMs?: number | undefined;
  /** Threads of one operator; default 1, so that nothing else on the machine is needed. */
  readonly threads?: number | undefined;
  /** Where the model runs: `cpu`, `webgpu` or `cuda`. Default `cpu`. */
  readonly device?: Device | undefined;
  /** Milliseconds that never go back; default `performance.now`. */
  readonly clock?: (() => number) | undefined;
  /** Opens a model; default onnxruntime. */
  readonly openSession?: ((model: Uint8Array) => Promise<Pick<Session, 'run' | 'release'>>) | undefined;
}

interface LoadedPart {
  readonly session: Pick<Session, 'run' | 'release'>;
  readonly feeds: Readonly<Record<string, Tensor>>;
}

interface LoadedModel {
  readonly encoder: LoadedPart;
  readonly decoder: LoadedPart;
  readonly bytes: number;
}

type Timings = Record<'encoder' | 'decoder', number[]>;

/** Design note: `session.run` blocks its thread, which is what a timing wants; measure in a worker thread to keep a server alive. */
export class OnnxRuntimeBackend implements LatencyBackend {
  readonly name = 'onnxruntime';
  readonly kind = 'measured';
  readonly #options: Required<Omit<OnnxRuntimeBackendOptions, 'baseline'>>;
  #baseline: ReferenceBaseline | null;
  #reference: LoadedModel | null = null;
  /** Measurements wait for each other: two at once would time each other. */
  #queue: Promise<unknown> = Promise.resolve();

  /** @throws InvalidArgumentError if repeats < 2 or another count is not positive. */
  constructor(options: OnnxRuntimeBackendOptions) {
    const { warmUps = 3, repeats = 20, maxMs = 60_000, threads = 1, device = 'cpu' } = options;
    if (!Number.isSafeInteger(repeats) || repeats < 2)
      throw new InvalidArgumentError(`a measurement needs at least 2 repeats, but got ${repeats}`);
    if (!(warmUps >= 0) || !(maxMs > 0) || !(threads >= 1))
      throw new InvalidArgumentError(
        `warmUps must be >= 0, maxMs > 0 and threads >= 1, but are ${warmUps}, ${maxMs} and ${threads}`,
      );
    this.#options = {
      exportModel: options.exportModel,
      reference: options.reference,
      warmUps,
      repeats,
      maxMs,
      threads,
      device,
      clock: options.clock ?? (() => performance.now()),
      openSession:
        options.openSession ?? ((model) => createSession(model, { device, intraOpNumThreads: threads })),
    };
    this.#baseline = options.baseline ?? null;
  }

  /** What corrections refer to; null before the first measurement. */
  get baseline(): ReferenceBaseline | null {
    return this.#baseline;
  }

  measure(arch: ArchConfig, dims: ModelDims, signal?: AbortSignal): Promise<LatencyReport> {
    const measured = this.#queue.then(() => this.#measure(arch, dims, signal));
    this.#queue = measured.catch(() => undefined);
    return measured;
  }

  /** Releases the reference's sessions. */
  async close(): Promise<void> {
    await this.#queue;
    if (this.#reference !== null) await release(this.#reference);
    this.#reference = null;
  }

  async #measure(arch: ArchConfig, dims: ModelDims, signal?: AbortSignal): Promise<LatencyReport> {
    const canonical = admit(arch, dims, signal);
    try {
      const reference = await this.#openReference(signal);
      const candidate = await this.#load(canonical, dims);
      try {
        const [own, other] = await this.#interleave(candidate, reference, signal);
        return this.#report(own, other, memory(canonical, dims, candidate.bytes));
      } finally {
        await release(candidate);
      }
    } catch (error) {
      if (error instanceof ThanosError && !(error instanceof GraphError)) throw error;
      throw new ThanosError('BACKEND_FAILED', `onnxruntime could not measure the model: ${String(error)}`, {
        cause: error,
      });
    }
  }

  async #openReference(signal: AbortSignal | undefined): Promise<LoadedModel> {
    const { arch, dims } = this.#options.reference;
    this.#reference ??= await this.#load(admit(arch, dims), dims);
    if (this.#baseline === null) {
      const [timings] = await this.#interleave(this.#reference, null, signal);
      this.#baseline = { encoderMs: median(timings.encoder), decoderMs: median(timings.decoder) };
    }
    return this.#reference;
  }

  async #load(arch: ArchConfig, dims: ModelDims): Promise<LoadedModel> {
    const model = await this.#options.exportModel(arch, dims);
    const part = async (
      bytes: Uint8Array,
      feeds: Readonly<Record<string, TensorData>>,
    ): Promise<LoadedPart> => ({
      session: await this.#options.openSession(bytes),
      feeds: Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, toTensor(tensor)])),
    });
    const encoder = await part(model.encoder, model.feeds.encoder);
    const decoder = await part(model.decoder, model.feeds.decoder);
    return { encoder, decoder, bytes: model.encoder.length + model.decoder.length };
  }

  /** Timings of the model and, between its runs, of the other. */
  async #interleave(
    model: LoadedModel,
    other: LoadedModel | null,
    signal: AbortSignal | undefined,
  ): Promise<[Timings, Timings]> {
    const { warmUps, repeats, maxMs, clock } = this.#options;
    const [own, between]: [Timings, Timings] = [
      { encoder: [], decoder: [] },
      { encoder: [], decoder: [] },
    ];
    const start = clock();
    for (let i = -warmUps; i < repeats; i++) {
      if (i >= 2 && clock() - start > maxMs) break;
      for (const [loaded, timings] of [
        [other, between],
        [model, own],
      ] as const) {
        if (loaded === null) continue;
        for (const part of ['encoder', 'decoder'] as const) {
          throwIfAborted(signal);
          const ms = await this.#time(loaded[part]);
          if (i >= 0) timings[part].push(ms);
        }
      }
    }
    return [own, between];
  }

  async #time({ session, feeds }: LoadedPart): Promise<number> {
    const { clock } = this.#options;
    const start = clock();
    const outputs = await session.run(feeds);
    const ms = clock() - start;
    for (const output of Object.values(outputs)) output.dispose();
    return ms;
  }

  #report(own: Timings, reference: Timings, memoryReport: MemoryReport): LatencyReport {
    const baseline = this.#baseline as ReferenceBaseline;
    const { threads, device, warmUps } = this.#options;
    // Each repeat is divided by the slowness of its own moment, smoothed: drift is slow, interruptions are short.
    const slowness = runningMedian(
      reference.encoder.map(
        (ms, i) => (ms + reference.decoder[i]) / (baseline.encoderMs + baseline.decoderMs),
      ),
      DRIFT_WINDOW,
    );
    const corrected = (part: 'encoder' | 'decoder') => own[part].map((ms, i) => ms / slowness[i]);
    const both = (of: (values: readonly number[]) => number): PerPart =>
      perPart(of(corrected('encoder')), of(corrected('decoder')));
    const repeats = own.encoder.length;
    return {
      backend: this.name,
      kind: this.kind,
      latencyMs: both(median),
      spreadMs: both(medianAbsoluteDeviation),
      repeats,
      interval: null,
      memory: memoryReport,
      source:
        `onnxruntime-node on ${device}, fp32, ${threads} thread(s), median of ${repeats} runs after ${warmUps} warm-ups, ` +
        'corrected by an interleaved reference model',
      details: {
        rawEncoderMs: median(own.encoder),
        rawDecoderMs: median(own.decoder),
        referenceEncoderMs: median(reference.encoder),
        referenceDecoderMs: median(reference.decoder),
        baselineEncoderMs: baseline.encoderMs,
        baselineDecoderMs: baseline.decoderMs,
        slowness: median(slowness),
      },
    };
  }
}

async function release({ encoder, decoder }: LoadedModel): Promise<void> {
  await encoder.session.release();
  await decoder.session.release();
}

/** Weights are the files' size; onnxruntime does not tell its arena, so the activations are the fp16 plan of the NPU in fp32. */
function memory(arch: ArchConfig, dims: ModelDims, bytes: number): MemoryReport {
  const weightsMiB = bytes / (1024 * 1024);
  const activationsMiB = 2 * memoryOf(estimateRk3588(arch, dims)).activationsMiB;
  return {
    weightsMiB,
    activationsMiB,
    totalMiB: weightsMiB + activationsMiB,
    kind: 'estimated',
    source: 'weights: size of the ONNX files; activations: twice the fp16 memory plan of rk3588-model',
  };
}
