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
  const range = { studyId, firstId, lastId };
  const firstOfAll = startOfOneBlock(db, range, nTrials, nParams);
  if (firstOfAll !== null) {
    const values = valuesInSpace(db, firstOfAll, nTrials * nParams, space);
    return (trialId) => {
      const first = (trialId - firstId) * nParams;
      return areNumbers(values, first, nParams) ? { space, values, first } : null;
    };
  }
  const found = db.prepare(BLOCKS).all(studyId, firstId, lastId, nParams, nParams - 1) as Block[];
  const blocks = found.filter(([start]) => Number.isSafeInteger(start + nParams));
  // A trial whose parameters came one at a time, while others ran, may have them after those of a later trial.
  blocks.sort(([a], [b]) => a - b);
  const params = new Map<number, KnownSpaceParams>();
  for (let from = 0, to = 0; from < blocks.length; from = to) {
    const [firstParamId] = blocks[from];
    while (to < blocks.length && blocks[to][0] === firstParamId + (to - from) * nParams) to++;
    const values = valuesInSpace(db, firstParamId, (to - from) * nParams, space);
    for (let i = from; i < to; i++) {
      const first = (i - from) * nParams;
      if (areNumbers(values, first, nParams)) params.set(blocks[i][1], { space, values, first });
    }
  }
  return (trialId) => params.get(trialId) ?? null;
}

/**
 * The first row of the parameters of trials with ids in a row, where each trial has as many rows, and these follow one another
 * in the order of the trials; null elsewhere.
 *
 * Design note: the case of a study that is alone in its file, told by one row.
 */
function startOfOneBlock(
  db: Database,
  { studyId, firstId, lastId }: Range,
  nTrials: number,
  nParams: number,
): number | null {
  if (lastId - firstId + 1 !== nTrials) return null;
  const [count, first, last, lowest, highest] = db
    .prepare(ONE_BLOCK)
    .get(nParams, nParams, studyId, firstId, lastId) as (number | null)[];
  const isWhole = count === nTrials * nParams && first !== null && last === first + count - 1;
  const start = isWhole && Number.isSafeInteger(last) ? first : null;
  // A row's id less that of its place leaves the same number only if it is its own trial's.
  const offset = start === null ? 0 : start - nParams * firstId;
  return lowest !== null && lowest >= offset && highest !== null && highest < offset + nParams ? start : null;
}

const ONE_BLOCK = `SELECT count(*), min(c.param_id), max(c.param_id),
    min(c.param_id - ? * t.trial_id), max(c.param_id - ? * t.trial_id)
  FROM trials t CROSS JOIN trial_params c ON c.trial_id = t.trial_id WHERE ${IN_RANGE}`;

/** The rows of a trial's parameters, where no other row stands between them. */
type Block = readonly [firstParamId: number, trialId: number];

const BLOCKS = `SELECT min(c.param_id), t.trial_id FROM trials t CROSS JOIN trial_params c ON c.trial_id = t.trial_id
  WHERE ${IN_RANGE} GROUP BY t.trial_id HAVING count(*) = ? AND max(c.param_id) - min(c.param_id) = ?`;

/** One for each row; null where it has another name or distribution than the space has at its place. */
function valuesInSpace(
  db: Database,
  firstParamId: number,
  count: number,
  { names, jsons }: StoredSpace,
): readonly unknown[] {
  const cases = names.map((_, k) => `WHEN ${k} THEN param_name = ? AND distribution_json = ?`);
  return db
    .column(
      `SELECT CASE WHEN CASE (param_id - ?) % ${names.length} ${cases.join(' ')} END THEN param_value END
        FROM trial_params WHERE param_id BETWEEN ? AND ? ORDER BY param_id`,
    )
    .all(
      firstParamId,
      ...names.flatMap((name, k) => [name, jsons[k]]),
      firstParamId,
      firstParamId + count - 1,
    );
}

function areNumbers(values: readonly unknown[], first: number, count: number): boolean {
  for (let i = first; i < first + count; i++) if (typeof values[i] !== 'number') return false;
  return true;
}
