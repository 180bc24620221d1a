import { familyOf } from '../storage/child-studies.ts';
import { StorageError } from './core/errors.ts';
import { type Attrs, type FrozenTrial, isFinished, SYSTEM_ATTR } from './core/frozen-trial.ts';
import { isPlainObject } from './core/json.ts';
import { checkOption, checkOptions, SYNC_FUNCTION } from './core/option-rules.ts';
import type { Storage, StudyRecord } from './core/storage.ts';
import { STUDY_NAME } from './core/study-checks.ts';
import { openStorage, STORAGE } from './create-study.ts';

/** Options of {@link copyStudy}. */
export interface CopyStudyOptions {
  /** The study to copy. */
  readonly fromStudyName: string;
  /** Where it is: a URL, as `sqlite:///studies.db`, or a Storage. */
  readonly fromStorage: string | Storage;
  /** Where the copy goes: a URL, as `sqlite:///copy.db`, or a Storage. */
  readonly toStorage: string | Storage;
  /** Default: `fromStudyName`. */
  readonly toStudyName?: string | undefined;
  /**
   * Says which trials of the study the copy is to have; default: all. The kept ones are numbered 0, 1 … anew, and take their child
   * studies along. This is how to get rid of trials: a study itself never loses one, since those after it were drawn in the
   * knowledge of it.
   */
  readonly keepTrial?: ((trial: FrozenTrial) => boolean) | undefined;
}

const RULES = {
  fromStudyName: STUDY_NAME,
  fromStorage: STORAGE,
  toStorage: STORAGE,
  toStudyName: STUDY_NAME,
  keepTrial: SYNC_FUNCTION,
};

/**
 * Copies a study with its attributes, trials and child studies, recursively. Numbers (unless `keepTrial` leaves trials out), times and
 * states stay as they are; a RUNNING
 * trial has no process at work on it in the copy, so it is released there: the next run re-enters it. Optuna: `copy_study`, which
 * knows no child studies.
 * @throws StorageError STUDY_NOT_FOUND, DUPLICATED_STUDY (nothing is written then).
 */
export async function copyStudy(options: CopyStudyOptions): Promise<void> {
  checkOptions('copyStudy', options, RULES);
  for (const name of ['fromStudyName', 'fromStorage', 'toStorage'] as const)
    checkOption(name, options[name], RULES[name]);
  const { fromStudyName, toStudyName = fromStudyName } = options;
  const from = await openStorage(options.fromStorage);
  const to = await openStorage(options.toStorage);
  const studies = await from.listStudies();
  const root = studies.find((study) => study.studyName === fromStudyName);
  if (root === undefined)
    throw new StorageError('STUDY_NOT_FOUND', `there is no study '${fromStudyName}' to copy`);
  const numbers = await keptNumbers(from, root, options.keepTrial);
  const renamed = (name: string): string =>
    toStudyName + withNumber(name.slice(fromStudyName.length), (number) => numbers?.get(number) ?? number);
  const isKept = ({ studyName }: StudyRecord): boolean => {
    const [, number] = OWNER.exec(studyName.slice(fromStudyName.length)) ?? [];
    return numbers === null || number === undefined || numbers.has(Number(number));
  };
  const kin = studies.map((study) => ({ ...study, parent: study.systemAttrs[SYSTEM_ATTR.parent] }));
  const family = familyOf(root.studyId, kin)
    .map((id) => studies.find(({ studyId }) => studyId === id)!)
    .filter(isKept);
  await removeHalfCopy(to, toStudyName);
  await assertAllNew(
    to,
    family.map((study) => renamed(study.studyName)),
  );
  const mark = await createMark(to, toStudyName);
  let copied: StudyRecord | null = null;
  try {
    await to.createTrial(mark.studyId, { state: 'RUNNING' });
    for (const study of family) {
      const copy = await to.createStudy(
        renamed(study.studyName),
        study.directions,
        systemAttrsOf(study, root, renamed, numbers),
      );
      if (copied === null) await to.setStudyAttr(mark.studyId, 'system', COPY_ID, copy.studyId);
      copied ??= copy;
      for (const [key, value] of Object.entries(study.userAttrs))
        await to.setStudyAttr(copy.studyId, 'user', key, value);
      const renumbered = study === root ? numbers : null;
      for (const trial of await from.getTrials(study.studyId))
        if (renumbered === null) await copyTrial(trial, copy.studyId, to);
        else if (renumbered.has(trial.number)) await copyTrial(withoutNumbers(trial), copy.studyId, to);
    }
    await to.deleteStudy(mark.studyId);
  } catch (error) {
    // With it goes the mark, which is its child.
    await to.deleteStudy((copied ?? mark).studyId);
    throw error;
  }
}

/** The trial of the study that owns a child, in the child's name after that of the study. */
const OWNER = /^\/(\d+)(?=\/)/;

const withNumber = (path: string, numberOf: (number: number) => number): string =>
  path.replace(OWNER, (_, number: string) => `/${numberOf(Number(number))}`);

/** The number in the copy of each trial that is kept; null if all are. */
async function keptNumbers(
  from: Storage,
  { studyId }: StudyRecord,
  keepTrial: CopyStudyOptions['keepTrial'],
): Promise<ReadonlyMap<number, number> | null> {
  if (keepTrial === undefined) return null;
  const trials = await from.getTrials(studyId);
  const kept = trials.filter((trial) => keepTrial(trial));
  if (kept.length === trials.length) return null;
  return new Map(kept.map(({ number }, k) => [number, k]));
}

/** The trial without what it knows of the numbers of others. */
function withoutNumbers(trial: FrozenTrial): FrozenTrial {
  const { [SYSTEM_ATTR.running]: _, [SYSTEM_ATTR.batch]: __, ...systemAttrs } = trial.systemAttrs;
  return { ...trial, systemAttrs };
}

const COPY_ID = 'thanos:copy';

/**
 * The study that marks a copy as begun: a child of the copy, which is made before it, so that a process that is killed leaves
 * no part of a copy without its mark. Its one trial is this process's for as long as it copies.
 */
async function createMark(to: Storage, studyName: string): Promise<StudyRecord> {
  const parent = { study: studyName, trial: 0 };
  return to.createStudy(markName(studyName), ['minimize'], { [SYSTEM_ATTR.parent]: parent });
}

const markName = (studyName: string): string => `${studyName}/0/${COPY_ID}`;

/** What a copy left behind whose process was killed. @throws StorageError DUPLICATED_STUDY if it is still at work. */
async function removeHalfCopy(to: Storage, studyName: string): Promise<void> {
  const mark = await to.findStudy(markName(studyName));
  if (mark === null) return;
  const hasOwner = (await to.getTrials(mark.studyId)).length > 0;
  if (hasOwner && (await to.claimTrial(mark.studyId)) === null)
    throw new StorageError(
      'DUPLICATED_STUDY',
      `two copies need two names, but another process is copying a study to '${studyName}'; wait for it, or choose another ` +
        'toStudyName',
    );
  const half = await to.findStudy(studyName);
  // A study that somebody else has made under that name meanwhile stays.
  const isOurs = half !== null && (await isCopyOf(half, mark, to));
  await to.deleteStudy(isOurs ? half.studyId : mark.studyId);
}

async function isCopyOf(half: StudyRecord, mark: StudyRecord, to: Storage): Promise<boolean> {
  if (COPY_ID in mark.systemAttrs) return mark.systemAttrs[COPY_ID] === half.studyId;
  return (await to.getTrials(half.studyId)).length === 0;
}

async function assertAllNew(to: Storage, names: readonly string[]): Promise<void> {
  const taken = new Set((await to.listStudies()).map((study) => study.studyName));
  const clash = names.find((name) => taken.has(name));
  if (clash !== undefined)
    throw new StorageError(
      'DUPLICATED_STUDY',
      `study names are unique in a storage, but '${clash}' exists in the one to copy to; choose another toStudyName`,
    );
}

/** A child's parent goes by its new name; the study that was asked for stands on its own. */
function systemAttrsOf(
  study: StudyRecord,
  root: StudyRecord,
  renamed: (name: string) => string,
  numbers: ReadonlyMap<number, number> | null,
): Attrs {
  const { [SYSTEM_ATTR.parent]: parent, ...others } = study.systemAttrs;
  if (study === root || !isPlainObject(parent)) return others;
  const number = Number(parent['trial']);
  const trial = parent['study'] === root.studyName ? (numbers?.get(number) ?? number) : number;
  const moved = { ...parent, study: renamed(String(parent['study'])), trial } as Attrs;
  return { ...others, [SYSTEM_ATTR.parent]: moved };
}

async function copyTrial(trial: FrozenTrial, studyId: number, to: Storage): Promise<void> {
  const { [SYSTEM_ATTR.owner]: _, ...systemAttrs } = trial.systemAttrs;
  const { trialId } = await to.createTrial(studyId, {
    state: trial.state,
    params: trial.params,
    distributions: trial.distributions,
    values: trial.values,
    userAttrs: trial.userAttrs,
    systemAttrs: isFinished(trial.state) ? trial.systemAttrs : systemAttrs,
    intermediateValues: trial.intermediateValues,
    datetimeStart: trial.datetimeStart ?? undefined,
    datetimeComplete: trial.datetimeComplete ?? undefined,
  });
  if (trial.state === 'RUNNING')
    await to.updateTrial(trialId, { systemAttrs: { [SYSTEM_ATTR.owner]: null } });
}
