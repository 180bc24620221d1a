/** Clause S14 of the storage contract. */
import assert from 'node:assert/strict';
import { categoricalDistribution, floatDistribution, intDistribution } from '../core/distribution.ts';
import type { JsonValue } from '../core/frozen-trial.ts';
import type { Storage, TrialUpdate } from '../core/storage.ts';
import { rejectsWith } from './rejects-with.ts';
import { newStudy, RUNNING, readTrial, WAITING } from './storage-clause-support.ts';

const NOT_NUMBERS: readonly unknown[] = [undefined, null, '1', true, 1n, [1], { value: 1 }];

function notJson(): readonly unknown[] {
  const cyclic: Record<string, unknown> = {};
  cyclic['self'] = cyclic;
  return [
    undefined,
    1n,
    () => 1,
    Symbol('s'),
    new Date(0),
    new Map(),
    new Set(),
    new Uint8Array(1),
    [undefined],
    cyclic,
  ];
}

function badUpdates(): readonly TrialUpdate[] {
  const x = {
    low: floatDistribution(0, 1),
    whole: intDistribution(0, 1),
    choice: categoricalDistribution(['1']),
  };
  const updates: unknown[] = [
    { values: [Number.NaN] },
    { values: 1 },
    { params: { x: 0.5 } },
    { params: { x: 'b' }, distributions: { x: categoricalDistribution(['a']) } },
    { params: { constructor: 1 }, distributions: {} },
    { intermediateValues: new Map([[0.5, 1]]) },
  ];
  for (const value of NOT_NUMBERS) {
    updates.push({ values: [value] }, { intermediateValues: new Map([[0, value]]) });
    updates.push({ params: { x: value }, distributions: { x: x.low } });
    updates.push({ params: { x: value }, distributions: { x: x.whole } });
    if (value !== '1') updates.push({ params: { x: value }, distributions: { x: x.choice } });
  }
  for (const value of notJson())
    for (const part of ['userAttrs', 'systemAttrs'])
      updates.push({ [part]: { good: 1, key: value } }, { [part]: { key: { deep: [value] } } });
  return updates as TrialUpdate[];
}

export async function refusesTheUnstorable(storage: Storage): Promise<void> {
  const refused = (call: () => Promise<unknown>): Promise<void> => rejectsWith('INVALID_ARGUMENT', call);
  const study = await newStudy(storage);
  const { studyId } = study;
  const { trialId } = await storage.createTrial(studyId, RUNNING);
  const before = await readTrial(storage, studyId, 0);
  for (const update of badUpdates()) {
    const whole: TrialUpdate = { state: 'COMPLETE', ...update };
    await refused(() => storage.updateTrial(trialId, whole));
    assert.deepEqual(await readTrial(storage, studyId, 0), before, 'a refused update must change nothing');
    await refused(() => storage.createTrial(studyId, { state: 'RUNNING', ...update }));
  }
  assert.equal((await storage.getTrials(studyId)).length, 1, 'a refused trial must not be created');

  await storage.createTrial(studyId, WAITING);
  for (const value of notJson() as JsonValue[]) {
    await refused(() => storage.setStudyAttr(studyId, 'user', 'key', value));
    await refused(() => storage.setStudyAttr(studyId, 'system', 'key', value));
    await refused(() => storage.createStudy('other', ['minimize'], { key: value }));
    await refused(() => storage.claimTrial(studyId, () => ({ key: value })));
  }
  assert.equal(
    (await readTrial(storage, studyId, 1)).state,
    'WAITING',
    'a refused claim must change nothing',
  );
  for (const name of [5, null, undefined, {}] as unknown as string[]) {
    await refused(() => storage.createStudy(name, ['minimize']));
    await refused(() => storage.findStudy(name));
  }
  for (const name of ['', 'x'.repeat(513)]) await refused(() => newStudy(storage, name));
  assert.deepEqual(await storage.listStudies(), [study], 'nothing of all this was written');
  const longest = '✓'.repeat(512);
  assert.equal((await newStudy(storage, longest)).studyName, longest);
}
