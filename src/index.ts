/** THANOS: hyperparameter optimization with exact resume, and NAS as an objective. */

export * from './artifacts/index.ts';
export {
  type ComparedSampler,
  type CompareProgress,
  type CompareSamplersOptions,
  type Comparison,
  type ConvergenceCurve,
  compareSamplers,
  type PairwiseTest,
  type Problem,
  type SamplerResult,
  verdicts,
} from './compare/index.ts';
export * from './copy-study.ts';
export * from './core/index.ts';
export * from './create-study.ts';
export * from './define-study.ts';
export * from './importance/index.ts';
export * from './rename-study.ts';
export * from './study-summaries.ts';
export * from './trials-table.ts';
