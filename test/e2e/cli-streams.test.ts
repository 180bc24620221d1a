/** What the command line does when nobody reads what it writes, or nothing can be written, or nothing ever happens. */
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureBuilt, makeProject, ROOT, startThanos, thanos, thanosLines } from './built-package.ts';

const IMPORT = "import { defineStudy } from 'thanos-hpo';\n";
const ESCAPE = '\u001b[2J\u001b]0;owned\u0007';

let project: string;

beforeAll(async () => {
  ensureBuilt();
  project = makeProject({
    'study.mjs': `${IMPORT}export default defineStudy({ studyName: 'demo', nTrials: 12, objective: (t) => t.suggestFloat('x', 0, 1) });`,
    'hostile.mjs': `${IMPORT}export default defineStudy({ studyName: 'a${ESCAPE}', nTrials: 2, objective: (t) => t.suggestFloat('x${ESCAPE}', 0, 1) });`,
    'never.mjs': `${IMPORT}export default defineStudy({ studyName: 'never', nTrials: 2, objective: () => new Promise(() => {}) });`,
    'timer.mjs': `${IMPORT}export default defineStudy({ studyName: 'timer', nTrials: 2, objective: () => new Promise(() => setTimeout(() => { throw new Error('late'); }, 1)) });`,
    'forgotten.mjs': `${IMPORT}export default defineStudy({ studyName: 'forgotten', nTrials: 2, objective: async () => { Promise.reject(new Error('late')); return new Promise(() => {}); } });`,
    'talks.mjs': `${IMPORT}console.log('loading');\nexport default defineStudy({ studyName: 'talks', nTrials: 2, objective: (t) => { console.log('said'); return t.suggestFloat('x', 0, 1); } });`,
    'leaves.mjs': `${IMPORT}export default defineStudy({ studyName: 'leaves', nTrials: 9, objective: (t) => t.suggestFloat('x', 0, 1), callbacks: [async (study, { number }) => { if (number === 1) { await study.ask(); study.stop(); } }] });`,
    'stops.mjs': `${IMPORT}export default defineStudy({ studyName: 'stops', nTrials: 9, objective: (t) => t.suggestFloat('x', 0, 1), callbacks: [(study, { number }) => { if (number === 1) study.stop(); }] });`,
    'waits.mjs': `${IMPORT}export default defineStudy({ studyName: 'waits', nTrials: 9, objective: () => new Promise((done) => setTimeout(() => done(1), 1500)) });`,
    'never-loads.ts': 'await new Promise(() => {});\nexport default 1;',
  });
  await thanos(project, 'run', 'study.mjs');
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

const MAIN = join(ROOT, 'dist/src/cli/main.js');

describe.skipIf(!existsSync('/dev/full'))(
  'a full disk behind standard output (skipped without /dev/full)',
  () => {
    it.each([
      ['best', 'demo'],
      ['trials', 'demo', '--json'],
      ['export', 'demo'],
      ['best', 'no such study', '--json'],
      ['nas', 'config'],
      ['--help'],
    ])('is exit code 1 and a reason: thanos %s %s', (...args) => {
      const full = openSync('/dev/full', 'w');
      const ended = spawnSync(process.execPath, [MAIN, ...args.filter((each) => each !== undefined)], {
        cwd: project,
        stdio: ['ignore', full, 'pipe'],
        encoding: 'utf8',
      });
      closeSync(full);
      expect(ended.status).toBe(1);
      expect(ended.stderr).toMatch(/standard output cannot be written: ENOSPC|there is no study/);
      expect(ended.stderr).not.toMatch(/\n\s+at /);
    });
  },
);

it('writes every byte to a file, however many there are', () => {
  const path = join(project, 'help.txt');
  const file = openSync(path, 'w');
  const { status } = spawnSync(process.execPath, [MAIN, 'nas', 'config'], {
    cwd: project,
    stdio: ['ignore', file, 'ignore'],
  });
  closeSync(file);
  expect(status).toBe(0);
  expect(readFileSync(path, 'utf8')).toMatch(/\n$/);
});

it('goes on with a study when standard error is closed', async () => {
  const run = startThanos(project, ['run', 'study.mjs', '--trials', '40', '--log-level', 'info', '--json']);
  run.process.stderr!.destroy();
  const { code, stdout } = await run.ended;
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ isFinished: true, trials: { COMPLETE: 40 } });
});

describe('names that a terminal would obey', () => {
  it('are shown by people’s output and exact in JSON', async () => {
    const run = await thanos(project, 'run', 'hostile.mjs', '--log-level', 'info');
    expect(run.code).toBe(0);
    const name = `a${ESCAPE}`;
    const [json, ...shown] = await thanosLines(project, [
      ['best', name, '--json'],
      ['studies'],
      ['trials', name],
      ['best', `${name}!`],
    ]);
    shown.push(run);
    for (const { stdout, stderr } of shown) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: none may be there
      expect(stdout + stderr).not.toMatch(/[\u0000-\u0008\u000b-\u001f]/);
      expect(stdout + stderr).toContain('\\u001b[2J');
    }
    expect(JSON.parse(json.stdout).study).toBe(name);
  });
});

describe('a wait without end', () => {
  it.each(['never.mjs', 'never-loads.ts'])('is told, as text and as JSON: %s', async (file) => {
    const { code, stdout, stderr } = await thanos(project, 'run', file, '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'NEVER_SETTLES' } });
    expect(stderr).toMatch(/^error: the command waits for a promise that nothing will ever settle/m);
  });
});

it.each(['timer.mjs', 'forgotten.mjs'])('what nobody can catch is told as any error: %s', async (file) => {
  const { code, stdout, stderr } = await thanos(project, 'run', file, '--json');
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toEqual({ error: { code: 'UNEXPECTED', message: 'Error: late' } });
  expect(stderr).toMatch(/^error: Error: late; --verbose shows where it came from\n$/m);
  expect(stderr).not.toMatch(/\n\s+at /);
});

it('--json is one document where the result is a file, or is YAML', async () => {
  const [exported, config] = await thanosLines(project, [
    ['export', 'demo', '--out', 'demo.json', '--json'],
    ['nas', 'config', '--json'],
  ]);
  const { trials } = JSON.parse(readFileSync(join(project, 'demo.json'), 'utf8'));
  expect(JSON.parse(exported.stdout)).toEqual({ study: 'demo', trials: trials.length, out: 'demo.json' });
  expect(JSON.parse(config.stdout)).toMatchObject({ search: {}, supertransformer: {} });
});

it('takes what follows -- for a name, whatever it looks like', async () => {
  const ended = await thanos(project, 'best', '--', '--help');
  expect(ended.code).toBe(1);
  expect(ended.stderr).toMatch(/^error: there is no study '--help'/);
});

it('keeps what a module prints out of the JSON document', async () => {
  const { code, stdout, stderr } = await thanos(project, 'run', 'talks.mjs', '--json');
  expect(code, stderr).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ study: 'talks', isFinished: true });
  expect(stderr.match(/^(?:loading|said)$/gm)).toEqual(['loading', 'said', 'said']);
  expect((await thanos(project, 'run', 'talks.mjs', '--trials', '3')).stdout).toContain('said');
});

it('is exit code 1 where a trial of its own is left unfinished, and 0 where the study ended itself', async () => {
  const [left, stopped] = await thanosLines(project, [
    ['run', 'leaves.mjs', '--json'],
    ['run', 'stops.mjs'],
  ]);
  expect(left.code).toBe(1);
  expect(JSON.parse(left.stdout)).toMatchObject({ isFinished: false, trials: { COMPLETE: 2, RUNNING: 1 } });
  expect(left.stderr).toMatch(
    /^error: study 'leaves' holds 2 of 9 finished trials, and trial 2 is not finished/m,
  );
  expect(stopped.code).toBe(0);
  expect(stopped.stderr).toMatch(/holds 2 of 9 finished trials: its sampler, its callbacks or its limits/);
});

it('ends in good order when its terminal is closed, of which it may hear twice', async () => {
  const run = startThanos(project, ['run', 'waits.mjs', '--storage', 'sqlite:///waits.db']);
  await run.untilStderr(/waits 1\/9/);
  run.process.kill('SIGHUP');
  await run.untilStderr(/stopping/);
  run.process.kill('SIGHUP');
  const { code, stderr } = await run.ended;
  expect(code).toBe(130);
  expect(stderr).toMatch(/interrupted: study 'waits' holds [12] of 9 trials/);
});
