/** Training of ONNX graphs: loss, optimizer, schedule, dropout, checkpoints. */
export * from './adam.ts';
export * from './dropout.ts';
export * from './loss.ts';
export * from './schedule.ts';
export * from './trainer.ts';
export * from './training-graph.ts';
