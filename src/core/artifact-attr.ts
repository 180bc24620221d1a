/** What core knows of artifacts: which attributes they are, and how a running trial takes one. */

/** Before the id of an artifact, in Optuna's form. */
export const ARTIFACT_PREFIX = 'artifacts:';

/**
 * The method of a running trial that records one of its artifacts and waits until that is written. A symbol of the whole
 * process: the trial may come from another copy of this package than `uploadArtifact`.
 */
export const RECORD_ARTIFACT: unique symbol = Symbol.for('thanos-hpo:record-artifact');
