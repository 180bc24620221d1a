/** Rows that another program, an older version or an accident left: the rest stays readable, or the error says where. */
import { afterAll, describe, expect, it } from 'vitest';
import { damageOf } from '../../src/core/damage.ts';
import { floatDistribution } from '../../src/core/distribution.ts';
import { createStudy, loadStudy, onLog } from '../../src/index.ts';
import { SqliteStorage } from '../../storage/index.ts';
import { sqliteFiles } from './sqlite-files.ts';

const { newPath, sql, remove } = sqliteFiles();
afterAll(remove);

/** A study 'demo' of three trials, changed by SQL. */
async function changed(statement: string): Promise<SqliteStorage> {
  const path = newPath();
  const study = await createStudy({ studyName: 'demo', storage: `sqlite:///${path}` });
  await study.setUserAttr('note', 'n');
  await study.optimize(
    (trial) => {
      trial.report(trial.number, 0);
      trial.report(trial.number, 1);
      trial.setUserAttr('mark', [trial.number]);
      return trial.suggestFloat('x', 0, 1) + (trial.suggestCategorical("it's", ['a', 'b']) === 'a' ? 0 : 1);
    },
    { nTrials: 3 },
  );
  await study.storage.close();
  sql(path, statement);
  return new SqliteStorage(path);
}

const AT_1 = 'trial_id = (SELECT trial_id FROM trials WHERE number = 1)';

describe('an intermediate value that is no number', () => {
  it.each(['intermediate_value = NULL', "intermediate_value = 'abc'", "intermediate_value_type = 'ODD'"])(
    'reads as NaN: %s',
    async (assignment) => {
      const storage = await changed(
        `UPDATE trial_intermediate_values SET ${assignment} WHERE ${AT_1} AND step = 0`,
      );
      const trials = await storage.getTrials(1);
      expect(trials.map((trial) => [...trial.intermediateValues.values()])).toEqual([
        [0, 0],
        [NaN, 1],
        [2, 2],
      ]);
      await storage.close();
    },
  );
});

describe('a row that cannot be read', () => {
  const distribution = (json: string): string =>
    `UPDATE trial_params SET distribution_json = '${json}' WHERE ${AT_1} AND param_name = 'x'`;
  const NO_PARAM =
    /^parameter 'x' of trial 1 of study 'demo' cannot be read: .*; correct this row, or delete it: DELETE FROM trial_params WHERE trial_id = 2 AND param_name = 'x'$/;
  const cases: readonly (readonly [statement: string, message: RegExp])[] = [
    [distribution('{"name": '), NO_PARAM],
    [distribution(''), /must be JSON, but is ;/],
    [distribution('null'), NO_PARAM],
    [
      distribution('{"name": "FloatDistribution", "attributes": {"low": 1, "high": null}}'),
      /'x' of trial 1 of study 'demo'.*a float with numbers low <= high/,
    ],
    [
      distribution('{"name": "OddDistribution", "attributes": {}}'),
      /trial 1 .*must be one of FloatDistribution/,
    ],
    [`UPDATE trial_params SET param_value = NULL WHERE ${AT_1} AND param_name = 'x'`, NO_PARAM],
    [
      `UPDATE trial_params SET param_value = 2 WHERE ${AT_1} AND param_name = 'it''s'`,
      /parameter 'it's' of trial 1 .*index of one of 2 choices, but is 2;.*param_name = 'it''s'$/,
    ],
    [
      `UPDATE trial_values SET value = NULL WHERE ${AT_1}`,
      /^objective value 0 of trial 1 of study 'demo' .*FINITE null; .*DELETE FROM trial_values WHERE trial_id = 2 AND objective = 0; UPDATE trials SET state = 'FAIL' WHERE trial_id = 2$/,
    ],
    [
      `UPDATE trial_user_attributes SET value_json = '[1,' WHERE ${AT_1}`,
      /^attribute 'mark' of trial 1 of study 'demo' .*must be JSON, but is \[1,;.*DELETE FROM trial_user_attributes WHERE trial_id = 2 AND "key" = 'mark'$/,
    ],
    [`UPDATE trials SET state = 'DONE' WHERE number = 1`, /state of trial 1 of study 'demo' .*'DONE'/],
    [
      `UPDATE trials SET datetime_start = 'noon' WHERE number = 1`,
      /times of trial 1 of study 'demo' .*'noon'/,
    ],
  ];

  it.each(cases)('is named, and its remedy works: %s', async (statement, message) => {
    const storage = await changed(statement);
    const trials = await storage.getTrials(1);
    expect(trials.map((trial) => trial.number)).toEqual([0, 1, 2]);
    const damages = trials.map((trial) => damageOf(trial));
    expect(damages).toEqual([
      null,
      expect.objectContaining({ code: 'STORAGE_CORRUPT', message: expect.stringMatching(message) }),
      null,
    ]);
    expect(trials[0]).toMatchObject({ state: 'COMPLETE', userAttrs: { mark: [0] } });
    const [, remedy] = /(?:or delete it|failed|table trials): (.*)$/.exec(damages[1]!.message) ?? [];
    sql(storage.path, remedy);
    expect((await storage.getTrials(1)).map((trial) => damageOf(trial))).toEqual([null, null, null]);
    await storage.close();
  });

  it('leaves its study readable, but nothing is added to it before it is mended', async () => {
    const storage = await changed(distribution('{"name": '));
    const messages: string[] = [];
    const stop = onLog(({ level, text }) => messages.push(`${level} ${text}`));
    const study = await loadStudy({ studyName: 'demo', storage });
    stop();
    expect(messages).toEqual([
      expect.stringMatching(/^warn The study can be read only.*DELETE FROM trial_params/),
    ]);
    expect(study.trials.map((trial) => trial.state)).toEqual(['COMPLETE', 'FAIL', 'COMPLETE']);
    expect([0, 2]).toContain(study.bestTrial.number);
    for (const call of [
      () => study.optimize(() => 0, { nTrials: 1 }),
      () => study.ask(),
      () => study.enqueueTrial({ x: 0 }),
      () => study.addTrial(study.trials[0]),
    ])
      await expect(call()).rejects.toMatchObject({
        code: 'STORAGE_CORRUPT',
        message: expect.stringMatching(NO_PARAM),
      });
    expect((await storage.getTrials(1)).length).toBe(3);
    sql(storage.path, /delete it: (.*)$/.exec(messages[0])![1].replace(/\.$/, ''));
    const mended = await loadStudy({ studyName: 'demo', storage });
    await mended.optimize((trial) => trial.suggestFloat('x', 0, 1), { nTrials: 1 });
    expect(mended.trials.map((trial) => trial.state)).toEqual(Array(4).fill('COMPLETE'));
    await storage.close();
  });

  it('is read as Optuna reads it where that is clear: 0 for false', async () => {
    const storage = await changed(
      distribution(
        '{"name": "FloatDistribution", "attributes": {"low": 0, "high": 1, "log": 0, "step": null}}',
      ),
    );
    const [, trial] = await storage.getTrials(1);
    expect(damageOf(trial)).toBeNull();
    expect(trial.distributions['x']).toEqual(floatDistribution(0, 1));
    await storage.close();
  });

  it('is named in attributes of studies and owners of trials', async () => {
    const storage = await changed(
      `UPDATE study_user_attributes SET value_json = 'n';
       UPDATE trials SET state = 'RUNNING'; UPDATE trial_system_attributes SET value_json = '{'`,
    );
    for (const study of [...(await storage.listStudies()), (await storage.findStudy('demo'))!]) {
      expect(study).toMatchObject({ studyName: 'demo', userAttrs: {} });
      expect(damageOf(study)).toMatchObject({
        code: 'STORAGE_CORRUPT',
        message: expect.stringMatching(
          /'note' of study 'demo' .*FROM study_user_attributes WHERE study_id = 1/,
        ),
      });
    }
    await expect(storage.claimTrial(1)).rejects.toMatchObject({
      code: 'STORAGE_CORRUPT',
      message: expect.stringMatching(/'thanos:owner' of the trial with id 1 .*FROM trial_system_attributes/),
    });
    sql(
      storage.path,
      `INSERT INTO study_system_attributes (study_id, "key", value_json) VALUES (1, 'thanos:parent', '{')`,
    );
    const { studyId } = await storage.createStudy('other', ['minimize']);
    await storage.deleteStudy(studyId);
    sql(storage.path, "UPDATE studies SET study_name = 'root/0/demo'");
    const root = await storage.createStudy('root', ['minimize']);
    await expect(storage.deleteStudy(root.studyId)).rejects.toMatchObject({ code: 'STORAGE_CORRUPT' });
    await storage.close();
  });
});

describe('a study with odd numbers of trials', () => {
  const ONE = "WHERE number = 1 AND study_id = (SELECT study_id FROM studies WHERE study_name = 'demo')";
  it.each([
    [`DELETE FROM trials ${ONE}`, /before trial 2 \(id 3\) trial 1 is missing;.*: (INSERT INTO trials .*)$/],
    [
      `UPDATE trials SET number = 0 ${ONE}`,
      /id 2, which should be trial 1, has the number 0;.*: (UPDATE trials .*)$/,
    ],
    [
      `UPDATE trials SET number = NULL ${ONE}`,
      /id 2, .*trial 1, has the number null;.*: (UPDATE trials .*)$/,
    ],
    [
      `UPDATE trials SET number = 'abc' ${ONE}`,
      /id 2, .*trial 1, has the number abc;.*: (UPDATE trials .*)$/,
    ],
    [`UPDATE trials SET number = 1.5 ${ONE}`, /id 2, .*trial 1, has the number 1.5;.*: (UPDATE trials .*)$/],
    [`UPDATE trials SET number = -1 ${ONE}`, /id 2, .*trial 1, has the number -1;.*: (UPDATE trials .*)$/],
    [
      `UPDATE trials SET number = 1e15 ${ONE}`,
      /id 2, .*trial 1, has the number 1000000000000000;.*: (UPDATE .*)$/,
    ],
    [
      `UPDATE trials SET number = x'00' ${ONE}`,
      /id 2, .*trial 1, has the number a blob of 1 bytes;.*: (UPDATE .*)$/,
    ],
    [
      'UPDATE trials SET number = number + 1',
      /id 1, which should be trial 0, has the number 1;.*: (UPDATE trials .*)$/,
    ],
    [
      'UPDATE trials SET number = NULL',
      /id 1, which should be trial 0, has the number null;.*: (UPDATE trials .*)$/,
    ],
  ])('is read, and named before it goes on: %s', async (statement, message) => {
    const storage = await changed(statement);
    const study = await loadStudy({ studyName: 'demo', storage });
    expect(study.trials.map((trial) => trial.number)).toEqual([0, 1, 2]);
    const error: Error = await study.optimize(() => 0, { nTrials: 1 }).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'STORAGE_CORRUPT', message: expect.stringMatching(message) });
    sql(storage.path, message.exec(error.message)![1]);
    const mended = await loadStudy({ studyName: 'demo', storage });
    await mended.optimize(() => 0, { nTrials: 1 });
    expect(mended.trials.map((trial) => trial.number)).toEqual([0, 1, 2, 3]);
    await storage.close();
  });

  it('gets no new trial after one whose number is none', async () => {
    const storage = await changed("UPDATE trials SET number = 'last' WHERE number = 2");
    await expect(storage.createTrial(1, { state: 'WAITING' })).rejects.toMatchObject({
      code: 'STORAGE_CORRUPT',
      message: expect.stringMatching(/trial with id 3 must be an integer >= 0, but is last/),
    });
    await storage.close();
  });
});

describe('a study with odd parameters', () => {
  const ODD = {
    constructor: [Infinity, null],
    toString: [-Infinity, NaN, -0],
    ['__proto__']: ['own', 'inherited'],
    hasOwnProperty: [true, false],
  } as const;

  it.each(['memory', 'sqlite'])('is run, read again and continued: %s', async (kind) => {
    const path = kind === 'memory' ? null : newPath();
    const storage = path === null ? undefined : new SqliteStorage(path);
    const study = await createStudy({ studyName: 'odd', storage });
    const names = Object.keys(ODD) as (keyof typeof ODD)[];
    const seen: unknown[][] = [];
    const run = (s: typeof study): Promise<void> =>
      s.optimize(
        (trial) => {
          seen.push(names.map((name) => trial.suggestCategorical(name, ODD[name] as readonly string[])));
          return 0;
        },
        { nTrials: 12 },
      );
    await run(study);
    if (path !== null) {
      await study.storage.close();
      const again = await loadStudy({ studyName: 'odd', storage: new SqliteStorage(path) });
      await run(again);
      expect(again.trials.map((trial) => names.map((name) => trial.params[name]))).toStrictEqual(seen);
      await again.storage.close();
    } else expect(study.trials.map((trial) => names.map((name) => trial.params[name]))).toStrictEqual(seen);
    for (const [i, name] of names.entries())
      expect(new Set(seen.map((row) => row[i])), name).toEqual(new Set<unknown>(ODD[name]));
  });
});
