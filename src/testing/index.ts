/** Conformance kits: what an implementation of a contract must pass. */

export * from './latency-kit.ts';
export * from './pruner-kit.ts';
export * from './sampler-kit.ts';
export * from './sampler-loop.ts';
export * from './storage-kit.ts';
