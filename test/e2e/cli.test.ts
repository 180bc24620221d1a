import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ended, ensureBuilt, makeProject, startThanos, thanos, thanosLines } from './built-package.ts';

const DEMO = `
import { defineStudy, float, int, space, TrialPruned } from 'thanos-hpo';

export default defineStudy({
  studyName: 'demo',
  direction: 'minimize',
  nTrials: 20,
  space: space({ x: float(-5, 5), n: int(1, 4) }),
  objective: ({ x, n }, trial): number => {
    if (trial.number === 3) throw new TrialPruned();
    trial.setUserAttr('note', 'say "hi", twice');
    return (x - 2) ** 2 + n;
  },
});
`;

/** What TypeScript has beyond types, and files under the names that they have once compiled. */
const PARTS = {
  'parts.ts': `
import { defineStudy, type Trial } from 'thanos-hpo';
import { Scale } from './scale.js';
import { Offset } from './offset';
import { createRequire } from 'node:module';
const half: <T>(x: T) => number = createRequire(import.meta.url)('./half.cjs');

export default defineStudy({
  studyName: 'parts',
  nTrials: 2,
  objective: (trial: Trial) => trial.suggestFloat('x', 1, 1) * Scale.Double + new Offset(40).by + half(2) - half<number>(2),
});
`,
  'scale.ts': 'export enum Scale { Single = 1, Double }',
  'offset.ts': 'export class Offset { constructor(readonly by: number) {} }',
  'half.cjs': 'module.exports = (x) => x / 2;',
};

/** Define-by-run, two objectives, slow enough to be interrupted. */
const SLOW = `
import { setTimeout } from 'node:timers/promises';
import { defineStudy } from 'thanos-hpo';
import { TpeSampler } from 'thanos-hpo/samplers';

setInterval(() => {}, 1000);
export default defineStudy({
  studyName: 'slow',
  directions: ['minimize', 'maximize'],
  sampler: new TpeSampler({ seed: 7 }),
  nTrials: 30,
  objective: async (trial) => {
    const x = trial.suggestFloat('x', 0, 1);
    await setTimeout(20, null, { signal: trial.signal });
    return [x, x * x];
  },
});
`;

/** Never waits, so that signals only come in between trials. */
const BUSY = SLOW.replace('async (trial)', '(trial)')
  .replace(/.*setTimeout\(20.*\n/, '')
  .replace('nTrials: 30', 'nTrials: 1000');

let project: string;

beforeAll(() => {
  ensureBuilt();
  project = makeProject({ 'demo.ts': DEMO, 'slow.mjs': SLOW, 'busy.mjs': BUSY });
});

afterAll(() => {
  rmSync(project, { recursive: true, force: true });
});

interface TrialJson {
  readonly number: number;
  readonly state: string;
  readonly params: Record<string, number>;
  readonly values: number[] | null;
}

describe('thanos run', () => {
  it('runs a TypeScript module, whatever its package says about modules, and holds one database', async () => {
    for (const type of ['none', 'commonjs', 'module']) {
      const folder = makeProject({ 'demo.ts': DEMO });
      if (type !== 'none') writeFileSync(join(folder, 'package.json'), JSON.stringify({ type }));
      const { code, stdout, stderr } = await thanos(folder, 'run', 'demo.ts');
      expect(code, stderr).toBe(0);
      // TrialPruned of the module is TrialPruned of the engine.
      expect(stdout).toContain("study 'demo': 19 COMPLETE, 1 PRUNED");
      expect(stdout).toMatch(/best value \d/);
      expect(stderr).toMatch(/demo 2\/20\s+best .*demo 20\/20/s);
      expect(readdirSync(folder).filter((name) => name.startsWith('thanos.db'))).toEqual(['thanos.db']);
      rmSync(folder, { recursive: true });
    }
  });

  it('runs a module of enums, parameter properties and files named as compiled', async () => {
    const folder = makeProject(PARTS);
    const { code, stdout, stderr } = await thanos(folder, 'run', 'parts.ts', '--json');
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ bestTrial: { values: [42] } });
    rmSync(folder, { recursive: true });
  });

  it('adds trials up to --trials and never runs more than are asked for', async () => {
    const url = 'sqlite:///totals.db';
    const run = ['run', 'demo.ts', '--storage', url];
    const [, again, more] = await thanosLines(project, [
      run,
      [...run, '--json'],
      [...run, '--trials', '25', '--json'],
    ]);
    expect(again.stderr).toContain('holds 20 trials already');
    expect(JSON.parse(again.stdout)).toMatchObject({ isFinished: true, trials: { COMPLETE: 19, PRUNED: 1 } });
    expect(more.stderr).toContain("going on with study 'demo': 20 of 25");
    expect(JSON.parse(more.stdout)).toMatchObject({ trials: { COMPLETE: 24 }, storage: url });
  });

  it('is stopped by SIGINT or SIGTERM and resumes to the study of an unbroken run', async () => {
    const trialsOf = ({ stdout }: Ended): TrialJson[] =>
      (JSON.parse(stdout) as { trials: TrialJson[] }).trials.map(({ number, state, params, values }) => ({
        number,
        state,
        params,
        values,
      }));
    const [url, whole] = ['sqlite:///broken.db', 'sqlite:///whole.db'];
    const stops = [
      ['SIGINT', /slow 6\/30/],
      ['SIGTERM', /slow 18\/30/],
    ] as const;
    for (const [signal, moment] of stops) {
      const run = startThanos(project, ['run', 'slow.mjs', '--storage', url, '--json']);
      await run.untilStderr(moment);
      run.process.kill(signal);
      const { code, stdout, stderr } = await run.ended;
      expect(code).toBe(130);
      expect(stderr).toMatch(/interrupted: study 'slow' holds \d+ of 30 trials; run the same command again/);
      expect(JSON.parse(stdout)).toMatchObject({ isFinished: false });
    }
    const resumed = await thanos(project, 'run', 'slow.mjs', '--storage', url);
    expect(resumed.code).toBe(0);
    const [, broken, unbroken] = await thanosLines(project, [
      ['run', 'slow.mjs', '--storage', whole],
      ['trials', 'slow', '--storage', url, '--json'],
      ['trials', 'slow', '--storage', whole, '--json'],
    ]);
    expect(trialsOf(broken)).toHaveLength(30);
    expect(trialsOf(broken)).toEqual(trialsOf(unbroken));
  });

  it('hears a signal even if neither objective nor storage ever waits', async () => {
    const run = startThanos(project, ['run', 'busy.mjs', '--storage', 'memory']);
    await run.untilStderr(/slow 100\/1000/);
    run.process.kill('SIGINT');
    const { code, stderr } = await run.ended;
    expect(code).toBe(130);
    expect(stderr).not.toContain('slow 1000/1000');
  });

  it('ends at once on a second signal', async () => {
    writeFileSync(
      join(project, 'deaf.mjs'),
      SLOW.replace(
        'setTimeout(20, null, { signal: trial.signal })',
        'setTimeout(trial.number < 3 ? 1 : 60_000)',
      ),
    );
    const run = startThanos(project, ['run', 'deaf.mjs', '--storage', 'sqlite:///deaf.db']);
    await run.untilStderr(/slow 3\/30/);
    run.process.kill('SIGINT');
    await run.untilStderr(/once more/);
    run.process.kill('SIGINT');
    expect((await run.ended).code).toBe(130);
  });

  it('says what failed in an objective, and goes on after it', async () => {
    writeFileSync(
      join(project, 'failing.ts'),
      DEMO.replace("'demo'", "'failing'").replace('throw new TrialPruned()', "throw new RangeError('boom')"),
    );
    const run = ['run', 'failing.ts', '--storage', 'sqlite:///failing.db'];
    const [first, second] = await thanosLines(project, [run, [...run, '--json']]);
    expect(first.code).toBe(1);
    expect(first.stderr).toMatch(/^error: RangeError: boom; --verbose shows where/m);
    expect(first.stderr).not.toMatch(/\n\s+at /);
    expect(JSON.parse(second.stdout)).toMatchObject({ trials: { COMPLETE: 19, FAIL: 1 } });
  });

  it('takes the storage from THANOS_STORAGE', async () => {
    const env = { THANOS_STORAGE: 'sqlite:///from-env.db' };
    await startThanos(project, ['run', 'demo.ts'], env).ended;
    expect(existsSync(join(project, 'from-env.db'))).toBe(true);
    expect((await startThanos(project, ['best', 'demo'], env).ended).code).toBe(0);
  });
});

describe('reading commands', () => {
  const url = 'sqlite:///read.db';
  beforeAll(async () => {
    await thanosLines(project, [
      ['run', 'demo.ts', '--storage', url],
      ['run', 'slow.mjs', '--storage', url, '--trials', '5'],
    ]);
  });

  /** What each command line prints. */
  const printed = async (...lines: string[][]): Promise<string[]> =>
    (
      await thanosLines(
        project,
        lines.map((line) => [...line, '--storage', url]),
      )
    ).map((line) => line.stdout);

  it('studies', async () => {
    const [json, table] = await printed(['studies', '--json'], ['studies']);
    expect(JSON.parse(json)).toMatchObject([
      { study: 'demo', directions: ['minimize'], trials: { COMPLETE: 19, PRUNED: 1 } },
      {
        study: 'slow',
        directions: ['minimize', 'maximize'],
        trials: { COMPLETE: 5 },
        sampler: { name: 'tpe' },
      },
    ]);
    expect(table).toMatch(/demo\s.*19 COMPLETE, 1 PRUNED/);
  });

  it('trials', async () => {
    const [all, pruned, last] = await printed(
      ['trials', 'demo', '--json'],
      ['trials', 'demo', '--state', 'PRUNED', '--json'],
      ['trials', 'demo', '--last', '2'],
    );
    const numbers = (json: string): number[] =>
      (JSON.parse(json) as { trials: TrialJson[] }).trials.map((trial) => trial.number);
    expect(numbers(all)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(numbers(pruned)).toEqual([3]);
    expect(last).toMatch(/│ 18 .*│ 19 /s);
    expect(last).not.toMatch(/│ 17 /);
  });

  it('best', async () => {
    const [all, best, front] = await printed(
      ['trials', 'demo', '--json'],
      ['best', 'demo', '--json'],
      ['best', 'slow', '--json'],
    );
    const { trials } = JSON.parse(all) as { trials: TrialJson[] };
    const { bestTrial } = JSON.parse(best) as { bestTrial: TrialJson };
    expect(bestTrial.values![0]).toBe(Math.min(...trials.flatMap((trial) => trial.values ?? [])));
    const { bestTrials } = JSON.parse(front) as { bestTrials: TrialJson[] };
    // (x, x²) to be minimized and maximized: no trial dominates another.
    expect(bestTrials).toHaveLength(5);
  });

  it('export', async () => {
    const [csv] = await printed(
      ['export', 'demo'],
      ['export', 'slow', '--format', 'json', '--out', 'slow.json'],
    );
    const lines = csv.trimEnd().split('\r\n');
    expect(lines[0]).toBe(
      'number,value,datetime_start,datetime_complete,duration,params_n,params_x,user_attrs_note,state',
    );
    expect(lines).toHaveLength(21);
    expect(lines[1]).toMatch(/^0,\d+\.\d+,.*,"say ""hi"", twice",COMPLETE$/);
    expect(lines[4]).toMatch(/^3,,.*,PRUNED$/);
    expect(JSON.parse(readFileSync(join(project, 'slow.json'), 'utf8'))).toMatchObject({
      study: 'slow',
      trials: Array.from({ length: 5 }, (_, number) => ({ number, distributions: { x: { kind: 'float' } } })),
    });
  });

  it('closes quietly if the reader of its output has seen enough', async () => {
    const run = startThanos(project, ['trials', 'demo', '--storage', url]);
    run.process.stdout!.destroy();
    const { code, stderr } = await run.ended;
    expect([code, stderr]).toEqual([0, '']);
  });
});

describe('thanos compare', () => {
  const args = ['compare', '--samplers', 'random,tpe', '--seeds', '3', '--trials', '25'];

  it('compares on a synthetic problem, with a report', async () => {
    const storage = ['--storage', 'sqlite:///compare.db'];
    const compare = [...args, '--problem', 'sphere', '--json', ...storage];
    const [result, again, studies] = await thanosLines(project, [
      [...compare, '--report', 'report.html'],
      compare,
      ['studies', '--json', ...storage],
    ]);
    expect(result.code, result.stderr).toBe(0);
    expect(JSON.parse(result.stdout)).toMatchObject({
      problem: 'sphere',
      seeds: [0, 1, 2],
      samplers: [{ name: 'random' }, { name: 'tpe' }],
      pairwise: [{ a: 'random', b: 'tpe', method: expect.any(String) }],
    });
    const html = readFileSync(join(project, 'report.html'), 'utf8');
    expect(html).toMatch(/Samplers on sphere.*<svg.*Mann-Whitney/s);
    // Nothing is evaluated again: the same comparison comes out of the storage.
    expect(again.stdout).toBe(result.stdout);
    expect(JSON.parse(studies.stdout)).toHaveLength(6);
  });

  it("compares on a module's space and objective", async () => {
    const { code, stdout } = await thanos(project, ...args, '--module', 'demo.ts', '--storage', 'memory');
    expect(code).toBe(0);
    expect(stdout).toMatch(/demo: 3 seeds of 25 trials, best value, minimize.*random : tpe/s);
  });

  it('resumes after an interruption', async () => {
    const slow = DEMO.replace("'demo'", "'slow-space'")
      .replace('objective: (', 'objective: async (')
      .replace(
        '): number => {',
        '): Promise<number> => {\n    await new Promise((done) => setTimeout(done, 5));',
      );
    writeFileSync(join(project, 'slow-space.ts'), slow);
    const command = [...args, '--module', 'slow-space.ts', '--json', '--storage'];
    const run = startThanos(project, [...command, 'sqlite:///halves.db']);
    await run.untilStderr(/compare \d+\/150/);
    run.process.kill('SIGINT');
    const stopped = await run.ended;
    expect(stopped.code).toBe(130);
    expect(JSON.parse(stopped.stdout)).toMatchObject({ error: { code: 'ABORTED' } });
    expect(stopped.stderr).toMatch(/interrupted: .* run the same command again/);
    const [resumed, whole] = await thanosLines(project, [
      [...command, 'sqlite:///halves.db'],
      [...command, 'memory'],
    ]);
    expect(resumed.code).toBe(0);
    expect(resumed.stdout).toBe(whole.stdout);
  });
});
