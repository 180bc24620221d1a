import type { FrozenTrial, StudyDirection } from '../../src/core/frozen-trial.ts';
import type { TrialCursor, TrialOutcome, TrialPage } from '../../src/core/storage.ts';
import type { AttrRow } from '../sql/mapping.ts';
import {
  type NumberRow,
  type ParamRow,
  type StudyFacts,
  TrialDecoder,
  type TrialRows,
  type TrialValues,
} from '../sql/trial-decoder.ts';
import { bestByValue } from './best-row.ts';
import type { Database } from './driver.ts';
import { outcomesAfter } from './outcome-rows.ts';
import { pageRows } from './page-rows.ts';
import { plainValues } from './plain-values.ts';

const AFTER = 't.study_id = ? AND t.trial_id > ? ORDER BY t.trial_id LIMIT ?';
const BEFORE = 't.study_id = ? AND t.trial_id < ? ORDER BY t.trial_id DESC LIMIT ?';
const ONE = 't.study_id = ? AND t.trial_id = ?';
const FIRST_ID = 'SELECT min(trial_id) FROM trials WHERE study_id = ? AND trial_id >= ? AND number >= ?';

/** A head with the objective values, if those are plain. */
type HeadRow = readonly [
  trialId: number,
  number: number,
  state: string,
  start: string | null,
  complete: string | null,
  isPlain: number | null,
  ...values: (number | null)[],
];
const FIRST_VALUE = 6;

function headsSql(nObjectives: number): string {
  const values = plainValues(nObjectives);
  return `SELECT t.trial_id, t.number, t.state, t.datetime_start, t.datetime_complete, ${values.isPlain}, ${values.columns}
    FROM trials t ${values.joins} WHERE `;
}

/** The rows of a single trial. */
const SELECT = {
  params:
    'SELECT param_name, param_value, distribution_json FROM trial_params WHERE trial_id = ? ORDER BY param_id',
  values: 'SELECT objective, value, value_type FROM trial_values WHERE trial_id = ? ORDER BY objective',
  intermediateValues: `SELECT step, intermediate_value, intermediate_value_type FROM trial_intermediate_values
    WHERE trial_id = ? ORDER BY step`,
  userAttrs:
    'SELECT "key", value_json FROM trial_user_attributes WHERE trial_id = ? ORDER BY trial_user_attribute_id',
  systemAttrs:
    'SELECT "key", value_json FROM trial_system_attributes WHERE trial_id = ? ORDER BY trial_system_attribute_id',
} as const satisfies Readonly<Record<keyof TrialRows | 'values', string>>;

/** How many trials are read at a time, lest their rows fill the memory. */
const PAGE = 1000;
/** For as many trials, queries that prepare a whole page are worth it. */
const MANY = 50;
const BEFORE_FIRST: TrialCursor = { trialId: 0, number: -1 };
const NONE: readonly never[] = [];
const NO_VALUES: TrialValues = { plain: null };

/** Reads the trials of one study. Every method runs inside its caller's transaction. */
export class TrialReader {
  readonly #study: StudyFacts;
  readonly #decoder: TrialDecoder;
  readonly #headsSql: string;
  /** A number known to lie at an id: later numbers have higher ids. */
  #landmark: TrialCursor = BEFORE_FIRST;

  constructor(study: StudyFacts) {
    this.#study = study;
    this.#decoder = new TrialDecoder(study);
    this.#headsSql = headsSql(study.nObjectives);
  }

  get studyName(): string {
    return this.#study.studyName;
  }

  /** Trials with numbers >= fromNumber. */
  from(db: Database, fromNumber: number): readonly FrozenTrial[] {
    if (fromNumber <= 0) return this.after(db, BEFORE_FIRST);
    const near = this.#landmark.number <= fromNumber ? this.#landmark.trialId : 0;
    const [firstId] = db.prepare(FIRST_ID).get(this.#study.studyId, near, fromNumber) as [number | null];
    if (firstId === null) return NONE;
    this.#landmark = { trialId: firstId, number: fromNumber };
    return this.after(db, { trialId: firstId - 1, number: fromNumber - 1 });
  }

  /** All trials after this one. */
  after(db: Database, cursor: TrialCursor): readonly FrozenTrial[] {
    const trials: FrozenTrial[] = [];
    for (let last = cursor; ; last = trials[trials.length - 1]) {
      const page = this.page(db, { after: last, limit: PAGE });
      for (const trial of page) trials.push(trial);
      if (page.length < PAGE) return trials;
    }
  }

  page(db: Database, { after, before, limit }: TrialPage): readonly FrozenTrial[] {
    if (before !== undefined)
      return this.#decodeAll(db, this.#heads(db, BEFORE, before.trialId, limit).reverse(), null);
    return this.#decodeAll(db, this.#heads(db, AFTER, after?.trialId ?? 0, limit), after ?? BEFORE_FIRST);
  }

  /** State, values and constraints of all trials. */
  outcomes(db: Database): readonly TrialOutcome[] {
    const outcomes: TrialOutcome[] = [];
    for (let last = BEFORE_FIRST; ; last = outcomes[outcomes.length - 1]) {
      const page = outcomesAfter(db, this.#decoder, this.#study, last, PAGE);
      for (const outcome of page) outcomes.push(outcome);
      if (page.length < PAGE) return outcomes;
    }
  }

  /** Undefined if it is gone. */
  one(db: Database, trialId: number): FrozenTrial | undefined {
    return this.#decodeAll(db, this.#heads(db, ONE, trialId), null)[0];
  }

  /** See Storage clause S20. */
  best(db: Database, direction: StudyDirection): FrozenTrial | null {
    const { studyId, nObjectives } = this.#study;
    return nObjectives === 1 ? bestByValue(db, studyId, direction, (trialId) => this.one(db, trialId)) : null;
  }

  #heads(db: Database, which: string, ...place: number[]): HeadRow[] {
    return db.prepare(this.#headsSql + which).all(this.#study.studyId, ...place) as HeadRow[];
  }

  #decodeAll(db: Database, heads: readonly HeadRow[], before: TrialCursor | null): readonly FrozenTrial[] {
    const rowsOf = heads.length < MANY ? (trialId: number) => rowsIn(db, trialId) : this.#pageRows(db, heads);
    let last = before;
    return Object.freeze(
      heads.map((head) => {
        const trial = this.#decoder.decode(head, last, valuesOf(db, head), rowsOf(head[0]));
        last = trial;
        return trial;
      }),
    );
  }

  #pageRows(db: Database, heads: readonly HeadRow[]): (trialId: number) => TrialRows {
    // Where no space is known yet, that of the first trial is likely to be that of the others.
    if (this.#decoder.space.names.length === 0) this.#decodeAll(db, heads.slice(0, 1), null);
    return pageRows(db, this.#study.studyId, heads, this.#decoder, (trialId) => paramsOf(db, trialId));
  }
}

function valuesOf(db: Database, head: HeadRow): TrialValues {
  if (head[FIRST_VALUE - 1] !== 1) return { rows: db.prepare(SELECT.values).all(head[0]) as NumberRow[] };
  if (head[FIRST_VALUE] === null) return NO_VALUES;
  return { plain: Object.freeze(head.slice(FIRST_VALUE) as number[]) };
}

const paramsOf = (db: Database, trialId: number): readonly ParamRow[] =>
  db.prepare(SELECT.params).all(trialId) as ParamRow[];

function rowsIn(db: Database, trialId: number): TrialRows {
  const read = (part: keyof typeof SELECT): readonly unknown[] => db.prepare(SELECT[part]).all(trialId);
  return {
    params: paramsOf(db, trialId),
    intermediateValues: read('intermediateValues') as readonly NumberRow[],
    userAttrs: read('userAttrs') as readonly AttrRow[],
    systemAttrs: read('systemAttrs') as readonly AttrRow[],
  };
}
