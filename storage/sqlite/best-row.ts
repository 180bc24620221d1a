/**
 * The best trial of a study of one objective, found without a row of JavaScript for each trial; or null where telling it takes
 * more than that.
 */
import { isCandidate } from '../../src/core/best.ts';
import { damageOf } from '../../src/core/damage.ts';
import type { FrozenTrial, StudyDirection } from '../../src/core/frozen-trial.ts';
import type { Database } from './driver.ts';

/** The most trials that are read one by one: where more good ones are infeasible, reading all outcomes is faster. */
const MOST_READ = 20;

/** By value, the earliest of equals first. What is no number comes first or last: it is read, and found damaged, or not needed. */
const BY_VALUE = (direction: StudyDirection): string => `SELECT t.trial_id FROM trials t
    CROSS JOIN trial_values v ON v.trial_id = t.trial_id AND v.objective = 0
  WHERE t.study_id = ? AND t.state = 'COMPLETE'
  ORDER BY CASE v.value_type WHEN 'FINITE' THEN v.value WHEN 'INF_POS' THEN 9e999 WHEN 'INF_NEG' THEN -9e999 END
    ${direction === 'minimize' ? 'ASC' : 'DESC'}, t.trial_id LIMIT ${MOST_READ}`;

/** Whether the trials up to this one are numbered as they should be. */
const IS_NUMBERED = `SELECT NOT EXISTS (SELECT 1 FROM
    (SELECT number, row_number() OVER (ORDER BY trial_id) - 1 AS place FROM trials WHERE study_id = ? AND trial_id <= ?)
  WHERE number IS NOT place)`;

export function bestByValue(
  db: Database,
  studyId: number,
  direction: StudyDirection,
  read: (trialId: number) => FrozenTrial | undefined,
): FrozenTrial | null {
  for (const trialId of db.column(BY_VALUE(direction)).all(studyId) as number[]) {
    const trial = read(trialId);
    if (trial === undefined || damageOf(trial) !== null) return null;
    if (!isCandidate(trial)) continue;
    return db.column(IS_NUMBERED).get(studyId, trialId) === 1 ? trial : null;
  }
  return null;
}
