/**
 * What the author of a pruner needs beside the contract: options, and what a trial has reported. The conformance kit is in
 * `thanos-hpo/testing`, the registry in `thanos-hpo/pruners`.
 */
export * from '../core/option-rules.ts';
export * from '../core/options.ts';
export { CHECK_INTERVAL, type CheckInterval, isCheckDue } from './check-interval.ts';
export { PerHistory } from './per-history.ts';
export { isAbovePercentile } from './percentile.ts';
export { Reported, reportedBy } from './reported.ts';
export { firstMeasured, leastLoss, lossSign, valueFrom } from './trial-values.ts';
