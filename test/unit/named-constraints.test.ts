/** Constraints keep their names, as Optuna 5 keeps them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createStudy, createTrial, loadStudy, namedConstraints, trialsTable } from '../../src/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'thanos-constraints-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const sqlite = (name: string) => `sqlite:///${join(folder, name)}.db`;

describe.each([
  ['in memory', () => undefined],
  ['in a file', () => sqlite('names')],
])('constraints with names, %s', (_, storage) => {
  it('are kept under their names, in the order of their first calls', async () => {
    const study = await createStudy({ storage: storage() });
    await study.optimize(
      (trial) => {
        trial.setConstraint('memory', 3);
        trial.setConstraint('2', -1);
        trial.setConstraint('memory', 2);
        trial.setConstraint('__proto__', Number.POSITIVE_INFINITY);
        return 1;
      },
      { nTrials: 1 },
    );
    const [trial] = study.trials;
    expect(trial.constraints).toEqual([2, -1, Number.POSITIVE_INFINITY]);
    expect(trial.systemAttrs).toMatchObject({ 'constraints:memory': 2, 'constraints:2': -1 });
    expect(Object.entries(namedConstraints(trial)!)).toEqual([
      ['2', -1],
      ['memory', 2],
      ['__proto__', Number.POSITIVE_INFINITY],
    ]);
    expect(trialsTable(study, { attrs: ['constraints'] })).toMatchObject({
      columns: ['constraints_memory', 'constraints_2', 'constraints___proto__'],
      rows: [[2, -1, Number.POSITIVE_INFINITY]],
    });
    await study.storage.close();
  });
});

it('are read again by the next process, and by what only counts outcomes', async () => {
  const storage = sqlite('again');
  const study = await createStudy({ studyName: 's', storage });
  const trial = await study.ask();
  trial.setConstraint('weight', 1);
  await study.tell(trial, 0);
  await study.storage.close();
  const loaded = await loadStudy({ studyName: 's', storage });
  expect(namedConstraints(loaded.trials[0])).toEqual({ weight: 1 });
  const { studyId } = (await loaded.storage.findStudy('s'))!;
  expect((await loaded.storage.getOutcomes!(studyId))[0].constraints).toEqual([1]);
  expect(() => loaded.bestTrial).toThrow(/no feasible COMPLETE trial/);
  await loaded.storage.close();
});

describe('a list of constraints', () => {
  it('stays a list, whose members are called by their places', async () => {
    const study = await createStudy();
    const trial = await study.ask();
    trial.setConstraints([5, 6]);
    trial.setConstraints([-1, 2]);
    const told = await study.tell(trial, 0);
    expect(told.systemAttrs['constraints']).toEqual([-1, 2]);
    expect(namedConstraints(told)).toEqual({ 0: -1, 1: 2 });
    expect(() => trial.setConstraints([1])).toThrow(/told or given back/);
  });

  it('is kept beside those with names, which take the places that they name', async () => {
    const study = await createStudy({ constraints: () => [7, 8] });
    const trial = await study.ask();
    trial.setConstraint('memory', 1);
    trial.setConstraint('1', -3);
    const told = await study.tell(trial, 0);
    expect(told.constraints).toEqual([7, -3, 1]);
    expect(namedConstraints(told)).toEqual({ 0: 7, 1: -3, memory: 1 });
  });

  it('of the study is as long in every trial, whatever names the objective sets beside it', async () => {
    const study = await createStudy({ constraints: (trial) => (trial.number === 2 ? [1, 2] : [1]) });
    const objective = (trial: { number: number; setConstraint(name: string, value: number): void }) => {
      if (trial.number === 0) trial.setConstraint('a', 0);
      return 1;
    };
    await study.optimize(objective, { nTrials: 2 });
    await expect(study.optimize(objective, { nTrials: 1 })).rejects.toThrow(/trial 0 has 1 and .* 2/);
  });

  it('must hold numbers only, and changes nothing otherwise', async () => {
    const study = await createStudy();
    const trial = await study.ask();
    expect(() => trial.setConstraints([1, Number.NaN])).toThrow(
      /constraint '1' must be a number, but is NaN/,
    );
    expect((await study.tell(trial, 0)).constraints).toBeNull();
  });
});

it('a trial made by hand has the names that it is given', async () => {
  const named = createTrial({ value: 1, constraints: { memory: -1, time: 2 } });
  expect(named.systemAttrs).toEqual({ 'constraints:memory': -1, 'constraints:time': 2 });
  expect(named.constraints).toEqual([-1, 2]);
  expect(createTrial({ value: 1, constraints: [3] }).systemAttrs).toEqual({ constraints: [3] });
  expect(() => createTrial({ value: 1, constraints: { memory: Number.NaN } })).toThrow(/must be a number/);
  expect(namedConstraints(createTrial({ value: 1 }))).toBeNull();
});
