/** Pruners: they decide by its intermediate values whether a running trial is worth going on with. */
export { HyperbandPruner, type HyperbandPrunerOptions } from './hyperband.ts';
export { MedianPruner, type MedianPrunerOptions } from './median.ts';
export { NopPruner } from './nop.ts';
export { PatientPruner, type PatientPrunerOptions } from './patient.ts';
export { type PercentileCheckOptions, PercentilePruner, type PercentilePrunerOptions } from './percentile.ts';
export { type PrunerFactory, prunerRegistry } from './register.ts';
export { SuccessiveHalvingPruner, type SuccessiveHalvingPrunerOptions } from './successive-halving.ts';
export { ThresholdPruner, type ThresholdPrunerOptions } from './threshold.ts';
export { WilcoxonPruner, type WilcoxonPrunerOptions } from './wilcoxon.ts';
