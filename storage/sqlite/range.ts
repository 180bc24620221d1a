/** The trials of one study from one id to another. */
export interface Range {
  readonly studyId: number;
  readonly firstId: number;
  readonly lastId: number;
}

/** The condition for a table `trials t`; binds the three of a range in their order. */
export const IN_RANGE = 't.study_id = ? AND t.trial_id BETWEEN ? AND ?';

/** Answers for trial after trial, in the order of their ids. */
export type InTurn<T> = (trialId: number) => T;
