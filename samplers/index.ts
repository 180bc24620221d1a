export { AutoSampler, type AutoSamplerOptions } from './auto/sampler.ts';
export { BruteForceSampler, type BruteForceSamplerOptions } from './brute-force/sampler.ts';
export type { RestartStrategy } from './cmaes/restarts.ts';
export { CmaEsSampler, type CmaEsSamplerOptions } from './cmaes/sampler.ts';
export {
  AgingEvolutionSampler,
  type AgingEvolutionSamplerOptions,
} from './evolutionary/aging-evolution-sampler.ts';
export type { Candidate, Violation } from './evolutionary/candidate.ts';
export { EvolutionarySampler, type EvolutionarySamplerOptions } from './evolutionary/evolutionary-sampler.ts';
export type { GeneticSamplerOptions } from './genetic/genetic-sampler.ts';
export * from './genetic/index.ts';
export { GpSampler, type GpSamplerOptions } from './gp/sampler.ts';
export { GridSampler, type GridSamplerOptions } from './grid-sampler.ts';
export { NsgaIISampler, type NsgaIISamplerOptions } from './nsga2/sampler.ts';
export { NsgaIIISampler, type NsgaIIISamplerOptions } from './nsga3/sampler.ts';
export { PartialFixedSampler, type PartialFixedSamplerOptions } from './partial-fixed-sampler.ts';
export { QmcSampler, type QmcSamplerOptions, type QmcType } from './qmc/sampler.ts';
export { RandomSampler, type RandomSamplerOptions } from './random-sampler.ts';
export { type SamplerFactory, samplerRegistry } from './register.ts';
export { TpeSampler, type TpeSamplerOptions } from './tpe/sampler.ts';
