import { type ErrorCode, ThanosError } from '../../src/core/errors.ts';

/** What can go wrong in a graph, its gradient or its run. */
export type GraphErrorCode = Extract<
  ErrorCode,
  | 'INVALID_GRAPH'
  | 'SHAPE_MISMATCH'
  | 'INVALID_MODEL'
  | 'NON_DIFFERENTIABLE'
  | 'PROVIDER_UNAVAILABLE'
  | 'RUN_FAILED'
  | 'STATE_MISSING'
  | 'CHECKPOINT_UNUSABLE'
>;

/** The error of the `onnx`, `autodiff` and `training` modules; the message says the rule, the actual values and the remedy. */
export class GraphError extends ThanosError {
  declare readonly code: GraphErrorCode;

  constructor(code: GraphErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}
