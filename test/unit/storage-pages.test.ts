/** Many trials are read page by page, those of one space by a short cut: what is read is the same as of one trial at a time. */
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { bestOf } from '../../src/core/best.ts';
import { damageOf } from '../../src/core/damage.ts';
import {
  categoricalDistribution,
  floatDistribution,
  intDistribution,
  type SearchSpace,
} from '../../src/core/distribution.ts';
import type { FrozenTrial, TrialState } from '../../src/core/frozen-trial.ts';
import { SqliteStorage } from '../../storage/index.ts';
import { millisecondsOf } from '../../storage/sql/encoding.ts';
import { sqliteFiles } from './sqlite-files.ts';

const { newPath, sql, remove } = sqliteFiles();
afterAll(remove);

const N_TRIALS = 260;
const STATES: readonly TrialState[] = ['COMPLETE', 'COMPLETE', 'COMPLETE', 'PRUNED', 'FAIL', 'WAITING'];
const ANY = floatDistribution(-Number.MAX_VALUE / 2, Number.MAX_VALUE / 2);
const SPACE: SearchSpace = {
  z: ANY,
  a: ANY,
  n: intDistribution(0, 9),
  c: categoricalDistribution(['p', null, true]),
};
/** The parameters of SPACE in another order, of another range, fewer, more, none. */
const OTHER_SPACES: readonly SearchSpace[] = [
  { a: ANY, z: ANY, n: SPACE['n'], c: SPACE['c'] },
  { ...SPACE, n: intDistribution(0, 10) },
  { z: ANY, a: ANY, n: SPACE['n'] },
  { ...SPACE, more: ANY },
  {},
];

/** Every bit pattern that is a finite number, -0 and the smallest among them. */
const double = fc.double({ noNaN: true, min: -8e307, max: 8e307 });
const trialOf = fc.record({
  z: double,
  a: double,
  n: fc.nat(9),
  c: fc.constantFrom('p', null, true),
  state: fc.constantFrom(...STATES),
  value: fc.oneof(double, fc.constantFrom(Infinity, -Infinity)),
  other: fc.nat(40),
  extra: fc.nat(20),
});

async function study(rows: readonly (typeof trialOf extends fc.Arbitrary<infer T> ? T : never)[]) {
  const path = newPath();
  const storage = new SqliteStorage(path);
  const { studyId } = await storage.createStudy('demo', ['minimize']);
  const { studyId: neighbor } = await storage.createStudy('neighbor', ['minimize']);
  for (const { state, value, other, extra, ...given } of rows) {
    const distributions = OTHER_SPACES[other] ?? SPACE;
    const values: Record<string, unknown> = { ...given, more: 1 };
    const params = Object.fromEntries(Object.keys(distributions).map((name) => [name, values[name]]));
    await storage.createTrial(studyId, {
      state,
      params: params as FrozenTrial['params'],
      distributions,
      values: state === 'COMPLETE' ? [value] : null,
      userAttrs: extra === 0 ? { u: [1], v: 'w' } : {},
      systemAttrs: extra === 1 ? { constraints: [1, -1] } : extra === 2 ? { 'constraints:k': 2, b: 1 } : {},
      intermediateValues: new Map(
        extra === 3
          ? [
              [0, NaN],
              [2, Infinity],
            ]
          : [],
      ),
    });
    if (extra > 15)
      await storage.createTrial(neighbor, { state: 'COMPLETE', values: [1], params, distributions } as never);
  }
  return { path, storage, studyId };
}

/** The trials as the storage reads one at a time, without the short cut. */
async function oneByOne(
  storage: SqliteStorage,
  studyId: number,
  trials: readonly FrozenTrial[],
): Promise<FrozenTrial[]> {
  const single: FrozenTrial[] = [];
  for (const { trialId, number } of trials)
    single.push(
      ...(await storage.getTrialPage(studyId, {
        after: { trialId: trialId - 1, number: number - 1 },
        limit: 1,
      })),
    );
  return single;
}

const whole = (trials: readonly FrozenTrial[]) =>
  trials.map((trial) => ({
    trial,
    order: Object.keys(trial.params),
    orderOfDistributions: Object.keys(trial.distributions),
    damage: damageOf(trial)?.message ?? null,
  }));

async function assertSame(storage: SqliteStorage, studyId: number): Promise<readonly FrozenTrial[]> {
  const trials = await storage.getTrials(studyId);
  expect(trials).toHaveLength(N_TRIALS);
  const single = await oneByOne(storage, studyId, trials);
  expect(whole(trials)).toStrictEqual(whole(single));
  // `toStrictEqual` takes any two NaN for one; zeros by Object.is.
  for (const [i, { params }] of trials.entries())
    for (const name of Object.keys(params))
      expect(Object.is(params[name], single[i].params[name])).toBe(true);
  // Parameters are not read then.
  const outcomes = (await storage.getOutcomes(studyId)).map((outcome, i) =>
    damageOf(trials[i])?.message.startsWith('parameter')
      ? { ...outcome, state: 'FAIL', values: null }
      : outcome,
  );
  expect(outcomes).toEqual(
    trials.map(({ trialId, number, state, values, constraints }) => ({
      trialId,
      number,
      state,
      values,
      constraints,
    })),
  );
  await assertBest(storage, studyId, trials);
  return trials;
}

/** The short cut to the best trial may give up, but not find another one. */
async function assertBest(storage: SqliteStorage, studyId: number, trials: readonly FrozenTrial[]) {
  for (const direction of ['minimize', 'maximize'] as const) {
    const found = await storage.getBestTrial(studyId, direction);
    if (found !== null) expect(found).toStrictEqual(bestOf(trials, direction));
  }
}

describe('a page of trials', () => {
  it('is what its trials are one by one, whatever they hold', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(trialOf, { minLength: N_TRIALS, maxLength: N_TRIALS }), async (rows) => {
        const { storage, studyId } = await study(rows);
        const trials = await assertSame(storage, studyId);
        trials.forEach(({ params }, i) => {
          if ('z' in params) expect(Object.is(params['z'], rows[i].z + 0)).toBe(true);
        });
        await storage.close();
      }),
      { numRuns: 5 },
    );
  });

  const AT = 'WHERE trial_id = (SELECT trial_id FROM trials WHERE study_id = 1 AND number = 100)';
  it.each([
    `UPDATE trial_params SET param_value = NULL ${AT} AND param_name = 'z'`,
    `UPDATE trial_params SET param_value = 'abc' ${AT} AND param_name = 'z'`,
    `UPDATE trial_params SET param_value = 7 ${AT} AND param_name = 'c'`,
    `UPDATE trial_params SET distribution_json = '{' ${AT} AND param_name = 'n'`,
    `UPDATE trial_params SET param_name = 'y' ${AT} AND param_name = 'a'`,
    `UPDATE trial_params SET param_name = x'00ff' ${AT} AND param_name = 'a'`,
    `UPDATE trial_params SET param_id = param_id + 100000 ${AT} AND param_name = 'z'`,
    `UPDATE trial_params SET trial_id = 1000000 ${AT} AND param_name = 'c'`,
    `INSERT INTO trial_params (trial_id, param_name, param_value, distribution_json)
      SELECT trial_id, 'late', 1, distribution_json FROM trial_params ${AT} AND param_name = 'z'`,
    `DELETE FROM trial_params ${AT}`,
    // Whole blocks elsewhere, and blocks that hold a row of another trial.
    `UPDATE trial_params SET param_id = param_id + 100000 ${AT}`,
    `UPDATE trial_params SET param_id = param_id - 100000 ${AT}`,
    `UPDATE trial_params SET param_id = param_id + 9007199254740000 ${AT}`,
    `UPDATE trial_params SET trial_id = -trial_id WHERE param_name = 'z' AND trial_id IN (101, 102);
      UPDATE trial_params SET trial_id = 203 + trial_id WHERE trial_id < 0`,
    `UPDATE trial_params SET trial_id = -trial_id WHERE trial_id IN (101, 102);
      UPDATE trial_params SET trial_id = 203 + trial_id WHERE trial_id < 0`,
    // The number of rows is right, but one belongs to a neighbor, and one to a trial that does not exist.
    `UPDATE trial_params SET trial_id = 101, param_name = 'late' WHERE trial_id = 102 AND param_name = 'z'`,
    `UPDATE trial_params SET trial_id = 101.25, param_name = 'z' WHERE trial_id = 101 AND param_name = 'a'`,
    `UPDATE trial_system_attributes SET value_json = '[2, 1]' ${AT}`,
    `UPDATE trial_system_attributes SET value_json = '[' ${AT}`,
    `UPDATE trial_system_attributes SET "key" = 'other' ${AT}`,
    `UPDATE trial_system_attributes SET trial_id = 102, "key" = 'second' ${AT}`,
    `INSERT INTO trial_system_attributes (trial_id, "key", value_json)
      SELECT trial_id, 'second', value_json FROM trial_system_attributes ${AT}`,
    `DELETE FROM trial_system_attributes ${AT}`,
    `UPDATE trial_values SET value = NULL ${AT}`,
    `UPDATE trial_values SET value_type = 'NAN' ${AT}`,
    `UPDATE trial_values SET objective = 1 ${AT}`,
    `DELETE FROM trial_values ${AT}`,
    `UPDATE trials SET state = 'ODD' ${AT}`,
    `UPDATE trials SET datetime_start = '2020-13-01 00:00:00.000000' ${AT}`,
    `UPDATE trials SET datetime_complete = '2020-01-01 00:00:60.000000' ${AT}`,
  ])('with an odd row among them: %s', async (statement) => {
    const row = {
      z: 0.1,
      a: 5e-324,
      n: 3,
      c: null,
      state: 'COMPLETE' as const,
      value: 1,
      other: 40,
      extra: 1,
    };
    const { path, storage, studyId } = await study(
      Array.from({ length: N_TRIALS }, (_, i) => ({ ...row, z: i / 3 })),
    );
    await storage.close();
    sql(path, statement);
    const again = new SqliteStorage(path);
    const trials = await assertSame(again, studyId);
    expect(trials[99].params).toEqual({ z: 33, a: 5e-324, n: 3, c: null });
    expect(trials[101].state).toBe('COMPLETE');
    await again.close();
  });

  it.each([1, 60, 61, 70])('with %i parameters and objectives', async (count) => {
    const storage = new SqliteStorage(newPath());
    const { studyId } = await storage.createStudy('wide', Array<'minimize'>(count).fill('minimize'));
    const values = Array.from({ length: count }, (_, k) => k / 3);
    const params = Object.fromEntries(values.map((value, k) => [`p${k}`, value]));
    const distributions = Object.fromEntries(values.map((_, k) => [`p${k}`, ANY]));
    for (let i = 0; i < 60; i++)
      await storage.createTrial(studyId, { state: 'COMPLETE', values, params, distributions });
    const trials = await storage.getTrials(studyId);
    expect(trials.map((trial) => trial.params)).toEqual(Array(60).fill(params));
    const outcomes = await storage.getOutcomes(studyId);
    expect(outcomes.map((outcome) => outcome.values)).toEqual(Array(60).fill(values));
    await storage.close();
  });
});

describe('the best trial', () => {
  const create = (storage: SqliteStorage, studyId: number, value: number, constraint: number) =>
    storage.createTrial(studyId, {
      state: 'COMPLETE',
      values: [value],
      systemAttrs: { constraints: [constraint] },
    });

  it('is found without reading the others', async () => {
    const path = newPath();
    const storage = new SqliteStorage(path);
    const { studyId } = await storage.createStudy('demo', ['minimize']);
    for (const [value, constraint] of [
      [3, 0],
      [-Infinity, 1],
      [1, 0],
      [1, 0],
      [Infinity, -1],
    ])
      await create(storage, studyId, value, constraint);
    expect((await storage.getBestTrial(studyId, 'minimize'))?.number).toBe(2);
    expect((await storage.getBestTrial(studyId, 'maximize'))?.number).toBe(4);
    await storage.close();
  });

  it('is left to the reader of all outcomes where rows are odd, numbers are, or many are infeasible', async () => {
    for (const statement of [
      `UPDATE trial_params SET param_value = 'odd' WHERE trial_id = 31`,
      `UPDATE trials SET number = 40 WHERE trial_id = 3`,
      `UPDATE trial_values SET value_type = 'ODD' WHERE trial_id = 30`,
      `UPDATE trial_system_attributes SET value_json = '[1]' WHERE trial_id > 1`,
    ]) {
      const path = newPath();
      const storage = new SqliteStorage(path);
      const { studyId } = await storage.createStudy('demo', ['minimize']);
      for (let i = 0; i < 31; i++)
        await storage.createTrial(studyId, {
          state: 'COMPLETE',
          values: [-i],
          params: { x: 1 },
          distributions: { x: ANY },
          systemAttrs: { constraints: [0] },
        });
      expect((await storage.getBestTrial(studyId, 'minimize'))?.number).toBe(30);
      await storage.close();
      sql(path, statement);
      const again = new SqliteStorage(path);
      expect(await again.getBestTrial(studyId, 'minimize')).toBe(null);
      await again.close();
    }
  });
});

describe('a stored date', () => {
  /** What counts as one, by the book. */
  const expected = (text: string): number => {
    if (!/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?$/.test(text) || text.slice(17, 19) >= '60')
      return Number.NaN;
    const [minute, fraction] = [text.slice(0, 16).replace(' ', 'T'), text.slice(20, 23).padEnd(3, '0')];
    return Date.parse(`${minute}:00Z`) + Number(text.slice(17, 19)) * 1000 + Number(fraction);
  };

  it('is read to the millisecond, whatever was read before it', () => {
    const near = fc
      .tuple(
        fc.constantFrom('2026-11-28 16:39', '2026-02-30 10:00', '0001-01-01 00:00', '2026-1'),
        fc.nat(61),
        fc.nat(999_999),
      )
      .map(([minute, s, us]) => `${minute}:${String(s).padStart(2, '0')}.${String(us).padStart(6, '0')}`);
    const text = fc.oneof(
      near,
      fc
        .tuple(near, fc.nat(25), fc.constantFrom('x', ' ', '/', ':', '5', ''))
        .map(([date, at, letter]) => date.slice(0, at) + letter + date.slice(at + 1)),
      near.map((date) => date.slice(0, 19)),
    );
    fc.assert(
      fc.property(text, (date) => void expect(millisecondsOf(date)).toBe(expected(date))),
      { numRuns: 2000 },
    );
  });
});
