import { type GraphErrorCode, ThanosError } from '../../src/core/errors.ts';

/** The error of the `onnx`, `autodiff` and `training` modules; the message says the rule, the actual values and the remedy. */
export class GraphError extends ThanosError {
  declare readonly code: GraphErrorCode;

  constructor(code: GraphErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}
