/** Objectives: synthetic functions, and everything of the NAS from parallel text to an exported SubTransformer. */
export type {
  LatencyBackend,
  LatencyReport,
  MemoryReport,
} from './latency/backend.ts';
export { collectLatencyDataset, type LatencyRow, rowsOfTrials } from './latency/dataset.ts';
export { readHatLatencyCsv } from './latency/hat-csv.ts';
export { OnnxRuntimeBackend, type OnnxRuntimeBackendOptions } from './latency/onnxruntime-backend.ts';
export { HatMlpPredictor } from './latency/predictor/hat-mlp-predictor.ts';
export type { HeldOutErrors, LatencyPrediction, LatencyPredictor } from './latency/predictor/predictor.ts';
export { RidgePredictor } from './latency/predictor/ridge-predictor.ts';
export { estimateRk3588, Rk3588Model } from './latency/rk3588-model.ts';
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
export { DEFAULT_NAS_YAML } from './pipeline/default-nas-yaml.ts';
export { exportSubTransformer, exportTrial, translatorOf } from './pipeline/export-subtransformer.ts';
export { rk3588Hardware } from './pipeline/hardware.ts';
export {
  type CorpusConfig,
  type HardwareConfig,
  type NasConfig,
  readNasYaml,
  type SearchConfig,
} from './pipeline/nas-config.ts';
export type { NasProgress } from './pipeline/nas-progress.ts';
export { NasRun, type NasRunOptions } from './pipeline/nas-run.ts';
export { Translator } from './pipeline/translator.ts';
export * from './synthetic/index.ts';
export type { ArchConfig, ModelDims } from './transformer/arch-config.ts';
export type { ArchSummary } from './transformer/arch-parts.ts';
export { type ArchChoices, type ArchParams, ArchSpace, type FixedParts } from './transformer/arch-space.ts';
export { flopCount, parameterCount } from './transformer/count.ts';
export {
  readSubTransformerYaml,
  readSuperTransformerYaml,
  type SuperTransformerYaml,
  writeSubTransformerYaml,
} from './transformer/hat-yaml.ts';
export * from './translation/index.ts';
