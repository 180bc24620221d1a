/** ONNX graphs: build, encode, run. */
export * from './elementwise-ops.ts';
export * from './errors.ts';
export * from './extents.ts';
export * from './graph.ts';
export * from './graph-builder.ts';
export * from './ops.ts';
export * from './proto.ts';
export * from './remote-session.ts';
export * from './runtime.ts';
export * from './state-file.ts';
export * from './tensor.ts';
export type { Updates } from './worker-protocol.ts';
