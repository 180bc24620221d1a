/** The commands that make, ask, tell, rename, delete and upgrade, as scripts use them: each call is a process of its own elsewhere. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { RandomSampler, TpeSampler } from '../../samplers/index.ts';
import { createStudy, float, loadStudy, space } from '../../src/index.ts';
import { SqliteStorage } from '../../storage/index.ts';
import { writeOldFile } from '../support/old-optuna.ts';
import { type CliResult, runInProcess } from '../support/run-in-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'thanos-cli-studies-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
let path: string;
beforeEach(() => {
  path = join(folder, `${files++}.db`);
});

const thanos = (...argv: string[]): Promise<CliResult> =>
  runInProcess(...argv, '--storage', `sqlite:///${path}`);

/** The JSON document of a command that must succeed. */
async function data(...argv: string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await thanos(...argv, '--json');
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
}

async function fails(code: number, name: string, ...argv: string[]): Promise<string> {
  const result = await thanos(...argv, '--json');
  expect(result.code, result.stderr).toBe(code);
  expect(JSON.parse(result.stdout)).toEqual({ error: { code: name, message: expect.any(String) } });
  return result.stderr;
}

const X = '{"x": {"type": "float", "low": 0, "high": 1}}';

describe('create-study', () => {
  it('makes a study, named or not, once', async () => {
    expect(await data('create-study', 'demo')).toEqual({
      study: 'demo',
      directions: ['minimize'],
      isNew: true,
    });
    expect((await thanos('create-study')).stdout).toBe('no-name-0\n');
    expect(await data('create-study', '--study-name', 'up', '--direction', 'maximize')).toMatchObject({
      directions: ['maximize'],
    });
    expect(await data('create-study', 'two', '--directions', 'minimize', 'maximize')).toMatchObject({
      directions: ['minimize', 'maximize'],
    });
    expect(await data('create-study', 'three', '--directions', 'minimize,maximize,minimize')).toMatchObject({
      directions: ['minimize', 'maximize', 'minimize'],
    });
    expect(await fails(1, 'DUPLICATED_STUDY', 'create-study', 'demo')).toMatch(/'demo' exists/);
    expect(await data('create-study', 'demo', '--skip-if-exists')).toMatchObject({
      study: 'demo',
      isNew: false,
    });
    const other = await fails(
      1,
      'INVALID_ARGUMENT',
      'create-study',
      'demo',
      '--skip-if-exists',
      '--direction',
      'maximize',
    );
    expect(other).toMatch(/has the directions \[minimize\]/);
    expect(
      (await fails(2, 'USAGE', 'create-study', 'a', '--study-name', 'b')).match(/two are named/),
    ).not.toBeNull();
    await fails(2, 'USAGE', 'create-study', 'a', '--direction', 'up');
    await fails(2, 'USAGE', 'create-study', 'a', '--directions', 'minimize', 'up');
    await fails(2, 'USAGE', 'create-study', 'a', '--direction', 'minimize', '--directions', 'minimize');
    await fails(2, 'USAGE', 'create-study', 'a', '--skip-if-exist');
  });
});

describe('ask and tell', () => {
  it('are those of one study object, though each call opens the file anew', async () => {
    await data('create-study', 'demo');
    const asked: unknown[] = [];
    for (let i = 0; i < 4; i++) {
      const { number, params } = await data('ask', 'demo', '--search-space', X);
      asked.push(params);
      await data('tell', 'demo', String(number), String((params as { x: number }).x));
    }
    const { seed } = (await new SqliteStorage(path).findStudy('demo'))!.systemAttrs['thanos:sampler'] as {
      seed: number;
    };
    const { AutoSampler } = await import('../../samplers/index.ts');
    const whole = await createStudy({ sampler: new AutoSampler({ seed }) });
    await whole.optimize(space({ x: float(0, 1) }), ({ x }) => x, { nTrials: 4 });
    expect(asked).toEqual(whole.trials.map(({ params }) => params));
  });

  it('leave a trial to whoever tells it: no later run takes it for one that has died, or counts it', async () => {
    await data('create-study', 'demo');
    expect((await thanos('ask', 'demo', '--search-space', X)).stdout).toMatch(
      /^\{"number":0,"params":\{"x":0\.\d+\}\}\n$/,
    );
    const study = await loadStudy({
      studyName: 'demo',
      storage: `sqlite:///${path}`,
      sampler: new RandomSampler({ seed: 1 }),
    });
    expect(study.trials[0].systemAttrs).not.toHaveProperty('thanos:owner');
    await study.optimize((trial) => trial.suggestFloat('x', 0, 1), { totalTrials: 3 });
    expect(study.trials.map(({ state }) => state)).toEqual(['RUNNING', 'COMPLETE', 'COMPLETE', 'COMPLETE']);
    await study.storage.close();
    expect(await data('tell', 'demo', '0', '0.25')).toMatchObject({
      study: 'demo',
      trial: { number: 0, state: 'COMPLETE', values: [0.25] },
    });
    expect(await fails(1, 'TRIAL_FINISHED', 'tell', 'demo', '0', '1')).toMatch(/trial 0 is COMPLETE/);
    expect(await data('tell', 'demo', '0', '1', '--skip-if-finished')).toMatchObject({
      trial: { values: [0.25] },
    });
  });

  it('begin queued trials first', async () => {
    const study = await createStudy({ studyName: 'demo', storage: `sqlite:///${path}` });
    await study.enqueueTrial({ x: 0.75 });
    await study.storage.close();
    expect(await data('ask', 'demo', '--search-space', X)).toEqual({ number: 0, params: { x: 0.75 } });
  });

  it('take values and states in every form', async () => {
    await data('create-study', 'one');
    await data('create-study', 'two', '--directions', 'minimize', 'maximize');
    for (let i = 0; i < 7; i++) await data('ask', 'one');
    for (let i = 0; i < 3; i++) await data('ask', 'two');
    const trial = async (...argv: string[]) => {
      const { code, stdout } = await thanos('tell', ...argv, '--json');
      expect(code).toBe(0);
      const { state, values } = JSON.parse(stdout).trial;
      return [state, values];
    };
    expect(await trial('one', '0', '-1.5')).toEqual(['COMPLETE', [-1.5]]);
    expect(await trial('--study-name', 'one', '--trial-number', '1', '--values', '-2e-3')).toEqual([
      'COMPLETE',
      [-0.002],
    ]);
    expect(await trial('one', '2', '--values', 'inf', '--state', 'complete')).toEqual([
      'COMPLETE',
      ['Infinity'],
    ]);
    expect(await trial('two', '0', '-inf', '-.5E+1')).toEqual(['COMPLETE', ['-Infinity', -5]]);
    expect(await trial('one', '3', 'nan')).toEqual(['FAIL', null]);
    expect(await trial('one', '4', '--state', 'FAIL')).toEqual(['FAIL', null]);
    expect(await trial('--study-name', 'one', '5', '--state', 'pruned')).toEqual(['PRUNED', null]);
    expect(await trial('--study-name', 'one', '--trial-number', '6', '7')).toEqual(['COMPLETE', [7]]);
    expect(await trial('two', '1', '1', '-2')).toEqual(['COMPLETE', [1, -2]]);
    expect(await trial('two', '2', '--values', '1')).toEqual(['FAIL', null]);
  });

  it('say what is wrong, and leave the trial as it is', async () => {
    await data('create-study', 'demo');
    await data('ask', 'demo');
    expect(await fails(2, 'USAGE', 'tell')).toMatch(/a study is needed/);
    expect(await fails(2, 'USAGE', 'tell', 'demo')).toMatch(/a trial is needed/);
    expect(await fails(2, 'USAGE', 'tell', 'demo', '0')).toMatch(/a value for each objective is needed/);
    expect(await fails(2, 'USAGE', 'tell', 'demo', 'x', '1')).toMatch(
      /--trial-number must be one integer >= 0/,
    );
    expect(await fails(2, 'USAGE', 'tell', 'demo', '0', 'low')).toMatch(/inf, -inf or nan, but is 'low'/);
    expect(await fails(2, 'USAGE', 'tell', 'demo', '0', '1', '--state', 'fail')).toMatch(
      /has no values, but got 1/,
    );
    await fails(2, 'USAGE', 'tell', 'demo', '0', '1', '--values', '2');
    await fails(2, 'USAGE', 'tell', 'demo', '0', '--state', 'running');
    expect(await fails(1, 'TRIAL_NOT_FOUND', 'tell', 'demo', '5', '1')).toMatch(/no trial 5/);
    expect(await fails(1, 'STUDY_NOT_FOUND', 'tell', 'demi', '0', '1')).toMatch(/holds: demo/);
    await fails(1, 'STUDY_NOT_FOUND', 'ask', 'demi');
    await fails(2, 'USAGE', 'ask', 'demo', '--search-space', '{');
    await fails(2, 'USAGE', 'ask', 'demo', '--search-space', '[]');
    await fails(2, 'USAGE', 'ask', 'demo', '--search-space', '{}');
    expect(await fails(2, 'USAGE', 'ask', 'demo', '--search-space', '{"x": {"type": "real"}}')).toMatch(
      /'x'/,
    );
    await fails(2, 'USAGE', 'ask', 'demo', '--sampler-kwargs', '{}');
    expect(await fails(1, 'UNKNOWN_NAME', 'ask', 'demo', '--sampler', 'tpee')).toMatch(
      /unknown sampler 'tpee'/,
    );
    await fails(
      1,
      'INVALID_ARGUMENT',
      'ask',
      'demo',
      '--sampler',
      'tpe',
      '--sampler-kwargs',
      '{"n_startup": 1}',
    );
    const storage = new SqliteStorage(path);
    const { studyId } = (await storage.findStudy('demo'))!;
    expect((await storage.getTrials(studyId)).map(({ state }) => state)).toEqual(['RUNNING']);
    await storage.close();
  });

  it('take the sampler of the study, or one by the name that Optuna or we give it', async () => {
    const created = await createStudy({
      studyName: 'demo',
      storage: `sqlite:///${path}`,
      sampler: new TpeSampler({ seed: 3, nStartupTrials: 1 }),
    });
    await created.storage.close();
    const long = '{"x": {"name": "FloatDistribution", "attributes": {"low": 0.0, "high": 1.0}}}';
    const asked = await data('ask', 'demo', '--search-space', long);
    const whole = await createStudy({ sampler: new TpeSampler({ seed: 3, nStartupTrials: 1 }) });
    expect(asked['params']).toEqual((await whole.ask(space({ x: float(0, 1) }))).params);
    for (const [name, kwargs] of [
      ['RandomSampler', '{"seed": 5}'],
      ['TPESampler', '{"n_startup_trials": 3, "seed": 1}'],
      ['NSGAIISampler', '{"population_size": 8}'],
      ['CmaEsSampler', '{}'],
      ['brute-force', '{"seed": 1}'],
      ['QMCSampler', '{"qmc_type": "halton"}'],
    ])
      await data(
        'ask',
        'demo',
        '--search-space',
        '{"n": {"type": "int", "low": 0, "high": 50}}',
        '--sampler',
        name,
        '--sampler-kwargs',
        kwargs,
      );
  });
});

it('metric names head the columns of tables, and stand in the JSON of studies; constraints have their names', async () => {
  const study = await createStudy({
    studyName: 'front',
    storage: `sqlite:///${path}`,
    directions: ['minimize', 'maximize'],
  });
  await study.setMetricNames(['loss', 'speed']);
  const trial = await study.ask();
  trial.setConstraint('memory', -1);
  await study.tell(trial, [1, 2]);
  await study.storage.close();
  for (const command of ['best', 'trials'])
    expect((await thanos(command, 'front')).stdout).toMatch(/loss +│ +speed/);
  const { trials } = (await data('trials', 'front')) as { trials: object[] };
  expect(trials).toMatchObject([{ constraints: [-1], namedConstraints: { memory: -1 } }]);
  const [summary] = (await data('studies')) as unknown as object[];
  expect(summary).toMatchObject({
    study: 'front',
    metricNames: ['loss', 'speed'],
    datetimeStart: expect.any(String),
  });

  const single = await createStudy({ studyName: 'one', storage: `sqlite:///${path}`, direction: 'maximize' });
  await single.setMetricNames(['accuracy']);
  await single.tell(await single.ask(), 0.5);
  await single.storage.close();
  expect((await thanos('best', 'one')).stdout).toMatch(/best accuracy 0\.5 \(maximize\)/);
});

describe('rename and delete-study', () => {
  it('take child studies along', async () => {
    const study = await createStudy({ studyName: 'old', storage: `sqlite:///${path}` });
    const trial = await study.ask();
    await trial.createStudy('inner');
    expect(await fails(1, 'STUDY_UNFINISHED', 'rename', 'old', 'new')).toMatch(/running/);
    await study.tell(trial, 1);
    await study.storage.close();
    expect(await data('rename', 'old', 'new')).toEqual({ study: 'new', before: 'old' });
    expect(await data('rename', '--study-name', 'new', '--new-study-name', 'newer')).toMatchObject({
      study: 'newer',
    });
    expect(await data('rename', '--study-name', 'newer', 'newest')).toMatchObject({ study: 'newest' });
    expect(await fails(1, 'STUDY_NOT_FOUND', 'rename', 'old', 'x')).toMatch(/holds: newest/);
    expect(await fails(2, 'USAGE', 'rename', 'newest')).toMatch(/a new name is needed/);
    expect(await data('delete-study', 'newest')).toEqual({
      study: 'newest',
      deleted: ['newest', 'newest/0/inner'],
    });
    await fails(1, 'STUDY_NOT_FOUND', 'delete-study', '--study-name', 'newest');
    expect(await fails(2, 'USAGE', 'delete-study')).toMatch(/a study is needed/);
  });
});

describe('storage upgrade', () => {
  it('brings an old file up to date, and says where the copy is', async () => {
    writeOldFile(path);
    expect((await thanos('studies')).stderr).toMatch(/thanos storage upgrade --storage sqlite:\/\/\//);
    const backup = `${path}.v0.9.0.a.bak`;
    expect(await data('storage', 'upgrade')).toEqual({ path, from: 'v0.9.0.a', to: 'v3.2.0.a', backup });
    expect((await thanos('storage', 'upgrade')).stdout).toBe(`${path} is up to date (v3.2.0.a)\n`);
    expect((await thanos('best', 'old')).stdout).toMatch(/best value 0\.5 \(maximize\), trial 0/);
    await fails(2, 'USAGE', 'storage', 'downgrade');
    await fails(2, 'USAGE', 'storage');
    rmSync(path);
    expect(await fails(1, 'STORAGE_UNAVAILABLE', 'storage', 'upgrade')).toMatch(/there is no database/);
  });
});

it.each(['create-study', 'ask', 'tell', 'rename', 'delete-study', 'storage'])(
  '%s --help teaches',
  async (command) => {
    const printed: string[] = [];
    const log = vi.spyOn(console, 'log').mockImplementation((text) => void printed.push(String(text)));
    const { code } = await thanos(command, '--help');
    log.mockRestore();
    expect(code).toBe(0);
    expect(printed.join('\n')).toMatch(/Examples:\n +thanos /);
  },
);
