import type { Sampler } from '../../src/core/sampler.ts';

/** How samplers are made from names and options: injected, for objectives know no sampler. */
export type SamplerMaker = (name: string, options: Readonly<Record<string, unknown>>) => Sampler;
