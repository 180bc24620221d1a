/** Rows of Optuna's tables to distributions, attributes and studies. Rows come as tuples, in the column order of the types below. */

import { markDamaged } from '../../src/core/damage.ts';
import { type Distribution, distributionFromJson, distributionToJson } from '../../src/core/distribution.ts';
import type { StorageError } from '../../src/core/errors.ts';
import type { Attrs, JsonValue, StudyDirection } from '../../src/core/frozen-trial.ts';
import { NO_ATTRS, setOwn } from '../../src/core/json.ts';
import { parsePythonJson } from '../../src/core/python-json.ts';
import type { StudyRecord } from '../../src/core/storage.ts';
import { corrupt, decodeDirection } from './encoding.ts';
import { columnIs, DamageReport, oddRow, type Place, shownCell, studyAttrs } from './odd-row.ts';
import { assertOwnAttr } from './own-attrs.ts';

export type AttrRow = [key: string, valueJson: string | null];
type Owned<Row extends readonly unknown[]> = [ownerId: number, ...Row];
export type OwnedAttrRow = Owned<AttrRow>;
export type StudyRow = [studyId: number, studyName: string];
export type DirectionRow = [studyId: number, objective: number, direction: string];

export interface StudyRows {
  readonly studies: readonly StudyRow[];
  readonly directions: readonly DirectionRow[];
  readonly userAttrs: readonly OwnedAttrRow[];
  readonly systemAttrs: readonly OwnedAttrRow[];
}

/** A study has few distributions and many trials, so each JSON text is parsed once. */
const MAX_PARSED = 4096;
const parsed = new Map<string, Distribution>();
const written = new WeakMap<Distribution, string>();

/** @throws ThanosError INVALID_DISTRIBUTION */
export function parseDistribution(json: string): Distribution {
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

/** @throws StorageError STORAGE_CORRUPT naming the row. */
export function decodeAttr(place: Place, key: string, valueJson: string | null): JsonValue {
  const odd = (rule: string, cause?: unknown): StorageError =>
    oddRow(place, `attribute '${shownCell(key)}'`, columnIs('"key"', key), rule, cause);
  if (typeof key !== 'string') throw odd(`its key must be a text, but is ${shownCell(key)}`);
  if (valueJson === null) return null;
  let value: JsonValue;
  try {
    value = parsePythonJson(valueJson);
  } catch (error) {
    throw odd(`it must be JSON, but is ${shownCell(valueJson)}`, error);
  }
  if (place.table.includes('system')) assertOwnAttr(key, value, odd);
  return value;
}

/** Those that can be read; the others are reported. */
export function attrsOf(place: Place, rows: readonly AttrRow[], report: DamageReport): Attrs {
  if (rows.length === 0) return NO_ATTRS;
  const attrs: Record<string, JsonValue> = {};
  for (const [key, json] of rows)
    report.attempt(() => {
      setOwn(attrs, key, decodeAttr(place, key, json));
    });
  return Object.freeze(attrs);
}

function groupByOwner<Row extends readonly unknown[]>(rows: readonly Owned<Row>[]): Map<number, Row[]> {
  const groups = new Map<number, Row[]>();
  for (const [ownerId, ...row] of rows) {
    const group = groups.get(ownerId);
    if (group === undefined) groups.set(ownerId, [row as unknown as Row]);
    else group.push(row as unknown as Row);
  }
  return groups;
}

/** A study with rows that cannot be read is there without them, and marked as damaged. */
export function studiesFromRows(rows: StudyRows): readonly StudyRecord[] {
  const directions = groupByOwner(rows.directions);
  const userAttrs = groupByOwner<AttrRow>(rows.userAttrs);
  const systemAttrs = groupByOwner<AttrRow>(rows.systemAttrs);
  return rows.studies.map(([studyId, storedName]) => {
    const report = new DamageReport();
    const studyName = String(storedName);
    if (typeof storedName !== 'string')
      report.add(
        corrupt(
          `the name of the study with id ${studyId} must be a text, but is ${shownCell(storedName)}; correct it: ` +
            `UPDATE studies SET study_name = 'NAME' WHERE study_id = ${studyId}`,
        ),
      );
    const record = Object.freeze({
      studyId,
      studyName,
      directions: directionsOf(studyId, studyName, directions.get(studyId) ?? [], report),
      userAttrs: attrsOf(studyAttrs('user', studyId, studyName), userAttrs.get(studyId) ?? [], report),
      systemAttrs: attrsOf(studyAttrs('system', studyId, studyName), systemAttrs.get(studyId) ?? [], report),
    });
    return report.first === null ? record : markDamaged(record, report.first);
  });
}

/** Minimize where there is no direction that can be read. */
function directionsOf(
  studyId: number,
  studyName: string,
  rows: readonly (readonly [objective: number, direction: string])[],
  report: DamageReport,
): readonly StudyDirection[] {
  const odd = (rule: string, mend: string): void =>
    report.add(
      corrupt(`the directions of study '${studyName}' cannot be read: ${rule}; correct them: ${mend}`),
    );
  if (rows.length === 0)
    odd(
      'there must be one for each objective, but there is none',
      `INSERT INTO study_directions (direction, study_id, objective) VALUES ('MINIMIZE', ${studyId}, 0)`,
    );
  const directions = rows.map(([objective, stored], i) => {
    const direction = decodeDirection(stored);
    const where = `WHERE study_id = ${studyId} AND ${columnIs('objective', objective)}`;
    if (objective !== i)
      odd(
        `objectives must be numbered from 0, but one is ${shownCell(objective)}`,
        `UPDATE study_directions SET objective = ${i} ${where}`,
      );
    if (direction === null)
      odd(
        `each must be MINIMIZE or MAXIMIZE, but one is ${shownCell(stored)}`,
        `UPDATE study_directions SET direction = 'MINIMIZE' ${where}`,
      );
    return direction ?? 'minimize';
  });
  return Object.freeze(directions.length === 0 ? ['minimize'] : directions);
}
