import type { FrozenTrial, StudyDirection } from './frozen-trial.ts';

export interface PrunerContext {
  readonly direction: StudyDirection;
  /** Finished trials of the study. */
  readonly trials: readonly FrozenTrial[];
  /** The running trial with the values that it reported. */
  readonly trial: FrozenTrial;
}

/** Decides from the reported intermediate values whether a running trial should stop; a pure function of its context. */
export interface Pruner {
  readonly name: string;
  shouldPrune(context: PrunerContext): boolean;
}
