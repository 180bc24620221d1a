/** The checks of the storage clauses about several workers: S5, S6, S15, S16. */
import assert from 'node:assert/strict';
import { SYSTEM_ATTR } from '../core/frozen-trial.ts';
import type { CreateCondition, Storage } from '../core/storage.ts';
import { rejectsWith } from './rejects-with.ts';
import { newStudy, RUNNING, readTrial, type StorageKitOptions, WAITING } from './storage-clause-support.ts';

export async function oneCallerClaims(storage: Storage, other: Storage | null): Promise<void> {
  const { studyId } = await newStudy(storage);
  for (let i = 0; i < 5; i++) await storage.createTrial(studyId, WAITING);
  const connections = [storage, other ?? storage];
  const claims = await Promise.all(
    Array.from({ length: 10 }, (_, i) => connections[i % 2].claimTrial(studyId)),
  );
  const numbers = claims.flatMap((trial) => (trial === null ? [] : [trial.number]));
  assert.deepEqual(
    numbers.sort((a, b) => a - b),
    [0, 1, 2, 3, 4],
  );
}

export async function claimsInOrder(
  storage: Storage,
  _other: Storage | null,
  { deadOwner = undefined }: StorageKitOptions,
): Promise<void> {
  const { studyId } = await newStudy(storage);
  assert.equal(await storage.claimTrial(studyId), null, 'an empty study has nothing to claim');
  const ids: number[] = [];
  for (let i = 0; i < 5; i++)
    ids.push((await storage.createTrial(studyId, i === 1 ? RUNNING : WAITING)).trialId);
  const [foreign, , released, , dead] = ids;
  // Without a claim, so without an owner: as another tool starts a trial.
  await storage.updateTrial(foreign, { state: 'RUNNING' });
  await storage.updateTrial(released, { state: 'RUNNING', systemAttrs: { [SYSTEM_ATTR.owner]: null } });
  await storage.updateTrial(dead, {
    state: 'RUNNING',
    systemAttrs: { [SYSTEM_ATTR.owner]: deadOwner ?? null },
  });
  const own = await readTrial(storage, studyId, 1);
  assert.equal(own.systemAttrs[SYSTEM_ATTR.owner], storage.owner, 'an asked trial has this storage as owner');
  for (const number of [2, 3, 4]) {
    const claimed = await storage.claimTrial(
      studyId,
      (n) => ({ firstEntry: n }),
      (trial) => ({ left: trial.systemAttrs[SYSTEM_ATTR.owner] }),
    );
    assert.equal(claimed?.number, number, 'the lowest-numbered claimable trial comes first');
    const first = number === 3 ? 3 : undefined;
    assert.equal(
      claimed.systemAttrs['firstEntry'],
      first,
      'only a WAITING trial takes the attributes of a first entry',
    );
    assert.equal(
      claimed.systemAttrs['left'],
      number === 4 ? deadOwner : undefined,
      'only a trial whose owner died takes the attributes of its death',
    );
    assert.equal(claimed.state, 'RUNNING');
    assert.equal(claimed.systemAttrs[SYSTEM_ATTR.owner], storage.owner);
    assert.deepEqual(await readTrial(storage, studyId, number), claimed);
  }
  assert.equal(await storage.claimTrial(studyId), null, 'live owners and other tools keep their trials');
}

export async function creationObeysItsCondition(storage: Storage, other: Storage | null): Promise<void> {
  const { studyId } = await newStudy(storage);
  const connections = [storage, other ?? storage];
  const together = async (condition: CreateCondition): Promise<(number | undefined)[]> => {
    const created = connections.map((each) => each.createTrial(studyId, RUNNING, condition));
    return (await Promise.all(created)).map((trial) => trial?.number).sort();
  };
  assert.deepEqual(await together({ number: 0 }), [0, undefined], 'one caller gets the number');
  assert.equal(await storage.createTrial(studyId, RUNNING, { number: 2 }), null, 'the next number is 1');
  assert.deepEqual(await together({ fewerThan: 2 }), [1, undefined], 'one caller gets the last trial');
  assert.equal(await storage.createTrial(studyId, WAITING, { fewerThan: 0 }), null);
  const foreign = await storage.createTrial(studyId, WAITING);
  await storage.updateTrial(foreign.trialId, { state: 'RUNNING' });
  assert.deepEqual(await together({ fewerThan: 3 }), [3, undefined], "another tool's trial is not counted");
  await storage.updateTrial(foreign.trialId, { state: 'COMPLETE', values: [1] });
  assert.equal(await storage.createTrial(studyId, RUNNING, { number: 4, fewerThan: 4 }), null);
  assert.equal(await storage.createTrial(studyId, RUNNING, { number: 3, fewerThan: 9 }), null);
  assert.equal((await storage.createTrial(studyId, RUNNING, { number: 4, fewerThan: 5 }))?.number, 4);
  assert.equal((await storage.getTrials(studyId)).length, 5, 'what is refused leaves nothing behind');
}

export async function onlyItsOwnerChangesIt(storage: Storage): Promise<void> {
  const { studyId } = await newStudy(storage);
  const { trialId } = await storage.createTrial(studyId, RUNNING);
  for (const owner of ['another process', null]) {
    await storage.updateTrial(trialId, {
      systemAttrs: { [SYSTEM_ATTR.owner]: storage.owner },
      userAttrs: { mine: true },
    });
    await storage.updateTrial(trialId, { systemAttrs: { [SYSTEM_ATTR.owner]: owner } });
    const before = await readTrial(storage, studyId, 0);
    for (const update of [{}, { state: 'COMPLETE', values: [1] }, { userAttrs: { late: true } }] as const)
      await rejectsWith('TRIAL_LOST', () => storage.updateTrial(trialId, update));
    assert.deepEqual(await readTrial(storage, studyId, 0), before, 'a refused update must change nothing');
  }
  const systemAttrs = { [SYSTEM_ATTR.owner]: storage.owner };
  await storage.updateTrial(trialId, { state: 'COMPLETE', values: [2], systemAttrs });
  assert.equal((await readTrial(storage, studyId, 0)).value, 2, 'who takes a trial over may change it');
}
