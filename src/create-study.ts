/** Composition root: puts studies, storages and default samplers together. */
import { randomInt } from 'node:crypto';
import { AutoSampler } from '../samplers/index.ts';
import { storageFromUrl } from '../storage/index.ts';
import { sharedStorage } from '../storage/shared.ts';
import type { Directions, DirectionsOf } from './core/directions.ts';
import { StorageError, ThanosError } from './core/errors.ts';
import type { StudyDirection } from './core/frozen-trial.ts';
import { BOOLEAN, checkOption, checkOptions, type OptionRule } from './core/option-rules.ts';
import type { Space, SpaceEntries } from './core/space.ts';
import type { Storage } from './core/storage.ts';
import { isChildStudy } from './core/stored-studies.ts';
import { type AnyStudy, type SpaceStudy, Study } from './core/study.ts';
import { checkStudyOptions, STUDY_NAME, STUDY_RULES } from './core/study-checks.ts';
import type { StudyEnvironment } from './core/study-environment.ts';
import type { AnyStudyOptions, StudyOptions } from './core/study-options.ts';
import { SEED_END } from './core/study-seed.ts';
import { MedianPruner } from './pruners/index.ts';

/** Where a study is kept. */
export interface PlaceOptions {
  /** Default: `no-name-<k>`, the first that is free in the storage. */
  readonly studyName?: string | undefined;
  /** `sqlite:///relative.db`, `sqlite:////absolute.db` or a Storage; default: in memory. */
  readonly storage?: string | Storage | undefined;
}

/** Options of {@link createStudy}: how the study searches, its name, and where it is kept. */
export interface CreateStudyOptions<
  S extends SpaceEntries | undefined = undefined,
  D extends Directions | undefined = Directions | undefined,
  O extends StudyDirection | undefined = StudyDirection | undefined,
  L extends boolean | undefined = boolean | undefined,
> extends StudyOptions<S, D, O>,
    PlaceOptions {
  /** Go on with the study if the name exists, instead of throwing DUPLICATED_STUDY. */
  readonly loadIfExists?: L | undefined;
}

/** Options of {@link loadStudy}; the directions are those that are stored. */
export type LoadStudyOptions<S extends SpaceEntries | undefined = undefined> = Omit<
  StudyOptions<S>,
  'direction' | 'directions'
> &
  PlaceOptions;

/** @internal The rule of every option that names a storage. */
export const STORAGE: OptionRule = {
  what: 'a URL, as sqlite:///study.db, or a Storage',
  accepts: (value) =>
    typeof value === 'string' || typeof (value as Storage | null)?.createTrial === 'function',
};
const PLACE_RULES = { studyName: STUDY_NAME, storage: STORAGE };

/** The storage of a URL; studies of this process that name the same share it. */
export async function openStorage(storage: string | Storage | undefined): Promise<Storage> {
  if (storage === undefined) return storageFromUrl(undefined);
  checkOption('storage', storage, STORAGE);
  return typeof storage === 'string' ? sharedStorage(storage) : storage;
}

function environment(storage: Storage): StudyEnvironment {
  return {
    storage,
    defaultSampler: () => new AutoSampler(),
    drawSeed: () => randomInt(SEED_END),
    defaultPruner: () => new MedianPruner(),
  };
}

/**
 * Creates a study, or loads it (`loadIfExists`).
 *
 * ```ts
 * const study = await createStudy({ direction: 'maximize', sampler: new TpeSampler({ seed: 1 }) });
 * await study.optimize((trial) => -((trial.suggestFloat('x', -5, 5) - 2) ** 2), { nTrials: 100 });
 * ```
 *
 * With a `space`, everything of the study is typed by it, and the objective is given the parameters:
 *
 * ```ts
 * const study = await createStudy({ space: { x: float(-5, 5), layers: int(1, 6) } });
 * await study.optimize(({ x, layers }) => (x - 2) ** 2 / layers, { nTrials: 100 });
 * study.bestParams.layers; // number
 * ```
 *
 * @throws StorageError DUPLICATED_STUDY, STORAGE_UNAVAILABLE, STORAGE_CORRUPT, SCHEMA_MISMATCH; ThanosError
 *   INCOMPATIBLE_DISTRIBUTION if a study that is loaded knows a parameter of the space otherwise.
 */
export function createStudy<
  const S extends SpaceEntries,
  const D extends Directions | undefined = undefined,
  const O extends StudyDirection | undefined = undefined,
  const L extends boolean | undefined = undefined,
>(
  options: CreateStudyOptions<S, D, O, L> & { readonly space: Space<S> },
): Promise<SpaceStudy<S, DirectionsOf<D, O, L>>>;
// Design note: takes spaces as well, so that what is wrong with other options beside one is what the compiler complains of.
export function createStudy<
  const S extends SpaceEntries | undefined = undefined,
  const D extends Directions | undefined = undefined,
  const O extends StudyDirection | undefined = undefined,
  const L extends boolean | undefined = undefined,
>(options?: CreateStudyOptions<S, D, O, L>): Promise<Study<S, DirectionsOf<D, O, L>>>;
export async function createStudy(
  options: CreateStudyOptions<SpaceEntries | undefined> = {},
): Promise<AnyStudy> {
  checkStudyOptions('createStudy', options, { ...PLACE_RULES, loadIfExists: BOOLEAN });
  const { storage: where, studyName, loadIfExists = false, ...rest } = options;
  const storage = await openStorage(where);
  const ifExists = loadIfExists ? 'load' : 'error';
  if (studyName !== undefined) return Study.open(environment(storage), { ...rest, studyName, ifExists });
  return createUnnamed(storage, rest);
}

/** Takes the next free name again if another process was faster. */
async function createUnnamed(storage: Storage, options: AnyStudyOptions): Promise<AnyStudy> {
  for (;;) {
    const studyName = await freeName(storage);
    try {
      return await Study.open(environment(storage), { ...options, studyName, ifExists: 'error' });
    } catch (error) {
      if (!(error instanceof ThanosError && error.code === 'DUPLICATED_STUDY')) throw error;
    }
  }
}

async function freeName(storage: Storage): Promise<string> {
  const taken = new Set((await storage.listStudies()).map((study) => study.studyName));
  let k = 0;
  while (taken.has(`no-name-${k}`)) k++;
  return `no-name-${k}`;
}

/**
 * Loads a study; the name may be left out if the storage holds one study.
 *
 * ```ts
 * const study = await loadStudy({ studyName: 'demo', storage: 'sqlite:///demo.db' });
 * console.log(study.trials.length, study.bestTrials[0]?.params);
 * ```
 *
 * @throws StorageError STUDY_NOT_FOUND, with the names that there are.
 */
export function loadStudy<const S extends SpaceEntries>(
  options: LoadStudyOptions<S> & { readonly space: Space<S> },
): Promise<SpaceStudy<S>>;
export function loadStudy<const S extends SpaceEntries | undefined = undefined>(
  options: LoadStudyOptions<S>,
): Promise<Study<S>>;
export async function loadStudy(options: LoadStudyOptions<SpaceEntries | undefined>): Promise<AnyStudy> {
  const { direction: _, directions: __, ...rules } = STUDY_RULES;
  checkOptions('loadStudy', options, { ...rules, ...PLACE_RULES });
  const { storage: where, studyName, ...rest } = options;
  const storage = await openStorage(where);
  const studies = await storage.listStudies();
  const names = studies.filter((study) => !isChildStudy(study)).map((s) => s.studyName);
  const name = studyName ?? (names.length === 1 ? names[0] : undefined);
  if (name === undefined || !studies.some((study) => study.studyName === name))
    throw new StorageError(
      'STUDY_NOT_FOUND',
      name === undefined
        ? `the name may be left out only if the storage holds one study, but it holds ${names.length}: ${names.join(', ')}`
        : `there is no study '${name}'; the storage holds: ${names.join(', ') || 'none'}`,
    );
  return Study.open(environment(storage), { ...rest, studyName: name, ifExists: 'load' });
}

/** Deletes a study with its trials and child studies. @throws StorageError STUDY_NOT_FOUND. */
export async function deleteStudy(options: { studyName: string; storage: string | Storage }): Promise<void> {
  checkOptions('deleteStudy', options, PLACE_RULES);
  const { studyName } = options;
  checkOption('studyName', studyName, STUDY_NAME);
  checkOption('storage', options.storage, STORAGE);
  const storage = await openStorage(options.storage);
  const record = await storage.findStudy(studyName);
  if (record === null)
    throw new StorageError('STUDY_NOT_FOUND', `there is no study '${studyName}' to delete`);
  await storage.deleteStudy(record.studyId);
}
