/** The clauses about what a storage may read faster than `getTrials` does; a storage without these calls has nothing to prove. */
import assert from 'node:assert/strict';
import { type FrozenTrial, isFinished } from '../core/frozen-trial.ts';
import type { Storage } from '../core/storage.ts';
import { newStudy, RUNNING, WAITING } from './storage-clause-support.ts';

const NO_STUDY = 'a study of the storage has no trial';

/** Five trials of different states, between those of another study. */
async function someTrials(storage: Storage): Promise<number> {
  const [{ studyId }, other] = [await newStudy(storage, 'read'), await newStudy(storage, 'between')];
  for (let i = 0; i < 5; i++) {
    await storage.createTrial(studyId, i === 3 ? WAITING : RUNNING);
    await storage.createTrial(other.studyId, RUNNING);
  }
  const trials = await storage.getTrials(studyId);
  const constraints = { systemAttrs: { constraints: [-1, 2] } };
  await storage.updateTrial(trials[1].trialId, { state: 'COMPLETE', values: [1], ...constraints });
  await storage.updateTrial(trials[2].trialId, { state: 'FAIL' });
  return studyId;
}

export async function changesAreTold(storage: Storage, other: Storage | null): Promise<void> {
  if (storage.getChanges === undefined) return;
  const empty = await newStudy(storage, 'empty');
  assert.deepEqual(await storage.getChanges(empty.studyId, { last: null, unfinished: [] }), [], NO_STUDY);
  const studyId = await someTrials(storage);
  const known: FrozenTrial[] = [];
  const catchUp = async (): Promise<void> => {
    const unfinished = known.filter(({ state }) => !isFinished(state));
    const changes = await storage.getChanges!(studyId, { last: known.at(-1) ?? null, unfinished });
    const numbers = changes.map(({ number }) => number);
    assert.deepEqual(
      numbers,
      [...numbers].sort((a, b) => a - b),
      'changes come in order of number',
    );
    for (const trial of changes) known[trial.number] = trial;
    assert.deepEqual(known, await storage.getTrials(studyId), 'with the changes all trials are known');
  };
  await catchUp();
  for (const writer of [storage, other ?? storage]) {
    await storage.updateTrial(known[0].trialId, { userAttrs: { [`of ${writer === storage}`]: 1 } });
    await catchUp();
    await writer.createTrial(studyId, { state: 'COMPLETE', values: [3] });
    const started = await writer.createTrial(studyId, RUNNING);
    await catchUp();
    await writer.updateTrial(started.trialId, { intermediateValues: new Map([[1, 2]]) });
    await catchUp();
    await writer.updateTrial(started.trialId, { state: 'PRUNED', values: [2] });
    await catchUp();
  }
  await (other ?? storage).claimTrial(studyId);
  await catchUp();
}

export async function pagesAreWhole(storage: Storage): Promise<void> {
  if (storage.getTrialPage === undefined) return;
  const studyId = await someTrials(storage);
  const all = await storage.getTrials(studyId);
  const page = (query: Parameters<NonNullable<Storage['getTrialPage']>>[1]) =>
    storage.getTrialPage!(studyId, query);
  assert.deepEqual(await page({ limit: 2 }), all.slice(0, 2));
  assert.deepEqual(await page({ limit: 9 }), all);
  assert.deepEqual(await page({ after: all[1], limit: 2 }), all.slice(2, 4));
  assert.deepEqual(await page({ after: all[4], limit: 2 }), []);
  assert.deepEqual(await page({ before: all[3], limit: 2 }), all.slice(1, 3));
  assert.deepEqual(await page({ before: all[1], limit: 2 }), all.slice(0, 1));
  const end = { trialId: Number.MAX_SAFE_INTEGER, number: Number.MAX_SAFE_INTEGER };
  assert.deepEqual(await page({ before: end, limit: 2 }), all.slice(3));
}

export async function outcomesAreThoseOfTrials(storage: Storage): Promise<void> {
  if (storage.getOutcomes === undefined) return;
  const studyId = await someTrials(storage);
  const outcome = ({ trialId, number, state, values, constraints }: Omit<FrozenTrial, 'params'>) => ({
    trialId,
    number,
    state,
    values,
    constraints,
  });
  const outcomes = (await storage.getOutcomes(studyId)) as readonly FrozenTrial[];
  assert.deepEqual(outcomes.map(outcome), (await storage.getTrials(studyId)).map(outcome));
}

export async function bestIsThatOfTrials(storage: Storage): Promise<void> {
  if (storage.getBestTrial === undefined) return;
  const { studyId } = await newStudy(storage, 'best');
  const create = (value: number, constraint: number): Promise<FrozenTrial> =>
    storage.createTrial(studyId, {
      state: 'COMPLETE',
      values: [value],
      systemAttrs: { constraints: [constraint] },
    });
  await storage.createTrial(studyId, RUNNING);
  await create(Number.NEGATIVE_INFINITY, 1);
  await storage.createTrial(studyId, { state: 'PRUNED', values: [-3] });
  await create(2, 0);
  const least = await create(1, -1);
  const greatest = await create(Number.POSITIVE_INFINITY, 0);
  await create(1, 0);
  await create(Number.POSITIVE_INFINITY, 0);
  for (const [direction, best] of [
    ['minimize', least],
    ['maximize', greatest],
  ] as const) {
    const found = await storage.getBestTrial(studyId, direction);
    if (found !== null) assert.deepEqual(found, (await storage.getTrials(studyId))[best.number]);
  }
}
