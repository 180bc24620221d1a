/** The objective values of trials as columns beside them, in SQL about a table `trials t`. */

/** SQLite joins 64 tables at most. */
const MOST_OBJECTIVES = 60;

interface PlainValues {
  readonly joins: string;
  /** Whether a trial has a finite value for each objective or, unless COMPLETE, none. */
  readonly isPlain: string;
  /** The values, one column for each objective. */
  readonly columns: string;
}

/** The values of more objectives than can be joined are never plain: they are left to be read row by row. */
export function plainValues(nObjectives: number): PlainValues {
  const isJoined = nObjectives <= MOST_OBJECTIVES;
  const places = Array.from({ length: isJoined ? nObjectives : 1 }, (_, k) => k);
  const joins = places.map(
    (k) => `LEFT JOIN trial_values v${k} ON v${k}.trial_id = t.trial_id AND v${k}.objective = ${k}`,
  );
  const areFinite = places.map((k) => `v${k}.value_type = 'FINITE' AND typeof(v${k}.value) = 'real'`);
  return {
    joins: joins.join(' '),
    isPlain: `CASE (SELECT count(*) FROM trial_values c WHERE c.trial_id = t.trial_id)
      WHEN 0 THEN t.state <> 'COMPLETE' WHEN ${nObjectives} THEN ${isJoined ? areFinite.join(' AND ') : 'FALSE'} END`,
    columns: places.map((k) => `v${k}.value`).join(', '),
  };
}
