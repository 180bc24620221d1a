import { type FrozenTrial, isFinished } from '../../src/core/frozen-trial.ts';
import {
  type AttrRow,
  type NumberRow,
  type ParamRow,
  type TrialRow,
  trialsFromRows,
} from '../sql/mapping.ts';
import type { Database } from './driver.ts';

const SELECT_HEADS = `SELECT trial_id, number, state, datetime_start, datetime_complete FROM trials
  WHERE study_id = ? AND trial_id BETWEEN ? AND ? AND number >= ? ORDER BY trial_id`;

/** The join, not the range of ids alone, since trials of other studies may lie between. */
function ofTrials(columns: string, table: string, order: string): string {
  return `SELECT c.trial_id, ${columns} FROM trials t CROSS JOIN ${table} c ON c.trial_id = t.trial_id
    WHERE t.study_id = ? AND t.trial_id BETWEEN ? AND ? ORDER BY t.trial_id, c.${order}`;
}

const SELECT = {
  params: ofTrials('c.param_name, c.param_value, c.distribution_json', 'trial_params', 'param_id'),
  values: ofTrials('c.objective, c.value, c.value_type', 'trial_values', 'objective'),
  intermediateValues: ofTrials(
    'c.step, c.intermediate_value, c.intermediate_value_type',
    'trial_intermediate_values',
    'step',
  ),
  userAttrs: ofTrials('c."key", c.value_json', 'trial_user_attributes', 'trial_user_attribute_id'),
  systemAttrs: ofTrials('c."key", c.value_json', 'trial_system_attributes', 'trial_system_attribute_id'),
} as const;

interface Finished {
  readonly head: string;
  readonly trial: FrozenTrial;
}

/**
 * Reads the trials of one study. A finished trial never changes, so it is read once, however far back an unfinished
 * one lies (another tool may leave a trial RUNNING for ever).
 */
export class TrialReader {
  readonly #studyId: number;
  readonly #finished = new Map<number, Finished>();
  /** A number known to lie at an id: later numbers have higher ids. */
  #landmark = { number: 0, trialId: 0 };

  constructor(studyId: number) {
    this.#studyId = studyId;
  }

  /** Trials with numbers >= fromNumber, in order of number. Runs inside the caller's transaction. */
  from(db: Database, fromNumber: number): readonly FrozenTrial[] {
    const firstId = this.#landmark.number <= fromNumber ? this.#landmark.trialId : 0;
    const trials = this.#read(db, firstId, Number.MAX_SAFE_INTEGER, fromNumber);
    if (trials.length > 0) this.#landmark = trials[0];
    return trials;
  }

  one(db: Database, trialId: number): FrozenTrial {
    return this.#read(db, trialId, trialId, 0)[0];
  }

  #read(db: Database, firstId: number, lastId: number, fromNumber: number): readonly FrozenTrial[] {
    const heads = db.prepare(SELECT_HEADS).all(this.#studyId, firstId, lastId, fromNumber) as TrialRow[];
    const trials: FrozenTrial[] = [];
    for (let i = 0; i < heads.length; ) {
      const known = this.#known(heads[i]);
      if (known !== null) {
        trials.push(known);
        i++;
        continue;
      }
      const start = i;
      while (i < heads.length && this.#known(heads[i]) === null) i++;
      for (const trial of this.#readRun(db, heads.slice(start, i))) trials.push(trial);
    }
    return Object.freeze(trials);
  }

  /** The whole head is compared, since another tool may give the id of a deleted trial out again. */
  #known(head: TrialRow): FrozenTrial | null {
    const finished = this.#finished.get(head[0]);
    return finished?.head === head.join() ? finished.trial : null;
  }

  #readRun(db: Database, heads: readonly TrialRow[]): readonly FrozenTrial[] {
    const rows = (table: keyof typeof SELECT): unknown[] =>
      db.prepare(SELECT[table]).all(this.#studyId, heads[0][0], heads[heads.length - 1][0]);
    const [studyName] = db
      .prepare('SELECT study_name FROM studies WHERE study_id = ?')
      .get(this.#studyId) as [string];
    const read = {
      trials: heads,
      params: rows('params') as ParamRow[],
      values: rows('values') as NumberRow[],
      intermediateValues: rows('intermediateValues') as NumberRow[],
      userAttrs: rows('userAttrs') as AttrRow[],
      systemAttrs: rows('systemAttrs') as AttrRow[],
    };
    const trials = trialsFromRows(read, studyName);
    trials.forEach((trial, i) => {
      if (isFinished(trial.state)) this.#finished.set(trial.trialId, { head: heads[i].join(), trial });
    });
    return trials;
  }
}
