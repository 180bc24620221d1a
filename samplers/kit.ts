/**
 * What the author of a sampler needs beside the contract: options, a base class, generators, caches and spaces. The conformance
 * kit is in `thanos-hpo/testing`, the registry in `thanos-hpo/samplers`.
 */
export { declaredPart, jointSpace, sameSpace, unified } from '../src/core/joint-space.ts';
export { lossesOf, lossOf, lossRows } from '../src/core/losses.ts';
export {
  type Bounds,
  fromReal,
  type NumericDistribution,
  realBounds,
  toReal,
} from '../src/core/numeric-transform.ts';
export * from '../src/core/option-rules.ts';
export * from '../src/core/options.ts';
export { assertDraws, assertSupported, traitsOf } from '../src/core/supported.ts';
export { uniformAt } from '../src/core/uniform.ts';
export { BaseSampler, type Seeded } from './base-sampler.ts';
export { ChangeCursor, History, StudyCaches } from './history-cache.ts';
export { holds } from './holds.ts';
export { RelativeSpace, unconditional } from './relative-space.ts';
export { trialRng } from './trial-rng.ts';
export { sampleUniformFor } from './uniform.ts';
