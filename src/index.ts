/** THANOS: hyperparameter optimisation with exact resume, and NAS as an objective. */

export {
  type ComparedSampler,
  type CompareProgress,
  type CompareSamplersOptions,
  type Comparison,
  compareSamplers,
  type PairwiseTest,
  type Problem,
  type SamplerResult,
  verdicts,
} from './compare/index.ts';
export * from './core/index.ts';
export * from './create-study.ts';
export * from './define-study.ts';
