/** The samplers by name, each made from plain options (those of its constructor), for the command line and files. */
import { Registry } from '../src/core/registry.ts';
import type { Sampler } from '../src/core/sampler.ts';
import { AutoSampler, type AutoSamplerOptions } from './auto/sampler.ts';
import { BruteForceSampler, type BruteForceSamplerOptions } from './brute-force/sampler.ts';
import { CmaEsSampler, type CmaEsSamplerOptions } from './cmaes/sampler.ts';
import {
  AgingEvolutionSampler,
  type AgingEvolutionSamplerOptions,
} from './evolutionary/aging-evolution-sampler.ts';
import { EvolutionarySampler, type EvolutionarySamplerOptions } from './evolutionary/evolutionary-sampler.ts';
import { GpSampler, type GpSamplerOptions } from './gp/sampler.ts';
import { GridSampler, type GridSamplerOptions } from './grid-sampler.ts';
import { NsgaIISampler, type NsgaIISamplerOptions } from './nsga2/sampler.ts';
import { NsgaIIISampler, type NsgaIIISamplerOptions } from './nsga3/sampler.ts';
import { type PlainPartialFixedOptions, partialFixedSampler } from './partial-fixed-sampler.ts';
import { QmcSampler, type QmcSamplerOptions } from './qmc/sampler.ts';
import { RandomSampler, type RandomSamplerOptions } from './random-sampler.ts';
import { TpeSampler, type TpeSamplerOptions } from './tpe/sampler.ts';

/** Plain (JSON) options of a sampler; its constructor checks them. */
export type SamplerFactory = (options?: Readonly<Record<string, unknown>>) => Sampler;

/** The samplers by name, `samplerRegistry.get('tpe')({ seed: 1 })`, for the command line and files. */
export const samplerRegistry: Registry<SamplerFactory> = new Registry<SamplerFactory>('sampler')
  .register('random', (options) => new RandomSampler(options as RandomSamplerOptions))
  .register('cmaes', (options) => new CmaEsSampler(options as CmaEsSamplerOptions))
  .register('auto', (options) => new AutoSampler(options as AutoSamplerOptions))
  .register('evolutionary', (options) => new EvolutionarySampler(options as EvolutionarySamplerOptions))
  .register(
    'aging-evolution',
    (options) => new AgingEvolutionSampler(options as AgingEvolutionSamplerOptions),
  )
  .register('brute-force', (options) => new BruteForceSampler(options as BruteForceSamplerOptions))
  .register('grid', (options) => new GridSampler(options as unknown as GridSamplerOptions))
  .register('gp', (options) => new GpSampler(options as GpSamplerOptions))
  .register('tpe', (options) => new TpeSampler(options as TpeSamplerOptions))
  .register('partial-fixed', (options) =>
    partialFixedSampler(options as unknown as PlainPartialFixedOptions, (name, given) =>
      samplerRegistry.get(name)(given),
    ),
  )
  .register('qmc', (options) => new QmcSampler(options as QmcSamplerOptions))
  .register('nsga2', (options) => new NsgaIISampler(options as NsgaIISamplerOptions))
  .register('nsga3', (options) => new NsgaIIISampler(options as NsgaIIISamplerOptions));
