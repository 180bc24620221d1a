/** Validation loss of SubTransformers with the weights they inherit. */
import type { Device, RemoteSession, SessionWorker } from '../onnx/index.ts';
import { type ArchConfig, archKey } from '../transformer/arch-config.ts';
import type { TokenPairs } from '../translation/batching.ts';
import type { SupernetTask } from './supernet-training.ts';
import { evaluationModel, meanLossBits, type ValidationBatch, validationBatches } from './validation.ts';

export class SupernetEvaluator {
  readonly #task: SupernetTask;
  readonly #session: RemoteSession;
  readonly #batches: readonly ValidationBatch[];
  /** Losses are a function of the architecture: each is computed once. */
  readonly #known = new Map<string, number>();

  private constructor(task: SupernetTask, session: RemoteSession, batches: readonly ValidationBatch[]) {
    this.#task = task;
    this.#session = session;
    this.#batches = batches;
  }

  /**
   * @param worker holds the weights: the worker of a trainer of the same task.
   * @param options.pairs how many validation pairs are used; default: all.
   */
  static async create(
    task: SupernetTask,
    worker: SessionWorker,
    valid: TokenPairs,
    options: { readonly pairs?: number | undefined; readonly device?: Device | undefined } = {},
  ): Promise<SupernetEvaluator> {
    const { supernet, vocabulary, maxLength } = task;
    const model = evaluationModel((g, o) => supernet.graph(g, o), { vocabulary, maxLength });
    const session = await worker.open(model, { device: options.device });
    return new SupernetEvaluator(task, session, validationBatches(valid, maxLength, options.pairs));
  }

  /** Bits per target token. @throws the signal's reason on abort. */
  async validationLoss(arch: ArchConfig, signal?: AbortSignal): Promise<number> {
    const key = archKey(arch);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const loss = await meanLossBits(
      this.#session,
      this.#batches,
      this.#task.supernet.archFeeds(arch),
      signal,
    );
    this.#known.set(key, loss);
    return loss;
  }

  /** Forgets what it knows: the weights have changed. */
  reset(): void {
    this.#known.clear();
  }

  release(): Promise<void> {
    return this.#session.release();
  }
}
