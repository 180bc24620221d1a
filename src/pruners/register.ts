/** The pruners by name, each made from plain options (those of its constructor), for the command line and files. */
import type { Pruner } from '../core/pruner.ts';
import { Registry } from '../core/registry.ts';
import { HyperbandPruner, type HyperbandPrunerOptions } from './hyperband.ts';
import { MedianPruner, type MedianPrunerOptions } from './median.ts';
import { NopPruner } from './nop.ts';
import { PatientPruner, type PatientPrunerOptions } from './patient.ts';
import { PercentilePruner, type PercentilePrunerOptions } from './percentile.ts';
import { SuccessiveHalvingPruner, type SuccessiveHalvingPrunerOptions } from './successive-halving.ts';
import { ThresholdPruner, type ThresholdPrunerOptions } from './threshold.ts';
import { WilcoxonPruner, type WilcoxonPrunerOptions } from './wilcoxon.ts';

/** Plain (JSON) options of a pruner; its constructor checks them. `wrappedPruner` of 'patient' is { name, options } or null. */
export type PrunerFactory = (options?: Readonly<Record<string, unknown>>) => Pruner;

/** The pruners by name, `prunerRegistry.get('median')({ nStartupTrials: 5 })`, for the command line and files. */
export const prunerRegistry = new Registry<PrunerFactory>('pruner')
  .register('median', (options) => new MedianPruner(options as MedianPrunerOptions))
  .register('percentile', (options) => new PercentilePruner(options as unknown as PercentilePrunerOptions))
  .register(
    'successive-halving',
    (options) => new SuccessiveHalvingPruner(options as SuccessiveHalvingPrunerOptions),
  )
  .register('hyperband', (options) => new HyperbandPruner(options as HyperbandPrunerOptions))
  .register('threshold', (options) => new ThresholdPruner(options as unknown as ThresholdPrunerOptions))
  .register('patient', makePatient)
  .register('wilcoxon', (options) => new WilcoxonPruner(options as WilcoxonPrunerOptions))
  .register('nop', (options) => new NopPruner(options as Readonly<Record<string, never>>));

function makePatient(options?: Readonly<Record<string, unknown>>): Pruner {
  const wrapped = options?.['wrappedPruner'] as {
    name: string;
    options?: Record<string, unknown> | undefined;
  } | null;
  const wrappedPruner =
    typeof wrapped?.name === 'string' ? prunerRegistry.get(wrapped.name)(wrapped.options) : wrapped;
  return new PatientPruner({ ...options, wrappedPruner } as PatientPrunerOptions);
}
