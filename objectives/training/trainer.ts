/** Trains a graph step by step in a worker thread, with checkpoints from which training resumes exactly. */
import { existsSync } from 'node:fs';
import {
  type Device,
  floatScalar,
  GraphError,
  type RemoteSession,
  readStateMetadata,
  SessionWorker,
  type TensorMap,
  zeros,
} from '../onnx/index.ts';
import type { StateTensor } from './adam.ts';
import { TRAINING, type TrainingGraph } from './training-graph.ts';

/** How training goes. */
export interface TrainingReport {
  /** 1 at the first step. */
  readonly step: number;
  /** Nats per token. */
  readonly loss: number;
  /** The learning rate of this step. */
  readonly learningRate: number;
  /** Since the report before. */
  readonly tokensPerSecond: number;
}

export interface TrainerOptions {
  readonly graph: TrainingGraph;
  /** The parameters before the first step; called only if there is no checkpoint. */
  initialParameters(): TensorMap;
  /** Further resident inputs that do not change, such as the noise bank of dropout. */
  readonly constants?: TensorMap | undefined;
  /**
   * The model's inputs at a step (1, 2, …), of the batch with this number in it (0, where a step has one batch). A pure function of
   * both, or resuming is not exact.
   */
  batchAt(step: number, batch: number): TensorMap | Promise<TensorMap>;
  readonly device?: Device | undefined;
  /** Default: onnxruntime's choice, one per core. Resuming is exact only with the same number. */
  readonly intraOpNumThreads?: number | undefined;
  readonly checkpoint?: { readonly path: string; readonly everySteps: number } | undefined;
  onReport?(report: TrainingReport): void;
  /** Default 1. */
  readonly reportEverySteps?: number | undefined;
}

/** The graph counts steps in float32, which is exact up to here. */
const MOST_STEPS = 2 ** 24;

export class Trainer {
  readonly #options: TrainerOptions;
  readonly #worker: SessionWorker;
  /** Computes losses and, unless gradients are accumulated, takes the step as well. */
  readonly #session: RemoteSession;
  /** Takes the step where gradients are accumulated. */
  readonly #stepSession: RemoteSession | null;
  #hasEnded = false;
  #step: number;
  #savedStep: number;

  private constructor(
    options: TrainerOptions,
    worker: SessionWorker,
    [session, stepSession]: readonly [RemoteSession, RemoteSession | null],
    step: number,
  ) {
    this.#options = options;
    this.#worker = worker;
    this.#session = session;
    this.#stepSession = stepSession;
    this.#step = step;
    this.#savedStep = step;
  }

  /**
   * Starts the worker, and resumes from the checkpoint if there is one.
   * @throws GraphError CHECKPOINT_UNUSABLE if the checkpoint is broken or was written by another graph.
   */
  static async create(options: TrainerOptions): Promise<Trainer> {
    const { graph, device, intraOpNumThreads, checkpoint } = options;
    const path = checkpoint !== undefined && existsSync(checkpoint.path) ? checkpoint.path : null;
    const step = path === null ? 0 : stepOf(path, graph);
    const worker = new SessionWorker();
    try {
      const sessions = await sessionsOf(worker, graph, { device, intraOpNumThreads });
      if (options.constants !== undefined) await worker.setState(options.constants);
      if (path !== null) {
        await worker.loadState(path, shapesOf([...graph.parameters, ...graph.moments]));
        return new Trainer(options, worker, sessions, step);
      }
      await worker.setState(checkedParameters(options.initialParameters(), graph.parameters));
      await worker.setState(Object.fromEntries(graph.moments.map(({ name, shape }) => [name, zeros(shape)])));
      return new Trainer(options, worker, sessions, 0);
    } catch (error) {
      await worker.close();
      throw error;
    }
  }

  /** Steps that have been taken. */
  get step(): number {
    return this.#step;
  }

  /** For further sessions on the same resident parameters, such as an evaluation. */
  get worker(): SessionWorker {
    return this.#worker;
  }

  /**
   * Trains until `lastStep` steps have been taken, and saves a checkpoint there; returns at once if they have.
   * On abort it saves a checkpoint and throws the signal's reason.
   */
  async trainTo(
    lastStep: number,
    { signal }: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<void> {
    const { checkpoint, onReport, reportEverySteps = 1 } = this.#options;
    if (this.#hasEnded && this.#step < lastStep)
      throw new GraphError(
        'RUN_FAILED',
        'training ended when other parameters were loaded: open a new trainer',
      );
    let batch = this.#step < lastStep ? await this.#options.batchAt(this.#step + 1, 0) : null;
    let [tokens, since] = [0, performance.now()];
    while (batch !== null) {
      if (signal?.aborted) {
        await this.save();
        throw signal.reason;
      }
      const taken = await this.#takeStep(batch, lastStep);
      const { loss, learningRate } = taken;
      const step = ++this.#step;
      batch = taken.next;
      tokens += taken.tokens;
      if (!Number.isFinite(loss)) {
        throw new GraphError(
          'RUN_FAILED',
          `the loss is ${loss} at step ${step}: lower the learning rate, or clip the gradients`,
        );
      }
      if (step % reportEverySteps === 0 || step === lastStep) {
        const now = performance.now();
        onReport?.({
          step,
          loss,
          learningRate,
          tokensPerSecond: (1000 * tokens) / (now - since),
        });
        [tokens, since] = [0, now];
      }
      if (checkpoint !== undefined && (step % checkpoint.everySteps === 0 || step === lastStep))
        await this.save();
    }
  }

  /** One step, whose first batch is there already. */
  async #takeStep(
    first: TensorMap,
    lastStep: number,
  ): Promise<{ loss: number; tokens: number; learningRate: number; next: TensorMap | null }> {
    const step = floatScalar(this.#step + 1);
    let [batch, loss, tokens, learningRate]: [TensorMap | null, number, number, number] = [first, 0, 0, 0];
    for (let number = 0; number < this.#batchesPerStep && batch !== null; number++) {
      const running = this.#runBatch(batch, step, number);
      // The next batch is made while the worker computes.
      const both: [TensorMap, TensorMap | null] = await Promise.all([
        running,
        this.#batchAfter(number, lastStep),
      ]);
      const outputs = both[0];
      batch = both[1];
      const count = scalar(outputs, TRAINING.tokensOutput);
      tokens += count;
      loss += count * scalar(outputs, TRAINING.lossOutput);
      if (this.#stepSession === null) learningRate = scalar(outputs, TRAINING.learningRateOutput);
    }
    if (this.#stepSession !== null) {
      const feeds = { [TRAINING.stepInput]: step, [TRAINING.tokensInput]: floatScalar(tokens) };
      const outputs = await this.#stepSession.run(feeds, [TRAINING.learningRateOutput]);
      learningRate = scalar(outputs, TRAINING.learningRateOutput);
    }
    return { loss: loss / tokens, tokens, learningRate, next: batch };
  }

  #runBatch(batch: TensorMap, step: TensorMap[string], number: number): Promise<TensorMap> {
    const outputs = [TRAINING.lossOutput, TRAINING.tokensOutput];
    return this.#stepSession === null
      ? this.#session.run({ ...batch, [TRAINING.stepInput]: step }, [...outputs, TRAINING.learningRateOutput])
      : this.#session.run({ ...batch, [TRAINING.carryInput]: floatScalar(number === 0 ? 0 : 1) }, outputs);
  }

  /** The batch that follows the one with this number in the step that is being taken; null after the last step's. */
  #batchAfter(number: number, lastStep: number): TensorMap | Promise<TensorMap> | null {
    const { batchAt } = this.#options;
    const step = this.#step + 1;
    if (number + 1 < this.#batchesPerStep) return batchAt(step, number + 1);
    return step < lastStep ? batchAt(step + 1, 0) : null;
  }

  get #batchesPerStep(): number {
    return this.#options.graph.accumulation?.batchesPerStep ?? 1;
  }

  /** Copies of the parameters as they are now. */
  parameters(): Promise<TensorMap> {
    return this.#worker.getState(this.#options.graph.parameters.map(({ name }) => name));
  }

  /** Writes the checkpoint, if a path is given and something has changed. */
  async save(): Promise<void> {
    const { checkpoint, graph } = this.#options;
    if (checkpoint === undefined || this.#step === this.#savedStep || this.#hasEnded) return;
    await this.#worker.saveState(checkpoint.path, {
      names: [...graph.parameters, ...graph.moments].map(({ name }) => name),
      metadata: { step: String(this.#step), fingerprint: graph.fingerprint },
    });
    this.#savedStep = this.#step;
  }

  /** Writes the parameters as they are now, with these facts. */
  async saveParameters(path: string, facts: Readonly<Record<string, string>>): Promise<void> {
    const { parameters, fingerprint } = this.#options.graph;
    const names = parameters.map(({ name }) => name);
    await this.#worker.saveState(path, { names, metadata: { ...facts, fingerprint } });
  }

  /** What was written with a checkpoint or with parameters. @throws GraphError CHECKPOINT_UNUSABLE if another graph wrote them. */
  readMetadata(path: string): Readonly<Record<string, string>> {
    return metadataOf(path, this.#options.graph);
  }

  /** Replaces the parameters by those that `saveParameters` wrote. They do not go with the moments, so training ends here. */
  async loadParameters(path: string): Promise<void> {
    const { graph } = this.#options;
    metadataOf(path, graph);
    await this.#worker.loadState(path, shapesOf(graph.parameters));
    this.#hasEnded = true;
  }

  /** Ends the worker; does not save. */
  close(): Promise<void> {
    return this.#worker.close();
  }
}

const scalar = (outputs: TensorMap, name: string): number => Number(outputs[name].data[0]);

/** The session that runs on batches and, where it only sums gradients, the one that takes the step; sums start at zero. */
async function sessionsOf(
  worker: SessionWorker,
  graph: TrainingGraph,
  options: Pick<TrainerOptions, 'device' | 'intraOpNumThreads'>,
): Promise<readonly [RemoteSession, RemoteSession | null]> {
  const stepSession = await worker.open(graph.model, { ...options, updates: graph.updates });
  const { accumulation } = graph;
  if (accumulation === null) return [stepSession, null];
  const session = await worker.open(accumulation.model, { ...options, updates: accumulation.updates });
  await worker.setState(Object.fromEntries(accumulation.sums.map(({ name, shape }) => [name, zeros(shape)])));
  return [session, stepSession];
}

function metadataOf(path: string, graph: TrainingGraph): Readonly<Record<string, string>> {
  const metadata = readStateMetadata(path);
  if (metadata['fingerprint'] !== graph.fingerprint) {
    throw new GraphError(
      'CHECKPOINT_UNUSABLE',
      `'${path}' was written by another training graph (fingerprint ${metadata['fingerprint']}, this one is ${graph.fingerprint}): ` +
        'resume with the settings it was started with, or delete it to start anew',
    );
  }
  return metadata;
}

/** The step at which a checkpoint was written, if this graph can go on from it. */
function stepOf(path: string, graph: TrainingGraph): number {
  const { step } = metadataOf(path, graph);
  const taken = /^\d+$/.test(step ?? '') ? Number(step) : Number.NaN;
  if (!(taken <= MOST_STEPS))
    throw new GraphError(
      'CHECKPOINT_UNUSABLE',
      `the step of '${path}' must be a whole number from 0 to ${MOST_STEPS}, but is '${step}': delete it to start anew`,
    );
  return taken;
}

function shapesOf(tensors: readonly StateTensor[]): Record<string, readonly number[]> {
  return Object.fromEntries(tensors.map(({ name, shape }) => [name, shape]));
}

function checkedParameters(given: TensorMap, expected: readonly StateTensor[]): TensorMap {
  for (const { name, shape } of expected) {
    const actual = given[name]?.shape;
    if (actual?.length === shape.length && shape.every((dim, axis) => dim === actual[axis])) continue;
    throw new GraphError(
      'SHAPE_MISMATCH',
      `the graph's parameter '${name}' has shape [${shape}], but ${actual === undefined ? 'none was given' : `[${actual}] was given`}`,
    );
  }
  return given;
}
