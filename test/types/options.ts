/** Every option takes `undefined`, by its type as at run time: so a caller may hand on what it may not have been given. */
import {
  type CompareSamplersOptions,
  type CopyStudyOptions,
  type CreateStudyOptions,
  createStudy,
  type DynamicStudyDefinition,
  FanovaEvaluator,
  float,
  int,
  type loadStudy,
  MeanDecreaseImpurityEvaluator,
  type maxTrialsCallback,
  type NewTrial,
  type OptimizeOptions,
  PedAnovaEvaluator,
  type paramImportances,
  type SpaceEntries,
  type SpaceOptions,
  type StudyOptions,
  space,
  type stagnationCallback,
  type Trial,
  type TrialsTableOptions,
  type UploadOptions,
} from 'thanos-hpo';
import type {
  HatMlpPredictor,
  NasRun,
  nestedNas,
  OnnxRuntimeBackend,
  RidgePredictor,
  Translator,
  trainTokenizers,
} from 'thanos-hpo/objectives';
import {
  HyperbandPruner,
  MedianPruner,
  PatientPruner,
  PercentilePruner,
  SuccessiveHalvingPruner,
  ThresholdPruner,
  WilcoxonPruner,
} from 'thanos-hpo/pruners';
import {
  AgingEvolutionSampler,
  AutoSampler,
  BruteForceSampler,
  CmaEsSampler,
  type EvolutionarySampler,
  GpSampler,
  type GridSampler,
  NsgaIIISampler,
  NsgaIISampler,
  type PartialFixedSampler,
  QmcSampler,
  RandomSampler,
  TpeSampler,
} from 'thanos-hpo/samplers';

/** These options with `undefined` for each that may be left out. */
type WithUndefined<O> = { [K in keyof O]: object extends Pick<O, K> ? undefined : O[K] };
/** The options of a class, or of a function, wherever they stand among its arguments. */
type Made<C> = C extends abstract new (...args: infer A) => unknown ? Options<A[number]> : never;
type Called<F> = F extends (...args: infer A) => unknown ? Options<A[number]> : never;
type Options<A> = A extends object ? A : never;
/** `true` only if all of `O` take `undefined`. */
type Takes<O> = O extends unknown ? (WithUndefined<O> extends O ? true : { refuses: O }) : never;

declare function takeUndefined<_All extends true>(): void;

takeUndefined<
  | Takes<CreateStudyOptions>
  | Takes<StudyOptions>
  | Takes<OptimizeOptions>
  | Takes<DynamicStudyDefinition>
  | Takes<NewTrial>
  | Takes<CopyStudyOptions>
  | Takes<CompareSamplersOptions<SpaceEntries>>
  | Takes<TrialsTableOptions>
  | Takes<UploadOptions>
  | Takes<SpaceOptions<{ x: ReturnType<typeof float> }>>
>();
takeUndefined<
  | Takes<Called<typeof loadStudy>>
  | Takes<Called<typeof maxTrialsCallback>>
  | Takes<Called<typeof stagnationCallback>>
  | Takes<Called<typeof paramImportances>>
  | Takes<Called<typeof float>>
  | Takes<Called<typeof int>>
  | Takes<Called<Trial['suggestFloat']>>
  | Takes<Called<Trial['suggestInt']>>
>();
takeUndefined<
  | Takes<Made<typeof AgingEvolutionSampler>>
  | Takes<Made<typeof AutoSampler>>
  | Takes<Made<typeof BruteForceSampler>>
  | Takes<Made<typeof CmaEsSampler>>
  | Takes<Made<typeof EvolutionarySampler>>
  | Takes<Made<typeof GpSampler>>
  | Takes<Made<typeof GridSampler>>
  | Takes<Made<typeof NsgaIIISampler>>
  | Takes<Made<typeof NsgaIISampler>>
  | Takes<Made<typeof PartialFixedSampler>>
  | Takes<Made<typeof QmcSampler>>
  | Takes<Made<typeof RandomSampler>>
  | Takes<Made<typeof TpeSampler>>
>();
takeUndefined<
  | Takes<Made<typeof HyperbandPruner>>
  | Takes<Made<typeof MedianPruner>>
  | Takes<Made<typeof PatientPruner>>
  | Takes<Made<typeof PercentilePruner>>
  | Takes<Made<typeof SuccessiveHalvingPruner>>
  | Takes<Made<typeof ThresholdPruner>>
  | Takes<Made<typeof WilcoxonPruner>>
  | Takes<Made<typeof FanovaEvaluator>>
  | Takes<Made<typeof MeanDecreaseImpurityEvaluator>>
  | Takes<Made<typeof PedAnovaEvaluator>>
>();
takeUndefined<
  | Takes<Called<typeof NasRun.open>>
  | Takes<Called<typeof nestedNas>>
  | Takes<Called<typeof trainTokenizers>>
  | Takes<Called<Translator['translate']>>
  | Takes<Made<typeof HatMlpPredictor>>
  | Takes<Made<typeof OnnxRuntimeBackend>>
  | Takes<Made<typeof RidgePredictor>>
>();

// A variable that may be undefined, in place of each option.
const maybe = (globalThis as { maybe?: number }).maybe;
const seed = { seed: maybe };
await createStudy({ sampler: new TpeSampler(seed), maxRetries: maybe, storage: undefined, space: undefined });
for (const Sampler of [RandomSampler, CmaEsSampler, GpSampler, NsgaIISampler, QmcSampler, AutoSampler])
  new Sampler(seed);
for (const Evaluator of [FanovaEvaluator, MeanDecreaseImpurityEvaluator]) new Evaluator({ nTrees: maybe });
new BruteForceSampler(seed);
new AgingEvolutionSampler({ ...seed, populationSize: maybe });
new NsgaIIISampler({ populationSize: maybe });
new PedAnovaEvaluator({ targetQuantile: maybe });
new MedianPruner({ nStartupTrials: maybe });
new PercentilePruner({ percentile: 25, nWarmupSteps: maybe });
new HyperbandPruner({ minResource: maybe });
new SuccessiveHalvingPruner({ reductionFactor: maybe });
new ThresholdPruner({ lower: maybe, upper: 1 });
new WilcoxonPruner({ pThreshold: maybe });
new PatientPruner({ wrappedPruner: new MedianPruner(), patience: 3, minDelta: maybe });
space(
  { x: float(0, 1, { step: maybe, log: undefined }), n: int(1, 2, { step: maybe }) },
  { where: undefined },
);
