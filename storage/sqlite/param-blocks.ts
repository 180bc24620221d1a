/**
 * The parameters of many trials that have the same space, as one column of numbers.
 *
 * Design note: parameters are by far the most rows of a study, and most of the time goes where a row becomes an object of
 * JavaScript. The rows of a trial mostly follow one another, and so do those of one trial after another. Then their values are
 * read as one column, while SQLite compares the names and distributions.
 */
import type { KnownSpaceParams, StoredSpace } from '../sql/trial-decoder.ts';
import type { Database } from './driver.ts';
import { IN_RANGE, type InTurn, type Range } from './range.ts';

/** SQLite finds the place of a row by one comparison after another: of more parameters, reading row by row is as fast. */
const MOST_PARAMS = 100;

/** The parameters of a trial whose rows follow one another and are those of the space, no more and no fewer; null for others. */
export function paramsInSpace(
  db: Database,
  { studyId, firstId, lastId }: Range,
  nTrials: number,
  space: StoredSpace,
): InTurn<KnownSpaceParams | null> {
  const nParams = space.names.length;
  if (nParams === 0 || nParams > MOST_PARAMS) return () => null;
  const ofAll = valuesOfOneBlock(db, firstId, lastId, nTrials, space);
  if (ofAll !== null) return (trialId) => ({ space, values: ofAll, first: (trialId - firstId) * nParams });
  const found = db.prepare(BLOCKS).all(studyId, firstId, lastId, nParams, nParams - 1) as Block[];
  const blocks = found.filter(([start]) => Number.isSafeInteger(start + nParams));
  // A trial whose parameters came one at a time, while others ran, may have them after those of a later trial.
  blocks.sort(([a], [b]) => a - b);
  const params = new Map<number, KnownSpaceParams>();
  for (let from = 0, to = 0; from < blocks.length; from = to) {
    const [firstParamId] = blocks[from];
    while (to < blocks.length && blocks[to][0] === firstParamId + (to - from) * nParams) to++;
    const place = `(param_id - CAST(? AS INTEGER)) % ${nParams}`;
    const values = valuesInSpace(db, space, place, firstParamId, firstParamId, (to - from) * nParams);
    for (let i = from; i < to; i++) {
      const first = (i - from) * nParams;
      if (areNumbers(values, first, nParams)) params.set(blocks[i][1], { space, values, first });
    }
  }
  return (trialId) => params.get(trialId) ?? null;
}

/**
 * The values of trials with ids in a row, where each trial has all parameters of the space and no others, and their rows follow
 * one another in the order of the trials; null elsewhere.
 *
 * Design note: the case of a study that is alone in its file. If there is a row of its own trial at each place, and these are
 * as many rows as the trials have in all, none is elsewhere.
 */
function valuesOfOneBlock(
  db: Database,
  firstId: number,
  lastId: number,
  nTrials: number,
  space: StoredSpace,
): readonly unknown[] | null {
  if (lastId - firstId + 1 !== nTrials) return null;
  const nParams = space.names.length;
  const count = nTrials * nParams;
  const [nRows, start] = db.prepare(COUNT_AND_START).get(firstId, firstId, lastId) as [number, number | null];
  if (nRows !== count || start === null) return null;
  if (!Number.isSafeInteger(start + count) || !Number.isSafeInteger(lastId * nParams)) return null;
  // A row's id less that of its trial's first place is its place only if it is its own trial's.
  const place = `param_id - ${nParams} * trial_id - CAST(? AS INTEGER)`;
  const values = valuesInSpace(db, space, place, start - nParams * firstId, start, count);
  return values.length === count && areNumbers(values, 0, count) ? values : null;
}

const COUNT_AND_START = `SELECT count(*), (SELECT min(param_id) FROM trial_params WHERE trial_id = ?)
  FROM trial_params WHERE trial_id BETWEEN ? AND ? AND typeof(trial_id) = 'integer'`;

/** The rows of a trial's parameters, where no other row stands between them. */
type Block = readonly [firstParamId: number, trialId: number];

const BLOCKS = `SELECT min(c.param_id), t.trial_id FROM trials t CROSS JOIN trial_params c ON c.trial_id = t.trial_id
  WHERE ${IN_RANGE} GROUP BY t.trial_id HAVING count(*) = ? AND max(c.param_id) - min(c.param_id) = ?`;

/**
 * One for each row; null where it has another name or distribution than the space has at its place.
 *
 * @param place in SQL, with one parameter `origin`: the row's place within its trial
 */
function valuesInSpace(
  db: Database,
  { names, jsons }: StoredSpace,
  place: string,
  origin: number,
  firstParamId: number,
  count: number,
): readonly unknown[] {
  const cases = names.map((_, k) => `WHEN ${k} THEN param_name = ? AND distribution_json = ?`);
  return db
    .column(
      `SELECT CASE WHEN CASE ${place} ${cases.join(' ')} END THEN param_value END
        FROM trial_params WHERE param_id BETWEEN ? AND ? ORDER BY param_id`,
    )
    .all(origin, ...names.flatMap((name, k) => [name, jsons[k]]), firstParamId, firstParamId + count - 1);
}

function areNumbers(values: readonly unknown[], first: number, count: number): boolean {
  for (let i = first; i < first + count; i++) if (typeof values[i] !== 'number') return false;
  return true;
}
