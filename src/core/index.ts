/** The HPO core: concepts and contracts, without I/O. */
export * from './distribution.ts';
export * from './errors.ts';
export * from './frozen-trial.ts';
export * from './pruner.ts';
export * from './registry.ts';
export * from './rng.ts';
export * from './sampler.ts';
export * from './search-space.ts';
export * from './space.ts';
export * from './storage.ts';
