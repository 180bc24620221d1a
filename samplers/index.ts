export { GridSampler, type GridSamplerOptions } from './grid-sampler.ts';
export { RandomSampler, type RandomSamplerOptions } from './random-sampler.ts';
export { type SamplerFactory, samplerRegistry } from './register.ts';
