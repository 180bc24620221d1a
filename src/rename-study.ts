import { InvalidArgumentError, StorageError, ThanosError } from './core/errors.ts';
import { checkOption, checkOptions } from './core/option-rules.ts';
import { shown } from './core/shown.ts';
import type { Storage } from './core/storage.ts';
import { isChildStudy } from './core/stored-studies.ts';
import { STUDY_NAME } from './core/study-checks.ts';
import { openStorage, STORAGE } from './create-study.ts';

/** Options of {@link renameStudy}. */
export interface RenameStudyOptions {
  /** The name that the study has. */
  readonly studyName: string;
  /** The name that it gets; it must be free in the storage. */
  readonly newStudyName: string;
  /** A URL, as `sqlite:///studies.db`, or a Storage. */
  readonly storage: string | Storage;
}

const RULES = { studyName: STUDY_NAME, newStudyName: STUDY_NAME, storage: STORAGE };

/**
 * Gives a study another name; its trials stay as they are, and its child studies are renamed with it. Nobody may be at work on it.
 * Study objects that know it by its old name are of no use any more: load it again.
 *
 * What follows from the name goes by the new one from then on: the brackets of a HyperbandPruner, and the seeds of child studies
 * that are created later.
 * @throws StorageError STUDY_NOT_FOUND, DUPLICATED_STUDY; ThanosError STUDY_UNFINISHED while a process may be at work on it,
 *   UNSUPPORTED if the storage cannot rename; InvalidArgumentError for a child study, which is named after its trial.
 */
export async function renameStudy(options: RenameStudyOptions): Promise<void> {
  checkOptions('renameStudy', options, RULES);
  for (const name of ['studyName', 'newStudyName', 'storage'] as const)
    checkOption(name, options[name], RULES[name]);
  const { studyName, newStudyName } = options;
  const storage = await openStorage(options.storage);
  const record = await storage.findStudy(studyName);
  if (record === null)
    throw new StorageError('STUDY_NOT_FOUND', `there is no study '${studyName}' to rename`);
  if (isChildStudy(record))
    throw new InvalidArgumentError(
      `a child study is named after its trial, so ${shown(studyName)} keeps its name; rename the study at the top, or copy ` +
        'this one with copyStudy',
    );
  if (storage.renameStudy === undefined)
    throw new ThanosError(
      'UNSUPPORTED',
      'this storage cannot rename a study; copy it with copyStudy, and delete the first one with deleteStudy',
    );
  await storage.renameStudy(record.studyId, newStudyName);
}
