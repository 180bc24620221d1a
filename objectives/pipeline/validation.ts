/** The validation loss that a search minimizes: negative log likelihood without smoothing, in bits per target token. */
import { GraphBuilder, type RemoteSession, type TensorMap } from '../onnx/index.ts';
import { labelSmoothedCrossEntropy, natsToBits } from '../training/index.ts';
import type { ModelGraph, ModelGraphOptions } from '../transformer/model-graph.ts';
import { pairsUpTo, TokenBatches, type TokenPairs } from '../translation/batching.ts';
import { batchFeeds, TARGETS } from './batch-feeds.ts';

/** Tokens of a validation batch. */
const MAX_TOKENS = 4096;
const NLL = 'nll';

export interface ValidationBatch {
  readonly feeds: TensorMap;
  readonly tokens: number;
}

/** The first `pairs` of the pairs that the model can hold (default: all of them), every one once. */
export function validationBatches(
  valid: TokenPairs,
  maxLength: number,
  pairs?: number,
): readonly ValidationBatch[] {
  const { source, target } = pairsUpTo(maxLength, valid);
  const some = { source: source.slice(0, pairs), target: target.slice(0, pairs) };
  const batches = new TokenBatches(some, { seed: 0, maxTokens: Math.max(MAX_TOKENS, maxLength), maxLength });
  return [...batches.inOrder()].map((batch) => ({ feeds: batchFeeds(batch), tokens: batch.targetTokens }));
}

/** A model (of a SuperTransformer or a SubTransformer) with its mean negative log likelihood as the output. */
export function evaluationModel(
  addModel: (g: GraphBuilder, options: ModelGraphOptions) => ModelGraph,
  options: ModelGraphOptions,
): Uint8Array {
  const g = new GraphBuilder();
  const model = addModel(g, options);
  const targets = g.input(TARGETS, 'int64', ['tokens']);
  const { negativeLogLikelihood } = labelSmoothedCrossEntropy(g, model.logits, targets, {
    paddingId: options.vocabulary.padId,
  });
  g.output(negativeLogLikelihood, NLL);
  return g.build('evaluation');
}

/** Bits per target token over all batches. @throws the signal's reason on abort. */
export async function meanLossBits(
  session: RemoteSession,
  batches: readonly ValidationBatch[],
  feeds: TensorMap = {},
  signal?: AbortSignal,
): Promise<number> {
  let nats = 0;
  let tokens = 0;
  for (const batch of batches) {
    signal?.throwIfAborted();
    const outputs = await session.run({ ...batch.feeds, ...feeds }, [NLL]);
    nats += Number(outputs[NLL].data[0]) * batch.tokens;
    tokens += batch.tokens;
  }
  return natsToBits(nats / tokens);
}
