/** What can go wrong in a graph, its gradient or its run; the message says the rule, the actual values and the remedy. */
export type GraphErrorCode =
  | 'INVALID_GRAPH'
  | 'SHAPE_MISMATCH'
  | 'INVALID_MODEL'
  | 'NON_DIFFERENTIABLE'
  | 'PROVIDER_UNAVAILABLE'
  | 'RUN_FAILED'
  | 'STATE_MISSING'
  | 'CHECKPOINT_UNUSABLE';

/** The error of the `onnx`, `autodiff` and `training` modules. */
export class GraphError extends Error {
  readonly code: GraphErrorCode;

  constructor(code: GraphErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.name = 'GraphError';
  }
}
