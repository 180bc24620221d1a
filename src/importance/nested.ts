/** Importance over two levels: the parameters of trials and those of the studies that the trials own, in one list. */
import { InvalidArgumentError, StorageError } from '../core/errors.ts';
import { type FrozenTrial, frozenTrial, SYSTEM_ATTR } from '../core/frozen-trial.ts';
import { assertName } from '../core/names.ts';
import { shown } from '../core/shown.ts';
import type { Storage, StudyRecord } from '../core/storage.ts';
import {
  type ImportanceOptions,
  type ImportanceSource,
  type ParamImportance,
  paramImportances,
} from './param-importances.ts';

/** A `Study`, or what is needed of one. */
export interface NestedSource {
  /** The outer study's name. */
  readonly studyName: string;
  /** The storage that holds it and its child studies. */
  readonly storage: Storage;
}

/**
 * The inner trials of all child studies `<study>/<trial number>/<childName>`, each with its outer trial's parameters too. Outer
 * parameters keep their names, inner ones are called `<childName>/<name>`.
 * @throws InvalidArgumentError if no trial owns such a study, or if their directions differ.
 */
export async function pooledTrials(source: NestedSource, childName: string): Promise<ImportanceSource> {
  if (typeof source?.storage?.listStudies !== 'function')
    throw new InvalidArgumentError(
      `pooledTrials needs a study, or its { studyName, storage }, but got ${shown(source)}`,
    );
  assertName('the name of a child study', childName);
  const { studyName, storage } = source;
  const records = new Map((await storage.listStudies()).map((record) => [record.studyName, record]));
  const parent = records.get(studyName);
  if (parent === undefined)
    throw new StorageError('STUDY_NOT_FOUND', `there is no study '${studyName}' in this storage`);
  const pooled: FrozenTrial[] = [];
  let first: StudyRecord | null = null;
  const owners = await storage.getTrials(parent.studyId);
  for (const outer of owners) {
    const child = records.get(`${studyName}/${outer.number}/${childName}`);
    if (child === undefined) continue;
    first ??= child;
    assertSameDirections(first, child);
    for (const inner of await storage.getTrials(child.studyId))
      pooled.push(merged(outer, inner, childName, pooled.length));
  }
  if (first === null) throw noSuchChild(studyName, childName, owners);
  return { trials: pooled, directions: first.directions };
}

/**
 * How much the parameters of a study and of the studies that its trials own matter for the inner objective, in one list; see
 * `pooledTrials` for the names. Options as of `paramImportances`; a target function gets the pooled trials.
 */
export async function nestedParamImportances(
  source: NestedSource,
  childName: string,
  options: ImportanceOptions = {},
): Promise<readonly ParamImportance[]> {
  return paramImportances(await pooledTrials(source, childName), options);
}

/** The inner trial, numbered in the pool, with the outer one's parameters before its own. */
function merged(outer: FrozenTrial, inner: FrozenTrial, childName: string, number: number): FrozenTrial {
  const underChild = <V>(entries: Readonly<Record<string, V>>): Record<string, V> =>
    Object.fromEntries(Object.entries(entries).map(([name, entry]) => [`${childName}/${name}`, entry]));
  return frozenTrial({
    ...inner,
    number,
    params: { ...outer.params, ...underChild(inner.params) },
    distributions: { ...outer.distributions, ...underChild(inner.distributions) },
  });
}

function assertSameDirections(first: StudyRecord, child: StudyRecord): void {
  if (child.directions.join() !== first.directions.join())
    throw new InvalidArgumentError(
      `child studies can be pooled if they have the same directions, but '${first.studyName}' has ` +
        `[${first.directions.join(', ')}] and '${child.studyName}' has [${child.directions.join(', ')}]`,
    );
}

function noSuchChild(
  studyName: string,
  childName: string,
  owners: readonly FrozenTrial[],
): InvalidArgumentError {
  const names = new Set(
    owners.flatMap(({ systemAttrs }) => (systemAttrs[SYSTEM_ATTR.children] ?? []) as string[]),
  );
  return new InvalidArgumentError(
    `no trial of '${studyName}' owns a study called '${childName}'; ` +
      `${names.size === 0 ? 'they own none' : `they own: ${[...names].join(', ')}`}`,
  );
}
