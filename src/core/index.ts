/** The HPO core: concepts and contracts, without I/O of its own; messages go to standard error unless `onLog` sends them elsewhere. */
export { createTrial, type NewTrial } from './add-trial.ts';
export * from './callbacks.ts';
export { nestedParams } from './compiled-space.ts';
export * from './conditions.ts';
export type {
  Directions,
  DirectionsOf,
  ObjectiveValue,
  SingleDirection,
  ValuesOf,
} from './directions.ts';
export * from './distribution.ts';
export type { EnqueueOptions, QueuedParams } from './enqueue.ts';
export * from './errors.ts';
export { FixedTrial } from './fixed-trial.ts';
export * from './frozen-trial.ts';
export type { GetTrialsOptions } from './get-trials.ts';
export { hypervolume } from './hypervolume.ts';
export { type LogHandler, type LogMessage, type LogMessageLevel, logLine } from './log-message.ts';
export { getLogLevel, LOG_LEVELS, type LogLevel, onLog, setLogLevel } from './logging.ts';
export { namedConstraints } from './named-constraints.ts';
export type { ErrorClass, OptimizeCallback, OptimizeOptions } from './optimize.ts';
export * from './pruner.ts';
export * from './registry.ts';
export * from './rng.ts';
export * from './sampler.ts';
export * from './search-space.ts';
export * from './space.ts';
export * from './storage.ts';
export {
  type AnyStudy,
  type DynamicStudy,
  type DynamicStudyMembers,
  type HasBest,
  type Objective,
  type SpaceObjective,
  type SpaceStudy,
  type SpaceStudyMembers,
  Study,
} from './study.ts';
export type { StudyEnvironment } from './study-environment.ts';
export type { StudyOptions } from './study-options.ts';
export type { OpenStudyOptions } from './study-record.ts';
export type { StudySummary } from './study-summary.ts';
export type { TellOptions, TellResult } from './tell.ts';
export type { Trial } from './trial.ts';
export * from './trial-facts.ts';
