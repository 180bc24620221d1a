import { int64, type TensorMap } from '../onnx/index.ts';
import type { Batch } from '../translation/batching.ts';

/** Input with what the decoder must say, int64 [batch * T]. */
export const TARGETS = 'targetOut';

/** What a model and its loss read of a batch. */
export function batchFeeds(batch: Batch): TensorMap {
  return {
    source: int64(batch.source, [batch.rows, batch.sourceLength]),
    targetIn: int64(batch.targetIn, [batch.rows, batch.targetLength]),
    [TARGETS]: int64(batch.targetOut, [batch.rows * batch.targetLength]),
  };
}
