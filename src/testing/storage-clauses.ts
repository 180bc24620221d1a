/** One check per clause of the storage contract in `core/storage.ts`; `storage-kit.ts` makes tests of them. */
import assert from 'node:assert/strict';
import {
  categoricalDistribution,
  type Distribution,
  floatDistribution,
  intDistribution,
  type ParamValue,
} from '../core/distribution.ts';
import { type Attrs, type FrozenTrial, SYSTEM_ATTR } from '../core/frozen-trial.ts';
import type { Storage, TrialUpdate } from '../core/storage.ts';

import { rejectsWith } from './rejects-with.ts';
import { type Check, newStudy, RUNNING, readTrial, UNKNOWN_ID, WAITING } from './storage-clause-support.ts';
import {
  bestIsThatOfTrials,
  changesAreTold,
  outcomesAreThoseOfTrials,
  pagesAreWhole,
} from './storage-read-clauses.ts';
import { refusesTheUnstorable } from './storage-refusals.ts';
import { renamesTheFamily, startIsTheEarliest } from './storage-study-clauses.ts';
import {
  claimsInOrder,
  creationObeysItsCondition,
  oneCallerClaims,
  onlyItsOwnerChangesIt,
} from './storage-worker-clauses.ts';

/** Every kind of parameter and value that a database may bend. */
const DISTRIBUTIONS: Readonly<Record<string, Distribution>> = {
  zeta: floatDistribution(1e-5, 0.1, { log: true }),
  alpha: intDistribution(8, 64, { step: 8 }),
  act: categoricalDistribution(['relu', 'gelu', 1, 1.5, true, null, '1']),
  step: floatDistribution(0, 1, { step: 0.1 }),
  none: categoricalDistribution([null, 'x']),
  flag: categoricalDistribution([false, true]),
  odd: categoricalDistribution([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, -0, null]),
  constructor: intDistribution(0, 1),
  toString: categoricalDistribution(['toString']),
  hasOwnProperty: floatDistribution(0, 1),
  ['__proto__']: floatDistribution(0, 1),
};
const PARAMS: Readonly<Record<string, ParamValue>> = {
  zeta: 0.001234567890123456,
  alpha: 24,
  act: '1',
  step: 0.30000000000000004,
  none: null,
  flag: true,
  odd: Number.NEGATIVE_INFINITY,
  constructor: 1,
  toString: 'toString',
  hasOwnProperty: 0.5,
  ['__proto__']: 0.25,
};
const ATTRS = {
  text: 'ünïcode ✓ "quoted" \\ \n',
  nested: { list: [1, 2.5, null, true, { deep: [] }], empty: {} },
  odd: [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  'NaN and -Infinity': 'a text with NaN, Infinity and -Infinity',
  nothing: null,
  large: 1.7976931348623157e308,
  constructor: 'inherited',
  ['__proto__']: { toString: 1 },
};

async function durable(storage: Storage, other: Storage | null): Promise<void> {
  if (other === null) {
    assert.equal(storage.capabilities.durable, false, 'a durable storage must be tested with `reopen`');
    return;
  }
  const { studyId } = await storage.createStudy('durable', ['maximize', 'minimize'], { a: 1 });
  const seen = await other.findStudy('durable');
  assert.deepEqual(seen?.directions, ['maximize', 'minimize']);
  assert.deepEqual(seen?.systemAttrs, { a: 1 });
  await storage.setStudyAttr(studyId, 'user', 'note', 'kept');
  assert.deepEqual((await other.findStudy('durable'))?.userAttrs, { note: 'kept' });
  const trial = await storage.createTrial(studyId, RUNNING);
  assert.equal((await readTrial(other, studyId, 0)).state, 'RUNNING');
  await storage.updateTrial(trial.trialId, { state: 'COMPLETE', values: [1, 2] });
  assert.deepEqual((await readTrial(other, studyId, 0)).values, [1, 2]);
  await storage.createTrial(studyId, WAITING);
  await storage.claimTrial(studyId);
  assert.equal((await readTrial(other, studyId, 1)).state, 'RUNNING');
  await storage.deleteStudy(studyId);
  assert.equal(await other.findStudy('durable'), null);
}

async function studyNamesAreUnique(storage: Storage): Promise<void> {
  const { studyId } = await newStudy(storage, 'taken');
  await rejectsWith('DUPLICATED_STUDY', () => newStudy(storage, 'taken'));
  assert.deepEqual(
    (await storage.listStudies()).map((study) => study.studyId),
    [studyId],
  );
}

async function idsAreNotReused(storage: Storage): Promise<void> {
  const kept = await newStudy(storage, 'kept');
  const deleted = await newStudy(storage, 'deleted');
  const trialIds = new Set<number>();
  for (const { studyId } of [kept, deleted, deleted])
    trialIds.add((await storage.createTrial(studyId, RUNNING)).trialId);
  assert.equal(trialIds.size, 3, 'ids of trials are unique in a storage');
  await storage.deleteStudy(deleted.studyId);
  const next = await newStudy(storage, 'next');
  assert.ok(![kept.studyId, deleted.studyId].includes(next.studyId), `study id ${next.studyId} was reused`);
  const trial = await storage.createTrial(next.studyId, RUNNING);
  assert.ok(!trialIds.has(trial.trialId), `trial id ${trial.trialId} was reused`);
}

async function numbersHaveNoGap(storage: Storage, other: Storage | null): Promise<void> {
  const [a, b] = [await newStudy(storage, 'a'), await newStudy(storage, 'b')];
  const connections = [storage, other ?? storage];
  await Promise.all(
    Array.from({ length: 24 }, (_, i) =>
      connections[i % 2].createTrial((i % 3 === 0 ? b : a).studyId, i % 4 === 0 ? WAITING : RUNNING),
    ),
  );
  for (const [study, count] of [[a, 16] as const, [b, 8] as const]) {
    const numbers = (await storage.getTrials(study.studyId)).map((trial) => trial.number);
    assert.deepEqual(
      numbers,
      Array.from({ length: count }, (_, i) => i),
    );
  }
}

async function finishedTrialsStay(storage: Storage): Promise<void> {
  const { studyId } = await newStudy(storage);
  const updates: readonly TrialUpdate[] = [
    { state: 'RUNNING' },
    { values: [2] },
    { userAttrs: { late: true } },
    { systemAttrs: { late: true } },
    { params: { x: 1 }, distributions: { x: floatDistribution(0, 2) } },
    { intermediateValues: new Map([[0, 1]]) },
  ];
  for (const state of ['COMPLETE', 'PRUNED', 'FAIL'] as const) {
    const { trialId, number } = await storage.createTrial(studyId, RUNNING);
    await storage.updateTrial(trialId, { state, values: state === 'FAIL' ? null : [1] });
    const before = await readTrial(storage, studyId, number);
    for (const update of updates)
      await rejectsWith('TRIAL_FINISHED', () => storage.updateTrial(trialId, update));
    assert.deepEqual(await readTrial(storage, studyId, number), before);
  }
}

async function updatesAreAtomic(storage: Storage): Promise<void> {
  const { studyId } = await newStudy(storage);
  const { trialId } = await storage.createTrial(studyId, RUNNING);
  const before = await readTrial(storage, studyId, 0);
  assert.ok(before.datetimeStart instanceof Date, 'created as RUNNING: has started');
  assert.equal(before.datetimeComplete, null);
  const refused: TrialUpdate = {
    state: 'COMPLETE',
    values: [1],
    userAttrs: { half: true },
    systemAttrs: { half: true },
    intermediateValues: new Map([[0, 1]]),
    params: { x: 1, y: 'not a choice' },
    distributions: { x: floatDistribution(0, 2), y: categoricalDistribution(['a']) },
  };
  await assert.rejects(() => storage.updateTrial(trialId, refused));
  assert.deepEqual(await readTrial(storage, studyId, 0), before, 'a refused update must change nothing');
  await storage.updateTrial(trialId, { state: 'COMPLETE', values: [1] });
  const after = await readTrial(storage, studyId, 0);
  assert.ok(after.datetimeComplete instanceof Date, 'a finished trial has its time of completion');
  assert.deepEqual(after.datetimeStart, before.datetimeStart);
  const waiting = await storage.createTrial(studyId, WAITING);
  assert.equal(waiting.datetimeStart, null);
  assert.ok(
    (await storage.claimTrial(studyId))?.datetimeStart instanceof Date,
    'became RUNNING: has started',
  );
  const times = {
    datetimeStart: new Date(Date.UTC(2024, 1, 29, 23, 59, 59, 7)),
    datetimeComplete: new Date(0),
  };
  const imported = await storage.createTrial(studyId, { state: 'COMPLETE', values: [0], ...times });
  const { datetimeStart, datetimeComplete } = await readTrial(storage, studyId, imported.number);
  assert.deepEqual({ datetimeStart, datetimeComplete }, times, 'given times stay');
}

function assertContent(trial: FrozenTrial): void {
  assert.deepEqual(Object.entries(trial.params), Object.entries(PARAMS));
  assert.deepEqual(trial.distributions, DISTRIBUTIONS);
  assert.deepEqual(Object.keys(trial.distributions), Object.keys(DISTRIBUTIONS));
  assert.deepEqual(trial.userAttrs, ATTRS);
  assert.deepEqual(trial.constraints, [-1, 0.5]);
  assert.deepEqual(
    [...trial.intermediateValues],
    [
      [0, Number.NaN],
      [3, Number.NEGATIVE_INFINITY],
      [10, 0.1],
    ],
  );
}

async function readsWhatWasWritten(storage: Storage): Promise<void> {
  const { studyId } = await storage.createStudy('rich', ['minimize', 'maximize', 'minimize'], ATTRS);
  await storage.setStudyAttr(studyId, 'user', 'nested', ATTRS.nested);
  const study = await storage.findStudy('rich');
  assert.deepEqual(study?.systemAttrs, ATTRS);
  assert.deepEqual(study?.userAttrs, { nested: ATTRS.nested });
  assert.deepEqual(study?.directions, ['minimize', 'maximize', 'minimize']);
  assert.deepEqual(await storage.listStudies(), [study]);
  const values = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e-300];
  const content = {
    params: PARAMS,
    distributions: DISTRIBUTIONS,
    values,
    userAttrs: ATTRS,
    systemAttrs: { constraints: [-1, 0.5] },
    intermediateValues: new Map([
      [10, 0.1],
      [0, Number.NaN],
      [3, Number.NEGATIVE_INFINITY],
    ]),
  };
  const created = await storage.createTrial(studyId, { state: 'COMPLETE', ...content });
  const { trialId } = await storage.createTrial(studyId, RUNNING);
  await storage.updateTrial(trialId, { ...content, state: 'COMPLETE' });
  for (const number of [0, 1]) {
    const trial = await readTrial(storage, studyId, number);
    assertContent(trial);
    assert.deepEqual(trial.values, values);
    assert.equal(trial.value, null);
  }
  assert.deepEqual(await readTrial(storage, studyId, 0), created, 'createTrial returns what is stored');
  const stepwise = await storage.createTrial(studyId, RUNNING);
  for (const name of Object.keys(PARAMS))
    await storage.updateTrial(stepwise.trialId, {
      params: { [name]: PARAMS[name] },
      distributions: { [name]: DISTRIBUTIONS[name] },
    });
  for (const key of Object.keys(ATTRS) as (keyof typeof ATTRS)[])
    await storage.updateTrial(stepwise.trialId, { userAttrs: { [key]: ATTRS[key] } });
  for (const entry of content.intermediateValues)
    await storage.updateTrial(stepwise.trialId, { intermediateValues: new Map([entry]) });
  await storage.updateTrial(stepwise.trialId, { systemAttrs: { constraints: [0] } });
  await storage.updateTrial(stepwise.trialId, { systemAttrs: content.systemAttrs });
  assertContent(await readTrial(storage, studyId, stepwise.number));
  await storage.updateTrial(stepwise.trialId, { systemAttrs: { a: 1, b: 2 }, dropSystemAttrs: ['c'] });
  await storage.updateTrial(stepwise.trialId, { dropSystemAttrs: ['a', 'b'] });
  assertContent(await readTrial(storage, studyId, stepwise.number));
  const { systemAttrs } = await readTrial(storage, studyId, stepwise.number);
  assert.deepEqual(systemAttrs, { constraints: [-1, 0.5], [SYSTEM_ATTR.owner]: storage.owner });
  await storage.updateTrial(stepwise.trialId, { values: [1, 2, 3] });
  await storage.updateTrial(stepwise.trialId, { values: null });
  assert.equal((await readTrial(storage, studyId, stepwise.number)).values, null);
}

async function unknownIdsAreErrors(storage: Storage): Promise<void> {
  await newStudy(storage);
  assert.equal(await storage.findStudy('no such study'), null);
  const study = (call: () => Promise<unknown>): Promise<void> => rejectsWith('STUDY_NOT_FOUND', call);
  await study(() => storage.deleteStudy(UNKNOWN_ID));
  await study(() => storage.setStudyAttr(UNKNOWN_ID, 'user', 'a', 1));
  await study(() => storage.createTrial(UNKNOWN_ID, RUNNING));
  await study(() => storage.claimTrial(UNKNOWN_ID));
  await study(() => storage.getTrials(UNKNOWN_ID));
  await rejectsWith('TRIAL_NOT_FOUND', () => storage.updateTrial(UNKNOWN_ID, { state: 'FAIL' }));
}

async function deletesTheFamily(storage: Storage): Promise<void> {
  const gone = ['a_', 'a_/0/search', 'a_/12/search', 'a_/12/search/3/deeper'];
  const kept = [
    'a',
    'a_b',
    'ab',
    'ab/0/search',
    'A_/0/search',
    'x/a_/0',
    'a_ /0',
    'a_/independent',
    'a_/0/alone',
    'copy',
  ];
  const parents: Readonly<Record<string, Attrs>> = {
    'a_/0/search': { study: 'a_', trial: 0 },
    'a_/12/search': { study: 'a_', trial: 12 },
    'a_/12/search/3/deeper': { study: 'a_/12/search', trial: 3 },
    'ab/0/search': { study: 'ab', trial: 0 },
    'A_/0/search': { study: 'A_', trial: 0 },
    // What optuna.copy_study makes of 'a_/0/search'.
    copy: { study: 'a_', trial: 0 },
  };
  const trialIds = new Map<string, number>();
  const studyIds = new Map<string, number>();
  for (const name of [...gone, ...kept]) {
    const systemAttrs: Attrs = name in parents ? { [SYSTEM_ATTR.parent]: parents[name] } : {};
    const { studyId } = await storage.createStudy(name, ['minimize'], systemAttrs);
    studyIds.set(name, studyId);
    trialIds.set(name, (await storage.createTrial(studyId, RUNNING)).trialId);
  }
  await storage.deleteStudy(studyIds.get('a_')!);
  assert.deepEqual(
    (await storage.listStudies()).map((study) => study.studyName),
    kept,
  );
  for (const name of gone) {
    await rejectsWith('STUDY_NOT_FOUND', () => storage.getTrials(studyIds.get(name)!));
    await rejectsWith('TRIAL_NOT_FOUND', () => storage.updateTrial(trialIds.get(name)!, { state: 'FAIL' }));
  }
  for (const name of kept) assert.equal((await storage.getTrials(studyIds.get(name)!)).length, 1, name);
  assert.notEqual((await newStudy(storage, 'a_')).studyId, studyIds.get('a_'), 'the name is free again');
}

async function connectionsShare(storage: Storage, other: Storage | null): Promise<void> {
  if (other === null) {
    assert.equal(storage.capabilities.multiProcess, false, 'a shared storage must be tested with `reopen`');
    return;
  }
  const { studyId } = await newStudy(storage);
  const worker = async (connection: Storage, n: number): Promise<void> => {
    for (let i = 0; i < n; i++) {
      const { trialId } = await connection.createTrial(studyId, RUNNING);
      await connection.getTrials(studyId, i);
      await connection.updateTrial(trialId, { state: 'COMPLETE', values: [i] });
    }
  };
  await Promise.all([worker(storage, 10), worker(other, 10), worker(storage, 10)]);
  for (const connection of [storage, other]) {
    const trials = await connection.getTrials(studyId);
    assert.equal(trials.length, 30);
    assert.ok(trials.every((trial) => trial.state === 'COMPLETE'));
  }
}

async function trialsAreOrderedAndFrozen(storage: Storage): Promise<void> {
  const [a, b] = [await newStudy(storage, 'a'), await newStudy(storage, 'b')];
  const userAttrs = { list: [1] };
  for (let i = 0; i < 4; i++) {
    await storage.createTrial(a.studyId, { ...RUNNING, userAttrs });
    await storage.createTrial(b.studyId, RUNNING);
  }
  userAttrs.list.push(2);
  const trials = await storage.getTrials(a.studyId);
  const numbers = (list: readonly FrozenTrial[]): number[] => list.map((trial) => trial.number);
  assert.deepEqual(numbers(trials), [0, 1, 2, 3]);
  assert.deepEqual(numbers(await storage.getTrials(a.studyId, 2)), [2, 3]);
  assert.deepEqual(numbers(await storage.getTrials(a.studyId, 1)), [1, 2, 3]);
  assert.deepEqual(await storage.getTrials(a.studyId, 4), []);
  const [, trial] = trials;
  for (const part of [trial, trial.params, trial.distributions, trial.userAttrs, trial.systemAttrs])
    assert.ok(Object.isFrozen(part), 'trials are frozen');
  assert.deepEqual(trial.userAttrs, { list: [1] });
  await storage.updateTrial(trial.trialId, {
    state: 'COMPLETE',
    values: [1],
    userAttrs: { list: [3] },
    intermediateValues: new Map([[0, 1]]),
  });
  assert.equal(trial.state, 'RUNNING');
  assert.equal(trial.values, null);
  assert.deepEqual(trial.userAttrs, { list: [1] });
  assert.equal(trial.intermediateValues.size, 0);
  assert.deepEqual(numbers(await storage.getTrials(a.studyId)), [0, 1, 2, 3]);
}

export const STORAGE_CLAUSES: readonly (readonly [title: string, check: Check])[] = [
  ['S1 what a call did is there when it returns, for every connection', durable],
  ['S2 study names are unique', studyNamesAreUnique],
  ['S3 ids are never reused', idsAreNotReused],
  ['S4 trial numbers have no gap and no duplicate', numbersHaveNoGap],
  ['S5 exactly one caller claims a trial', oneCallerClaims],
  ['S6 claimed are WAITING trials and those of dead or released owners, lowest number first', claimsInOrder],
  ['S7 a finished trial never changes', finishedTrialsStay],
  ['S8 an update is atomic, and times follow the state', updatesAreAtomic],
  ['S9 what is read is what was written', readsWhatWasWritten],
  ['S10 unknown ids are errors', unknownIdsAreErrors],
  ['S11 a study is deleted with its trials and child studies, and nothing else', deletesTheFamily],
  ['S12 two connections read and write at any time', connectionsShare],
  ['S13 trials come in order, frozen, and stay as they were read', trialsAreOrderedAndFrozen],
  ['S14 what cannot be stored is refused and nothing is written', refusesTheUnstorable],
  ['S15 a trial is created only if the condition holds', creationObeysItsCondition],
  ['S16 only its owner changes a running trial', onlyItsOwnerChangesIt],
  ['S17 what has changed is told, whoever has changed it', changesAreTold],
  ['S18 trials can be read in pages', pagesAreWhole],
  ['S19 outcomes are those of the trials', outcomesAreThoseOfTrials],
  ['S20 a study is renamed with its child studies, at once or not at all', renamesTheFamily],
  ['S21 the start of a study is that of the trial begun first', startIsTheEarliest],
  ['S22 the best trial is the best of the trials', bestIsThatOfTrials],
];
