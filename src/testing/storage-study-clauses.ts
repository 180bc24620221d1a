/** The clauses about whole studies; a storage without these calls has nothing to prove. */
import assert from 'node:assert/strict';
import { type Attrs, SYSTEM_ATTR } from '../core/frozen-trial.ts';
import type { Storage, StudyRecord } from '../core/storage.ts';
import { rejectsWith } from './rejects-with.ts';
import { newStudy, RUNNING, UNKNOWN_ID, WAITING } from './storage-clause-support.ts';

async function childOf(storage: Storage, parent: string, name: string): Promise<StudyRecord> {
  const systemAttrs: Attrs = { [SYSTEM_ATTR.parent]: { study: parent, trial: 0 }, kept: [1] };
  return storage.createStudy(`${parent}/0/${name}`, ['maximize'], systemAttrs);
}

export async function renamesTheFamily(storage: Storage, other: Storage | null): Promise<void> {
  const { renameStudy } = storage;
  if (renameStudy === undefined) return;
  const rename = (studyId: number, name: string): Promise<void> => renameStudy.call(storage, studyId, name);
  const study = await newStudy(storage, 'a');
  await storage.setStudyAttr(study.studyId, 'user', 'note', 'kept');
  const child = await childOf(storage, 'a', 'search');
  const grandchild = await childOf(storage, 'a/0/search', 'deep');
  await newStudy(storage, 'a/0/alone');
  await newStudy(storage, 'ab');
  const before = await storage.listStudies();

  await rejectsWith('STUDY_NOT_FOUND', () => rename(UNKNOWN_ID, 'b'));
  await rejectsWith('INVALID_ARGUMENT', () => rename(study.studyId, ''));
  await rejectsWith('INVALID_ARGUMENT', () => rename(study.studyId, 'x'.repeat(510)));
  await rejectsWith('DUPLICATED_STUDY', () => rename(study.studyId, 'ab'));
  await newStudy(storage, 'taken/0/search');
  await rejectsWith('DUPLICATED_STUDY', () => rename(study.studyId, 'taken'));
  const { trialId } = await (other ?? storage).createTrial(grandchild.studyId, RUNNING);
  await rejectsWith('STUDY_UNFINISHED', () => rename(study.studyId, 'b'));
  assert.deepEqual(
    (await storage.listStudies()).slice(0, before.length),
    before,
    'a refusal changes nothing',
  );
  await (other ?? storage).updateTrial(trialId, { state: 'FAIL' });

  await storage.createTrial(study.studyId, WAITING);
  await rename(study.studyId, 'b');
  for (const connection of [storage, other ?? storage]) {
    assert.deepEqual(
      (await connection.listStudies()).map(({ studyName }) => studyName),
      ['b', 'b/0/search', 'b/0/search/0/deep', 'a/0/alone', 'ab', 'taken/0/search'],
    );
    const renamed = await connection.findStudy('b');
    assert.deepEqual(renamed, { ...study, studyName: 'b', userAttrs: { note: 'kept' } });
    assert.equal((await connection.getTrials(study.studyId)).length, 1);
    assert.deepEqual((await connection.findStudy('b/0/search'))!.systemAttrs, {
      ...child.systemAttrs,
      [SYSTEM_ATTR.parent]: { study: 'b', trial: 0 },
    });
    assert.equal(await connection.findStudy('a'), null);
  }
  await rename(study.studyId, 'b');
  // A child that is none any more would stay behind.
  await storage.deleteStudy(study.studyId);
  assert.deepEqual(
    (await storage.listStudies()).map(({ studyName }) => studyName),
    ['a/0/alone', 'ab', 'taken/0/search'],
  );
}

export async function startIsTheEarliest(storage: Storage): Promise<void> {
  if (storage.getStart === undefined) return;
  const { studyId } = await newStudy(storage);
  assert.equal(await storage.getStart(studyId), null);
  await storage.createTrial(studyId, WAITING);
  assert.equal(await storage.getStart(studyId), null, 'a queued trial has not begun');
  const at = (ms: number) => ({ datetimeStart: new Date(ms), datetimeComplete: new Date(9e9) });
  for (const ms of [5e9, 2e9, 8e9])
    await storage.createTrial(studyId, { state: 'COMPLETE', values: [1], ...at(ms) });
  assert.deepEqual(await storage.getStart(studyId), new Date(2e9));
  await rejectsWith('STUDY_NOT_FOUND', () => storage.getStart!(UNKNOWN_ID));
}
