import type { Attrs, FrozenTrial, StudyDirection } from './frozen-trial.ts';

/** All that a pruner may know when it judges a running trial. */
export interface PrunerContext {
  /** The study's name. */
  readonly studyName: string;
  /** The study's direction; a study with several objectives does not prune. */
  readonly direction: StudyDirection;
  /**
   * Finished trials (COMPLETE, PRUNED, FAIL) of the history that the running trial had when it was asked, in order of number: so a
   * decision does not depend on which trial of a batch is faster, and is the same when the trial is re-entered.
   */
  readonly trials: readonly FrozenTrial[];
  /** The running trial with the values that it has reported so far; these grow with it, so a copy is to be kept, if any. */
  readonly trial: FrozenTrial;
}

/** The history of a trial that is being asked. */
export interface PeerContext {
  /** The study's name. */
  readonly studyName: string;
  /** The trial that is asked for, numbered from 0. */
  readonly trialNumber: number;
  /** The trials before it, in order of number. */
  readonly trials: readonly FrozenTrial[];
}

/**
 * Pruner contract.
 * - P1 Pure: the answer depends on the constructor's options and the context only.
 * - P2 It answers false before the trial has reported a value.
 * - P3 Maximizing f is minimizing -f; bounds on values are mirrored with them.
 * - P4 No order of `trials` other than that of their numbers is assumed, and none of them is changed.
 */
export interface Pruner {
  /** Registry name: `median`, `hyperband` … */
  readonly name: string;
  /** Options as plain data. */
  readonly options: Attrs;
  /** Whether the running trial should stop now, judged by the intermediate values that it has reported. */
  shouldPrune(context: PrunerContext): boolean;
  /**
   * The trials of the history that compete with this trial, where that is not all of them (Hyperband's brackets): the
   * sampler sees these only. A pure function of the context.
   */
  peersOf?(context: PeerContext): readonly FrozenTrial[];
}
