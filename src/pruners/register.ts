/** The pruners by name, each made from plain options (those of its constructor), for the command line and files. */
import type { Pruner } from '../core/pruner.ts';
import { Registry } from '../core/registry.ts';
import { HyperbandPruner } from './hyperband.ts';
import { MedianPruner } from './median.ts';
import { NopPruner } from './nop.ts';
import { PatientPruner, type PatientPrunerOptions } from './patient.ts';
import { PercentilePruner } from './percentile.ts';
import { SuccessiveHalvingPruner } from './successive-halving.ts';
import { ThresholdPruner } from './threshold.ts';
import { WilcoxonPruner } from './wilcoxon.ts';

/** Plain (JSON) options of a pruner; its constructor checks them. `wrappedPruner` of 'patient' is { name, options } or null. */
export type PrunerFactory = (options?: Readonly<Record<string, unknown>>) => Pruner;

/** A factory of the pruners of a class, whose constructor checks the options. */
function madeBy(Class: new (options: never) => Pruner): PrunerFactory {
  return (options = {}) => new Class(options as never);
}

/** The pruners by name, `prunerRegistry.get('median')({ nStartupTrials: 5 })`, for the command line and files. */
export const prunerRegistry = new Registry<PrunerFactory>('pruner')
  .register('median', madeBy(MedianPruner))
  .register('percentile', madeBy(PercentilePruner))
  .register('successive-halving', madeBy(SuccessiveHalvingPruner))
  .register('hyperband', madeBy(HyperbandPruner))
  .register('threshold', madeBy(ThresholdPruner))
  .register('patient', makePatient)
  .register('wilcoxon', madeBy(WilcoxonPruner))
  .register('nop', madeBy(NopPruner));

function makePatient(options?: Readonly<Record<string, unknown>>): Pruner {
  const wrapped = options?.['wrappedPruner'] as {
    name: string;
    options?: Record<string, unknown> | undefined;
  } | null;
  const wrappedPruner =
    typeof wrapped?.name === 'string' ? prunerRegistry.get(wrapped.name)(wrapped.options) : wrapped;
  return new PatientPruner({ ...options, wrappedPruner } as PatientPrunerOptions);
}
