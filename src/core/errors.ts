/**
 * Every error that THANOS throws on purpose is a `ThanosError`: a closed set of codes, and a message that says
 * the rule, then the actual values, then the remedy.
 */
export type ErrorCode =
  | 'INVALID_ARGUMENT'
  | 'INVALID_DISTRIBUTION'
  | 'INCOMPATIBLE_DISTRIBUTION'
  | 'INVALID_CONFIG'
  | 'INVALID_DATA'
  | 'UNKNOWN_NAME'
  | 'DUPLICATED_STUDY'
  | 'STUDY_NOT_FOUND'
  | 'TRIAL_NOT_FOUND'
  | 'TRIAL_FINISHED'
  | 'TRIAL_LOST'
  | 'ARTIFACT_NOT_FOUND'
  | 'NO_COMPLETE_TRIAL'
  | 'STORAGE_UNAVAILABLE'
  | 'STORAGE_CORRUPT'
  | 'SCHEMA_MISMATCH'
  | 'INFEASIBLE_SPACE'
  | 'SEARCH_SPACE_EXHAUSTED'
  | 'UNSUPPORTED'
  | 'PACKAGE_MISSING'
  | 'OUTPUT_FAILED'
  | 'FILE_NOT_WRITTEN'
  | 'STUDY_UNFINISHED'
  | 'BACKEND_FAILED'
  | 'NEVER_SETTLES'
  | 'ABORTED'
  | 'USAGE'
  | GraphErrorCode;

/** What can go wrong in a graph, its gradient or its run. */
export type GraphErrorCode =
  | 'INVALID_GRAPH'
  | 'SHAPE_MISMATCH'
  | 'INVALID_MODEL'
  | 'NON_DIFFERENTIABLE'
  | 'PROVIDER_UNAVAILABLE'
  | 'RUN_FAILED'
  | 'STATE_MISSING'
  | 'CHECKPOINT_UNUSABLE';

/**
 * The class of every error that THANOS throws on purpose; `code` says which it is, also to programs.
 *
 * ```ts
 * try {
 *   await loadStudy({ studyName: 'demo', storage: 'sqlite:///demo.db' });
 * } catch (error) {
 *   if (!(error instanceof ThanosError) || error.code !== 'STUDY_NOT_FOUND') throw error;
 * }
 * ```
 */
export class ThanosError extends Error {
  /** What is wrong, for programs; the message says it for people. */
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.name = new.target.name;
  }
}

/** A value, option or space that breaks a rule of the API. */
export class InvalidArgumentError extends ThanosError {
  constructor(message: string, options?: ErrorOptions) {
    super('INVALID_ARGUMENT', message, options);
  }
}

/** A user's file (YAML, study module, corpus, model) that cannot be used; `place` says where, as `file:line` or a key path. */
export class InvalidConfigError extends ThanosError {
  /** Where in the file, as `file:line` or a key path. */
  readonly place: string;

  constructor(place: string, message: string, options?: ErrorOptions) {
    super('INVALID_CONFIG', `${place}: ${message}`, options);
    this.place = place;
  }
}

/** Data (a corpus, a table) that is empty, unreadable or inconsistent; `place` names the file and line. */
export class InvalidDataError extends ThanosError {
  /** The file, with its line if that is known. */
  readonly place: string;

  constructor(place: string, message: string, options?: ErrorOptions) {
    super('INVALID_DATA', `${place}: ${message}`, options);
    this.place = place;
  }
}

/** A database that cannot be opened, read or written. */
export class StorageError extends ThanosError {
  constructor(
    code:
      | 'STORAGE_UNAVAILABLE'
      | 'STORAGE_CORRUPT'
      | 'SCHEMA_MISMATCH'
      | 'DUPLICATED_STUDY'
      | 'STUDY_NOT_FOUND'
      | 'TRIAL_NOT_FOUND'
      | 'TRIAL_FINISHED'
      | 'TRIAL_LOST',
    message: string,
    options?: ErrorOptions,
  ) {
    super(code, message, options);
  }
}

/** A database that went away while it was open; to try again is in vain. */
export class StorageLostError extends StorageError {
  constructor(message: string, options?: ErrorOptions) {
    super('STORAGE_UNAVAILABLE', message, options);
  }
}

/** No candidate within the bounded number of attempts satisfies the constraints. */
export class InfeasibleSpaceError extends ThanosError {
  /** The smallest total violation that was seen (> 0). */
  readonly leastViolation: number;
  /** The parameters that had it, if any candidate was tried. */
  readonly leastViolating: Readonly<Record<string, unknown>> | null;

  constructor(
    message: string,
    leastViolation: number,
    leastViolating: Readonly<Record<string, unknown>> | null,
  ) {
    super('INFEASIBLE_SPACE', message);
    this.leastViolation = leastViolation;
    this.leastViolating = leastViolating;
  }
}

/** A finite search space has no untried point left. `Study.optimize` ends normally when a sampler throws it. */
export class SearchSpaceExhaustedError extends ThanosError {
  constructor(message: string) {
    super('SEARCH_SPACE_EXHAUSTED', message);
  }
}

/** Thrown by an objective to end its trial as PRUNED: no error but a way out, and so no `ThanosError`. */
export class TrialPruned extends Error {
  constructor(message = 'trial was pruned') {
    super(message);
    this.name = 'TrialPruned';
  }
}
