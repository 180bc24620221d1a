/** Label-smoothed cross entropy (Szegedy et al., arXiv 1512.00567, section 7) with its gradient in closed form. */
import type { Cotangent } from '../autodiff/index.ts';
import { type GraphBuilder, GraphError, type Value } from '../onnx/index.ts';

export interface CrossEntropyOptions {
  /** Share ε of the target distribution that is spread over the whole vocabulary; 0 to 1, default 0. */
  readonly labelSmoothing?: number | undefined;
  /** Targets with this id do not count; default: all count. It must be a valid id of the vocabulary. */
  readonly paddingId?: number | undefined;
}

export interface CrossEntropy {
  /** (1-ε)·NLL + ε/V·Σ(-log p), mean over the tokens that count, in nats; a scalar. */
  readonly loss: Value;
  /** Mean NLL without smoothing, in nats; a scalar. */
  readonly negativeLogLikelihood: Value;
  /** How many tokens count (at least 1), as a float scalar. */
  readonly tokens: Value;
  /** d loss / d logits, [tokens, vocabulary]: (softmax - target distribution) / tokens. */
  readonly logitsGradient: Value;
  /**
   * The gradients by both factors where logits = hidden [tokens, d] · table [vocabulary, d]'. They never form `logitsGradient`: what is
   * the same for every id, or for one id only, is a product with d numbers a token, which spares three passes over the logits.
   */
  projectionGradients(hidden: Value, table: Value): readonly Cotangent[];
}

/**
 * @param logits [tokens, vocabulary], the vocabulary static.
 * @param targets int64 ids, [tokens].
 */
export function labelSmoothedCrossEntropy(
  builder: GraphBuilder,
  logits: Value,
  targets: Value,
  { labelSmoothing = 0, paddingId }: CrossEntropyOptions = {},
): CrossEntropy {
  const { op } = builder;
  const vocabulary = logits.shape?.[1];
  if (logits.shape?.length !== 2 || typeof vocabulary !== 'number') {
    throw new GraphError(
      'SHAPE_MISMATCH',
      `cross entropy needs logits [tokens, vocabulary], the vocabulary static, but got [${logits.shape}]`,
    );
  }
  if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
    throw new GraphError('INVALID_GRAPH', `labelSmoothing must be in [0, 1), but is ${labelSmoothing}`);
  }
  return builder.scope('loss', () => {
    const column = op.unsqueeze(targets, [1]);
    const probabilities = op.softmax(logits);
    // log Σ exp x = max x - log max p: two reductions instead of a pass of exponentials, and never log 0, as max p >= 1/V.
    const logSum = op.sub(op.reduceMax(logits, [1]), op.log(op.reduceMax(probabilities, [1])));
    const ofTarget = op.sub(logSum, op.gatherElements(logits, column, 1));
    const ofAll = op.sub(logSum, op.reduceMean(logits, [1]));
    const smoothed =
      labelSmoothing === 0
        ? ofTarget
        : op.add(
            op.mul(ofTarget, builder.float(1 - labelSmoothing)),
            op.mul(ofAll, builder.float(labelSmoothing)),
          );

    const counts =
      paddingId === undefined
        ? op.expand(builder.float(1), op.shape(column))
        : op.cast(op.not(op.equal(column, builder.int64(paddingId))), 'float32');
    const tokens = op.max(op.reduceSum(counts, [0, 1], false), builder.float(1));
    const mean = (rows: Value): Value => op.div(op.reduceSum(op.mul(rows, counts), [0, 1], false), tokens);

    const share = op.div(counts, tokens);
    const centered =
      labelSmoothing === 0
        ? probabilities
        : op.sub(probabilities, builder.float(labelSmoothing / vocabulary));
    const onTarget = op.mul(share, builder.float(labelSmoothing - 1));
    return {
      loss: mean(smoothed),
      negativeLogLikelihood: mean(ofTarget),
      tokens,
      logitsGradient: op.scatterElementsAdd(op.mul(centered, share), column, onTarget, 1),
      projectionGradients: (hidden, table) =>
        builder.scope('loss', () => {
          const even = (rows: Value): Value => {
            const sum = op.gemm(op.ones([1, op.dimension(rows, 0)]), rows);
            return op.mul(sum, builder.float(labelSmoothing / vocabulary));
          };
          const smooth = (product: Value, rows: Value): Value =>
            labelSmoothing === 0 ? product : op.sub(product, even(rows));
          const ofToken = op.mul(op.gather(table, targets), builder.float(labelSmoothing - 1));
          const byHidden = op.add(smooth(op.gemm(probabilities, table), table), ofToken);
          const shared = op.mul(hidden, share);
          const byTable = smooth(op.gemm(probabilities, shared, null, { transA: true }), shared);
          const ofId = op.mul(shared, builder.float(labelSmoothing - 1));
          return [
            { value: hidden, gradient: op.mul(byHidden, share) },
            { value: table, gradient: op.scatterRowsAdd(byTable, targets, ofId) },
          ];
        }),
    };
  });
}

export const natsToBits = (nats: number): number => nats / Math.LN2;
