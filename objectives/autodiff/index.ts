/** Reverse-mode differentiation of ONNX graphs. */
export * from './backward.ts';
export * from './unbroadcast.ts';
export * from './vjp-rules.ts';
