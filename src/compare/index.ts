/** Which sampler is better on a problem, and whether the difference is more than luck. */
export {
  type ComparedSampler,
  type CompareProgress,
  type CompareSamplersOptions,
  compareSamplers,
} from './compare-samplers.ts';
export type { Comparison, ConvergenceCurve, PairwiseTest, SamplerResult } from './comparison.ts';
export { checkProblem, type Problem } from './problem.ts';
export { verdicts } from './verdicts.ts';
