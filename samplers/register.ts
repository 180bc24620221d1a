/** The samplers by name, each made from plain options (those of its constructor), for the command line and files. */
import { Registry } from '../src/core/registry.ts';
import type { Sampler } from '../src/core/sampler.ts';
import { AutoSampler } from './auto/sampler.ts';
import { BruteForceSampler } from './brute-force/sampler.ts';
import { CmaEsSampler } from './cmaes/sampler.ts';
import { AgingEvolutionSampler } from './evolutionary/aging-evolution-sampler.ts';
import { EvolutionarySampler } from './evolutionary/evolutionary-sampler.ts';
import { GpSampler } from './gp/sampler.ts';
import { GridSampler } from './grid-sampler.ts';
import { NsgaIISampler } from './nsga2/sampler.ts';
import { NsgaIIISampler } from './nsga3/sampler.ts';
import { type PlainPartialFixedOptions, partialFixedSampler } from './partial-fixed-sampler.ts';
import { QmcSampler } from './qmc/sampler.ts';
import { RandomSampler } from './random-sampler.ts';
import { TpeSampler } from './tpe/sampler.ts';

/** Plain (JSON) options of a sampler; its constructor checks them. */
export type SamplerFactory = (options?: Readonly<Record<string, unknown>>) => Sampler;

/** A factory of the samplers of a class, whose constructor checks the options. */
function madeBy(Class: new (options: never) => Sampler): SamplerFactory {
  return (options = {}) => new Class(options as never);
}

/** The samplers by name, `samplerRegistry.get('tpe')({ seed: 1 })`, for the command line and files. */
export const samplerRegistry: Registry<SamplerFactory> = new Registry<SamplerFactory>('sampler')
  .register('random', madeBy(RandomSampler))
  .register('cmaes', madeBy(CmaEsSampler))
  .register('auto', madeBy(AutoSampler))
  .register('evolutionary', madeBy(EvolutionarySampler))
  .register('aging-evolution', madeBy(AgingEvolutionSampler))
  .register('brute-force', madeBy(BruteForceSampler))
  .register('grid', madeBy(GridSampler))
  .register('gp', madeBy(GpSampler))
  .register('tpe', madeBy(TpeSampler))
  .register('partial-fixed', (options) =>
    partialFixedSampler(options as unknown as PlainPartialFixedOptions, (name, given) =>
      samplerRegistry.get(name)(given),
    ),
  )
  .register('qmc', madeBy(QmcSampler))
  .register('nsga2', madeBy(NsgaIISampler))
  .register('nsga3', madeBy(NsgaIIISampler));
