/** Many trials are read page by page, those of one space by a short cut: what is read is the same as of one trial at a time. */
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { damageOf } from '../../src/core/damage.ts';
import {
  categoricalDistribution,
  floatDistribution,
  intDistribution,
  type SearchSpace,
} from '../../src/core/distribution.ts';
import type { FrozenTrial, TrialState } from '../../src/core/frozen-trial.ts';
import { SqliteStorage } from '../../storage/index.ts';
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
  return trials;
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
      extra: 9,
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
