/** Rows of Optuna's tables to trials and studies. Rows come as tuples, in the column order of the types below. */
import {
  contains,
  type Distribution,
  distributionFromJson,
  distributionToJson,
  type ParamValue,
  toExternalRepr,
} from '../../src/core/distribution.ts';
import { ThanosError } from '../../src/core/errors.ts';
import { type Attrs, type FrozenTrial, frozenTrial, type JsonValue } from '../../src/core/frozen-trial.ts';
import { parsePythonJson } from '../../src/core/python-json.ts';
import type { StudyRecord } from '../../src/core/storage.ts';
import { corrupt, decodeDateOrNull, decodeDirection, decodeNumber, decodeState } from './encoding.ts';

export type TrialRow = [
  trialId: number,
  number: number,
  state: string,
  start: string | null,
  complete: string | null,
];
export type ParamRow = [trialId: number, name: string, value: number | null, distributionJson: string];
/** `place` is the objective, or the step. */
export type NumberRow = [trialId: number, place: number, value: number | null, type: string];
export type AttrRow = [ownerId: number, key: string, valueJson: string | null];
export type StudyRow = [studyId: number, studyName: string];
export type DirectionRow = [studyId: number, direction: string];

/** Rows that belong to trials, each list in the order of its place within the trial. */
export interface TrialRows {
  readonly trials: readonly TrialRow[];
  readonly params: readonly ParamRow[];
  readonly values: readonly NumberRow[];
  readonly intermediateValues: readonly NumberRow[];
  readonly userAttrs: readonly AttrRow[];
  readonly systemAttrs: readonly AttrRow[];
}

export interface StudyRows {
  readonly studies: readonly StudyRow[];
  readonly directions: readonly DirectionRow[];
  readonly userAttrs: readonly AttrRow[];
  readonly systemAttrs: readonly AttrRow[];
}

/** A study has few distributions and many trials, so each JSON text is parsed once. */
const MAX_PARSED = 4096;
const parsed = new Map<string, Distribution>();
const written = new WeakMap<Distribution, string>();

/** Whose rows are read, for errors. */
interface Place {
  readonly table: string;
  /** Column and value that the rows of one study or trial have in common. */
  readonly owner: string;
  /** As a user knows it. */
  readonly whose: string;
}

export const studyAttrs = (kind: 'user' | 'system', studyId: number, studyName: string): Place => ({
  table: `study_${kind}_attributes`,
  owner: `study_id = ${studyId}`,
  whose: `study '${studyName}'`,
});

export const ofTrial = (table: string, trialId: number, whose: string): Place => ({
  table,
  owner: `trial_id = ${trialId}`,
  whose,
});

/** One row that cannot be read: says where it is, and how the rest can be read nevertheless. */
function oddRow(
  { table, owner, whose }: Place,
  what: string,
  key: string,
  rule: string,
  cause?: unknown,
): Error {
  return corrupt(
    `${what} of ${whose} cannot be read: ${rule}; correct this row, or delete it: ` +
      `DELETE FROM ${table} WHERE ${owner} AND ${key}`,
    cause,
  );
}

const sqlText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

function decodeParam(
  whose: string,
  [trialId, name, internal, json]: ParamRow,
): readonly [Distribution, ParamValue] {
  const odd = (rule: string, cause?: unknown): Error =>
    oddRow(
      ofTrial('trial_params', trialId, whose),
      `parameter '${name}'`,
      `param_name = ${sqlText(name)}`,
      rule,
      cause,
    );
  let distribution: Distribution;
  try {
    distribution = parseDistribution(json);
  } catch (error) {
    if (!(error instanceof ThanosError)) throw error;
    throw odd(error.message, error);
  }
  const isValue =
    typeof internal === 'number' && (distribution.kind !== 'categorical' || contains(distribution, internal));
  if (!isValue)
    throw odd(
      distribution.kind === 'categorical'
        ? `its value must be the index of one of ${distribution.choices.length} choices, but is ${internal}`
        : `its value must be a number, but is ${internal}`,
    );
  return [distribution, toExternalRepr(distribution, internal)];
}

function decodeValue(whose: string, [trialId, objective, value, type]: NumberRow): number {
  const number = decodeNumber(value, type);
  if (number === null)
    throw oddRow(
      ofTrial('trial_values', trialId, whose),
      `objective value ${objective}`,
      `objective = ${objective}; UPDATE trials SET state = 'FAIL' WHERE trial_id = ${trialId}`,
      `it must be a FINITE number, INF_POS or INF_NEG, but is ${type} ${value}`,
    );
  return number;
}

function parseDistribution(json: string): Distribution {
  let distribution = parsed.get(json);
  if (distribution === undefined) {
    distribution = distributionFromJson(json);
    if (parsed.size >= MAX_PARSED) parsed.clear();
    parsed.set(json, distribution);
  }
  return distribution;
}

export function encodeDistribution(distribution: Distribution): string {
  let json = written.get(distribution);
  if (json === undefined) {
    json = distributionToJson(distribution);
    written.set(distribution, json);
  }
  return json;
}

export function decodeAttr(place: Place, key: string, valueJson: string | null): JsonValue {
  if (valueJson === null) return null;
  try {
    return parsePythonJson(valueJson);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw oddRow(
      place,
      `attribute '${key}'`,
      `"key" = ${sqlText(key)}`,
      `it must be JSON, but is ${valueJson.slice(0, 80)}`,
      error,
    );
  }
}

function groupByOwner<Row extends readonly [number, ...unknown[]]>(rows: readonly Row[]): Map<number, Row[]> {
  const groups = new Map<number, Row[]>();
  for (const row of rows) {
    const group = groups.get(row[0]);
    if (group === undefined) groups.set(row[0], [row]);
    else group.push(row);
  }
  return groups;
}

const EMPTY: Attrs = Object.freeze({});

function attrsOf(place: Place, rows: readonly AttrRow[] | undefined): Attrs {
  if (rows === undefined) return EMPTY;
  return Object.freeze(Object.fromEntries(rows.map(([, key, json]) => [key, decodeAttr(place, key, json)])));
}

/** @throws StorageError STORAGE_CORRUPT naming study, trial and row. An intermediate value that is no number reads as NaN. */
export function trialsFromRows(rows: TrialRows, studyName: string): readonly FrozenTrial[] {
  const params = groupByOwner(rows.params);
  const values = groupByOwner(rows.values);
  const intermediate = groupByOwner(rows.intermediateValues);
  const userAttrs = groupByOwner(rows.userAttrs);
  const systemAttrs = groupByOwner(rows.systemAttrs);
  const trials = rows.trials.map(([trialId, number, state, start, complete]) => {
    const whose = `trial ${number} of study '${studyName}'`;
    const external: [string, ParamValue][] = [];
    const distributions: [string, Distribution][] = [];
    for (const row of params.get(trialId) ?? []) {
      const [distribution, value] = decodeParam(whose, row);
      external.push([row[1], value]);
      distributions.push([row[1], distribution]);
    }
    return frozenTrial({
      trialId,
      number,
      state: decodeState(state, whose),
      params: Object.freeze(Object.fromEntries(external)),
      distributions: Object.freeze(Object.fromEntries(distributions)),
      values: values.has(trialId)
        ? Object.freeze(values.get(trialId)!.map((row) => decodeValue(whose, row)))
        : null,
      userAttrs: attrsOf(ofTrial('trial_user_attributes', trialId, whose), userAttrs.get(trialId)),
      systemAttrs: attrsOf(ofTrial('trial_system_attributes', trialId, whose), systemAttrs.get(trialId)),
      intermediateValues: new Map(
        intermediate
          .get(trialId)
          ?.map(([, step, value, type]) => [step, decodeNumber(value, type) ?? Number.NaN]),
      ),
      datetimeStart: decodeDateOrNull(start, whose),
      datetimeComplete: decodeDateOrNull(complete, whose),
    });
  });
  return Object.freeze(trials);
}

export function studiesFromRows(rows: StudyRows): readonly StudyRecord[] {
  const directions = groupByOwner(rows.directions);
  const userAttrs = groupByOwner(rows.userAttrs);
  const systemAttrs = groupByOwner(rows.systemAttrs);
  return rows.studies.map(([studyId, studyName]) =>
    Object.freeze({
      studyId,
      studyName,
      directions: Object.freeze((directions.get(studyId) ?? []).map(([, name]) => decodeDirection(name))),
      userAttrs: attrsOf(studyAttrs('user', studyId, studyName), userAttrs.get(studyId)),
      systemAttrs: attrsOf(studyAttrs('system', studyId, studyName), systemAttrs.get(studyId)),
    }),
  );
}
