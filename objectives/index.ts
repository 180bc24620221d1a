/** Objectives: synthetic functions, and everything of the NAS from parallel text to an exported SubTransformer. */

export type {
  LatencyBackend,
  LatencyInterval,
  LatencyReport,
  MemoryReport,
  PerPart,
} from './latency/backend.ts';
export {
  collectLatencyDataset,
  type DatasetStudy,
  type LatencyDatasetOptions,
  type LatencyRow,
  rowsOfTrials,
} from './latency/dataset.ts';
export { readHatLatencyCsv } from './latency/hat-csv.ts';
export {
  type ExportedModel,
  type ModelExporter,
  OnnxRuntimeBackend,
  type OnnxRuntimeBackendOptions,
  type ReferenceBaseline,
} from './latency/onnxruntime-backend.ts';
export type { FeatureMap } from './latency/predictor/features.ts';
export { type HatMlpOptions, HatMlpPredictor } from './latency/predictor/hat-mlp-predictor.ts';
export type { HeldOutErrors, LatencyPrediction, LatencyPredictor } from './latency/predictor/predictor.ts';
export { type RidgeOptions, RidgePredictor } from './latency/predictor/ridge-predictor.ts';
export type { Cycles } from './latency/rk3588/compiler-cycles.ts';
export type { GraphMemory } from './latency/rk3588/memory.ts';
export {
  estimateRk3588,
  type PartEstimate,
  type Rk3588Estimate,
  Rk3588Model,
} from './latency/rk3588-model.ts';
export {
  type Ceiling,
  type HardwareCost,
  type HardwareModel,
  type InnerSearch,
  type NestedNas,
  type NestedNasOptions,
  nestedNas,
  type OuterSpace,
} from './nested-nas.ts';
export type { Device } from './onnx/runtime.ts';
export { DEFAULT_NAS_YAML } from './pipeline/default-nas-yaml.ts';
export type { DeploymentFit } from './pipeline/deployment-fit.ts';
export { exportSubTransformer, exportTrial, translatorOf } from './pipeline/export-subtransformer.ts';
export { rk3588Hardware } from './pipeline/hardware.ts';
export {
  type CorpusConfig,
  type HardwareConfig,
  type NasConfig,
  readNasYaml,
  type SearchConfig,
} from './pipeline/nas-config.ts';
export type { NasProgress, ValidationSource } from './pipeline/nas-progress.ts';
export { NasRun, type NasRunOptions } from './pipeline/nas-run.ts';
export type { NasSettings } from './pipeline/nas-settings.ts';
export type { PreparedCorpus } from './pipeline/prepare-corpus.ts';
export type { SamplerMaker } from './pipeline/sampler-maker.ts';
export type { CurvePoint } from './pipeline/training-curve.ts';
export { type TranslateOptions, Translator } from './pipeline/translator.ts';
export * from './synthetic/index.ts';
export type { TrainingReport } from './training/index.ts';
export type { ArchConfig, ModelDims } from './transformer/arch-config.ts';
export type { ArchPart, ArchSummary, WholePart } from './transformer/arch-parts.ts';
export { type ArchChoices, type ArchParams, ArchSpace, type FixedParts } from './transformer/arch-space.ts';
export { flopCount, parameterCount } from './transformer/count.ts';
export type { ExportedModels } from './transformer/export.ts';
export {
  readSubTransformerYaml,
  readSuperTransformerYaml,
  type SuperTransformerYaml,
  writeSubTransformerYaml,
} from './transformer/hat-yaml.ts';
export * from './translation/index.ts';
