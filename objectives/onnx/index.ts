/** ONNX graphs: build, encode, run. */
export * from './errors.ts';
export * from './graph.ts';
export * from './graph-builder.ts';
export * from './ops.ts';
export * from './proto.ts';
export * from './runtime.ts';
export * from './tensor.ts';
