/** Rows of Optuna's tables to trials and studies. Rows come as tuples, in the column order of the types below. */
import {
  type Distribution,
  distributionFromJson,
  distributionToJson,
  type ParamValue,
  toExternalRepr,
} from '../../src/core/distribution.ts';
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
export type ParamRow = [trialId: number, name: string, value: number, distributionJson: string];
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

export function decodeAttr(key: string, valueJson: string | null): JsonValue {
  if (valueJson === null) return null;
  try {
    return parsePythonJson(valueJson);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw corrupt(`attribute '${key}' must be JSON, but is ${valueJson.slice(0, 80)}`);
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

function attrsOf(rows: readonly AttrRow[] | undefined): Attrs {
  if (rows === undefined) return EMPTY;
  return Object.freeze(Object.fromEntries(rows.map(([, key, json]) => [key, decodeAttr(key, json)])));
}

export function trialsFromRows(rows: TrialRows): readonly FrozenTrial[] {
  const params = groupByOwner(rows.params);
  const values = groupByOwner(rows.values);
  const intermediate = groupByOwner(rows.intermediateValues);
  const userAttrs = groupByOwner(rows.userAttrs);
  const systemAttrs = groupByOwner(rows.systemAttrs);
  const trials = rows.trials.map(([trialId, number, state, start, complete]) => {
    const external: [string, ParamValue][] = [];
    const distributions: [string, Distribution][] = [];
    for (const [, name, value, json] of params.get(trialId) ?? []) {
      const distribution = parseDistribution(json);
      external.push([name, toExternalRepr(distribution, value)]);
      distributions.push([name, distribution]);
    }
    return frozenTrial({
      trialId,
      number,
      state: decodeState(state),
      params: Object.freeze(Object.fromEntries(external)),
      distributions: Object.freeze(Object.fromEntries(distributions)),
      values: values.has(trialId)
        ? Object.freeze(values.get(trialId)!.map(([, , value, type]) => decodeNumber(value, type)))
        : null,
      userAttrs: attrsOf(userAttrs.get(trialId)),
      systemAttrs: attrsOf(systemAttrs.get(trialId)),
      intermediateValues: new Map(
        intermediate.get(trialId)?.map(([, step, value, type]) => [step, decodeNumber(value, type)]),
      ),
      datetimeStart: decodeDateOrNull(start),
      datetimeComplete: decodeDateOrNull(complete),
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
      userAttrs: attrsOf(userAttrs.get(studyId)),
      systemAttrs: attrsOf(systemAttrs.get(studyId)),
    }),
  );
}
