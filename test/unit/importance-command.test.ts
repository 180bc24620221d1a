/** The command lines `thanos importance`, `thanos export --attrs` and `thanos run --log-level`, in this process. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { runCli } from '../../src/cli/run-cli.ts';
import { createStudy, FanovaEvaluator, openStorage, paramImportances, setLogLevel } from '../../src/index.ts';

const directory = mkdtempSync(join(tmpdir(), 'thanos-importance-'));
const url = `sqlite:///${join(directory, 'studies.db')}`;

beforeAll(async () => {
  const storage = await openStorage(url);
  const study = await createStudy({ storage, studyName: 'demo' });
  await study.optimize((t) => 4 * t.suggestFloat('x', 0, 1) + t.suggestFloat('y', 0, 1), { nTrials: 15 });
  const pair = await createStudy({ storage, studyName: 'pair', directions: ['minimize', 'maximize'] });
  await pair.optimize((t) => [t.suggestFloat('x', 0, 1), t.suggestFloat('y', 0, 1)], { nTrials: 15 });
  const outer = await createStudy({ storage, studyName: 'outer' });
  await outer.optimize(
    async (t) => {
      const inner = await t.createStudy('inner');
      const w = t.suggestFloat('w', 0, 1);
      await inner.optimize((s) => w + s.suggestFloat('v', 0, 1) / 9, { nTrials: 5 });
      return inner.bestValue;
    },
    { nTrials: 5 },
  );
  await createStudy({ storage, studyName: 'empty' });
  await storage.close();
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));
afterEach(() => {
  vi.restoreAllMocks();
  setLogLevel('warn');
});

async function thanos(...args: string[]) {
  const written = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      written[stream] += String(text);
      return true;
    });
  // Help is printed by yargs.
  vi.spyOn(console, 'log').mockImplementation((text) => {
    written.stdout += String(text);
  });
  const code = await runCli([...args, '--storage', url]);
  vi.restoreAllMocks();
  return { code, ...written };
}

interface Answer {
  readonly study: string;
  readonly evaluator: string;
  readonly trials: number;
  readonly importances: readonly { readonly name: string; readonly importance: number }[];
}

async function json(...args: string[]): Promise<Answer> {
  const { code, stdout } = await thanos('importance', ...args, '--json');
  expect(code).toBe(0);
  return JSON.parse(stdout) as Answer;
}

const namesOf = ({ importances }: Answer): string[] => importances.map(({ name }) => name);

describe('thanos importance', () => {
  it('answers what paramImportances does', async () => {
    const answer = await json('demo', '--evaluator', 'fanova', '--seed', '3');
    expect(answer).toMatchObject({ study: 'demo', evaluator: 'fanova', trials: 15 });
    const storage = await openStorage(url);
    const trials = await storage.getTrials((await storage.findStudy('demo'))!.studyId);
    await storage.close();
    const evaluator = new FanovaEvaluator({ seed: 3 });
    expect(answer.importances).toEqual(paramImportances({ trials, directions: ['minimize'] }, { evaluator }));
  });

  it('has a table for people', async () => {
    const { code, stdout, stderr } = await thanos('importance', 'demo');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/parameter.*importance/);
    expect(stdout).toMatch(/[xy] .*0\.\d+.*━{40}/);
  });

  it('explains chosen parameters, one of several objectives, and studies that trials own', async () => {
    expect(namesOf(await json('demo', '--params', 'y'))).toEqual(['y']);
    expect(namesOf(await json('pair')).sort()).toEqual(['x', 'y']);
    expect(namesOf(await json('pair', '--objective', '1', '--evaluator', 'mdi'))[0]).toBe('y');
    const nested = await json('outer', '--child', 'inner');
    expect([nested.trials, namesOf(nested).sort()]).toEqual([25, ['inner/v', 'w']]);
  });

  it('teaches by its help', async () => {
    const { stdout } = await thanos('importance', '--help');
    expect(stdout).toMatch(/ped-anova: .*fanova: .*mdi: /s);
    expect(stdout).toMatch(/thanos importance nas --child search/);
  });

  it.each([
    [['empty'], 1, /at least 2 COMPLETE trials, but study 'empty' has 0/],
    [['demo', '--evaluator', 'shap'], 2, /usage error: .*ped-anova.*fanova.*mdi/],
    [['demo', '--params', 'z'], 1, /params must appear.*z/],
    [['demo', '--objective', '1'], 1, /--objective must be 0, as there is one objective, but is 1/],
    [['demo', '--child', 'inner'], 1, /no trial of 'demo' owns a study called 'inner'/],
    [['pair', '--evaluator', 'fanova'], 1, /fanova explains one number, but the study has 2 objectives/],
  ])('says what is wrong with %j', async (args, code, message) => {
    const answer = await thanos('importance', ...args);
    expect(answer.code).toBe(code);
    expect(answer.stderr).toMatch(message);
  });
});

describe('thanos export --attrs', () => {
  it('writes these columns only', async () => {
    const { stdout } = await thanos('export', 'demo', '--attrs', 'number,params');
    expect(stdout.split('\r\n')[0]).toBe('number,params_x,params_y');
    const { code, stderr } = await thanos('export', 'demo', '--attrs', 'number,parms');
    expect([code, stderr]).toEqual([2, expect.stringMatching(/--attrs are some of number, .*'parms'/)]);
  });
});

describe('thanos run --log-level', () => {
  it('info has a line for each trial, and no progress', async () => {
    const file = join(directory, 'study.mjs');
    writeFileSync(
      file,
      "export default { studyName: 'run', nTrials: 2, objective: (t) => t.suggestFloat('x', 0, 1) };",
    );
    const { code, stderr } = await thanos('run', file, '--log-level', 'info');
    expect(code).toBe(0);
    expect(stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(
        /^\[info\] Trial 0 finished with value: 0\.\d+ and parameters: \{"x": 0\.\d+\}\. Best is/,
      ),
      expect.stringMatching(/^\[info\] Trial 1 finished/),
    ]);
    const refused = await thanos('run', file, '--log-level', 'loud');
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringMatching(/debug.*silent/)]);
  });
});

describe('errors on the command line', () => {
  it('of an objective that the study has not name the option', async () => {
    const one = await thanos('importance', 'demo', '--objective', '3');
    expect([one.code, one.stderr]).toEqual([
      1,
      'error: --objective must be 0, as there is one objective, but is 3\n',
    ]);
    expect((await thanos('importance', 'pair', '--objective', '2')).stderr).toMatch(
      /--objective must be 0 to 1, but is 2/,
    );
  });

  const run = async (name: string, objective: string) => {
    const path = join(directory, `${name}.mjs`);
    writeFileSync(
      path,
      `export default { studyName: '${name}', nTrials: 1, objective: () => { ${objective} } };`,
    );
    return thanos('run', path, '--json');
  };

  it.each([
    ['null-prototype', 'throw Object.create(null)', /"code": "UNEXPECTED".*\[Object: null prototype\] \{\}/s],
    ['proxy', "throw new Proxy({}, { get() { throw new Error('no') } })", /"code": "UNEXPECTED"/],
    ['number', 'throw 5n', /"message": "5n"/],
    ['no-text', 'throw Object.assign(new Error("x"), { toString: null })', /"code": "UNEXPECTED"/],
  ])('show whatever was thrown: %s', async (name, objective, message) => {
    const { code, stdout } = await run(name, objective);
    expect([code, JSON.parse(stdout)]).toEqual([1, { error: expect.anything() }]);
    expect(stdout).toMatch(message);
  });

  it('of very long messages are one line, and soon there', async () => {
    const { stdout } = await run('long', "throw new Error('a' + ' '.repeat(300_000) + 'b  \\n\\n  c')");
    const { message } = (JSON.parse(stdout) as { error: { message: string } }).error;
    expect(message).toBe(`Error: a${' '.repeat(300_000)}b c`);
  });
});
