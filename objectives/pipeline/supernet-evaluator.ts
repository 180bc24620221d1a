/** Validation loss of SubTransformers with the weights they inherit: what the search minimises. */
import {
  type Device,
  GraphBuilder,
  type RemoteSession,
  type SessionWorker,
  type TensorMap,
} from '../onnx/index.ts';
import { labelSmoothedCrossEntropy, natsToBits } from '../training/index.ts';
import { type ArchConfig, archKey } from '../transformer/arch-config.ts';
import { TokenBatches, type TokenPairs } from '../translation/batching.ts';
import { batchFeeds, type SupernetTask } from './supernet-training.ts';

/** Tokens of a validation batch. */
const MAX_TOKENS = 4096;

export class SupernetEvaluator {
  readonly #task: SupernetTask;
  readonly #session: RemoteSession;
  readonly #batches: readonly { readonly feeds: TensorMap; readonly tokens: number }[];
  /** Losses are a function of the architecture: each is computed once. */
  readonly #known = new Map<string, number>();

  private constructor(
    task: SupernetTask,
    session: RemoteSession,
    valid: TokenPairs,
    pairs: number | undefined,
  ) {
    this.#task = task;
    this.#session = session;
    const some = { source: valid.source.slice(0, pairs), target: valid.target.slice(0, pairs) };
    const { maxLength } = task;
    const batches = new TokenBatches(some, {
      seed: 0,
      maxTokens: Math.max(MAX_TOKENS, maxLength),
      maxLength,
    });
    this.#batches = [...batches.inOrder()].map((batch) => ({
      feeds: batchFeeds(batch),
      tokens: batch.targetTokens,
    }));
  }

  /**
   * @param worker holds the weights: the worker of a trainer of the same task.
   * @param pairs how many validation pairs are used; default: all.
   */
  static async create(
    task: SupernetTask,
    worker: SessionWorker,
    valid: TokenPairs,
    options: { readonly pairs?: number; readonly device?: Device } = {},
  ): Promise<SupernetEvaluator> {
    const g = new GraphBuilder();
    const model = task.supernet.graph(g, { vocabulary: task.vocabulary, maxLength: task.maxLength });
    const targets = g.input('targetOut', 'int64', ['tokens']);
    const { negativeLogLikelihood } = labelSmoothedCrossEntropy(g, model.logits, targets, {
      paddingId: task.vocabulary.padId,
    });
    g.output(negativeLogLikelihood, 'nll');
    const session = await worker.open(g.build('evaluation'), { device: options.device });
    return new SupernetEvaluator(task, session, valid, options.pairs);
  }

  /** Bits per target token (negative log likelihood, no smoothing), over the validation pairs. */
  async validationLoss(arch: ArchConfig, signal?: AbortSignal): Promise<number> {
    const key = archKey(arch);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const archFeeds = this.#task.supernet.archFeeds(arch);
    let nats = 0;
    let tokens = 0;
    for (const batch of this.#batches) {
      signal?.throwIfAborted();
      const { nll } = await this.#session.run({ ...batch.feeds, ...archFeeds }, ['nll']);
      nats += Number(nll.data[0]) * batch.tokens;
      tokens += batch.tokens;
    }
    const loss = natsToBits(nats / tokens);
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
