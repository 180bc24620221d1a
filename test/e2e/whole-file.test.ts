/** What stands in the study file itself, without its companions, when a process ends or is stopped; and files that may only be read. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadStudy } from '../../src/index.ts';
import {
  type Ended,
  ensureBuilt,
  makeProject,
  type Running,
  startNode,
  startThanos,
} from './built-package.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
beforeAll(ensureBuilt);

/** Each trial takes 20 ms and writes its number to standard error once it is told. */
const OBJECTIVE = `async (trial) => {
  await new Promise((resolve) => setTimeout(resolve, 20));
  return trial.suggestFloat('x', 0, 1);
}`;
const TELL = `(_, { number }) => process.stderr.write(number + '\\n')`;

function newProject(): string {
  const folder = makeProject({
    'program.mjs': `import { createStudy } from 'thanos-hpo';
      import { RandomSampler } from 'thanos-hpo/samplers';
      const study = await createStudy({ studyName: 's', storage: 'sqlite:///demo.db', sampler: new RandomSampler({ seed: 1 }) });
      await study.optimize(${OBJECTIVE}, { nTrials: 1000, callbacks: [${TELL}] });`,
    'study.mjs': `import { defineStudy } from 'thanos-hpo';
      export default defineStudy({ studyName: 's', nTrials: 1000, callbacks: [${TELL}], objective: ${OBJECTIVE} });`,
  });
  folders.push(folder);
  return folder;
}

const startProgram = (folder: string): Running => startNode(['program.mjs'], folder);
const startRun = (folder: string): Running =>
  startThanos(folder, ['run', 'study.mjs', '--storage', 'sqlite:///demo.db']);

/** Numbers of finished trials in a copy of the file alone. */
async function finishedInCopy(folder: string): Promise<number> {
  const copy = join(mkdtempSync(join(tmpdir(), 'thanos-whole-')), 'copy.db');
  copyFileSync(join(folder, 'demo.db'), copy);
  const study = await loadStudy({ studyName: 's', storage: `sqlite:///${copy}` });
  await study.storage.close();
  rmSync(join(copy, '..'), { recursive: true });
  return study.trials.filter((trial) => trial.state === 'COMPLETE').length;
}

const databaseFiles = (folder: string): string[] =>
  readdirSync(folder).filter((name) => name.startsWith('demo.db'));

describe('a study that is stopped', () => {
  it.each([
    ['a program', 'SIGINT', startProgram],
    ['a program', 'SIGTERM', startProgram],
    ['a program', 'SIGHUP', startProgram],
    ['thanos run', 'SIGHUP', startRun],
  ] as const)('%s by %s leaves one whole file', async (_, signal, begin) => {
    const folder = newProject();
    const run = begin(folder);
    await run.untilStderr(/^9$/m);
    run.process.kill(signal);
    const { code, stderr } = await run.ended;
    expect(code).not.toBe(0);
    if (begin === startProgram) expect(run.process.signalCode).toBe(signal);
    expect(databaseFiles(folder)).toEqual(['demo.db']);
    expect([...readFileSync(join(folder, 'demo.db')).subarray(18, 20)]).toEqual([1, 1]);
    const told = stderr.match(/^\d+$/gm)!.length;
    expect(await finishedInCopy(folder)).toBeGreaterThanOrEqual(told);
  });
});

it('a program with a listener of its own for a signal decides itself', async () => {
  const folder = newProject();
  const program = readFileSync(join(folder, 'program.mjs'), 'utf8');
  writeFileSync(
    join(folder, 'program.mjs'),
    `process.on('SIGINT', () => process.stderr.write('heard\\n')); ${program.replace('1000', '30')}`,
  );
  const run = startProgram(folder);
  await run.untilStderr(/^3$/m);
  run.process.kill('SIGINT');
  await run.untilStderr(/^heard$/m);
  await run.untilStderr(/^9$/m);
  run.process.kill('SIGINT');
  const { code, stderr } = await run.ended;
  expect(code).toBe(0);
  expect(stderr.match(/heard/g)).toHaveLength(2);
  expect(databaseFiles(folder)).toEqual(['demo.db']);
  expect(await finishedInCopy(folder)).toBe(30);
});

it('a copy of the file alone, while the study runs, holds what was there a moment ago; after a kill nothing is missing', async () => {
  const folder = newProject();
  const run = startProgram(folder);
  await run.untilStderr(/^0$/m);
  // From the beginning there is a study in it.
  await finishedInCopy(folder);
  for (;;) {
    await sleep(200);
    if ((await finishedInCopy(folder)) >= 10) break;
    expect(run.process.exitCode).toBeNull();
  }
  run.process.kill('SIGKILL');
  const { stderr } = await run.ended;
  const told = stderr.match(/^\d+$/gm)!.length;
  expect(databaseFiles(folder)).toContain('demo.db-wal');
  const { stdout } = await startThanos(folder, ['studies', '--json', '--storage', 'sqlite:///demo.db']).ended;
  expect(JSON.parse(stdout)).toHaveLength(1);
  expect(databaseFiles(folder)).toEqual(['demo.db']);
  expect(await finishedInCopy(folder)).toBeGreaterThanOrEqual(told);
});

/** Somebody who may read the files of this user, but not write them. */
const STRANGER = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

describe.skipIf(process.platform === 'win32')('a file that this user may only read', () => {
  /** What each of these command lines says, run one after the other in one process. */
  function asStranger(folder: string, lines: readonly (readonly string[])[]): Ended[] {
    const script = fileURLToPath(new URL('cli-lines.mjs', import.meta.url));
    const runCli = join(folder, 'node_modules/thanos-hpo/dist/src/cli/run-cli.js');
    const input = JSON.stringify(lines.map((line) => [...line, '--json', '--storage', 'sqlite:///demo.db']));
    const options = { cwd: folder, encoding: 'utf8', input, ...STRANGER } as const;
    const { stdout, stderr } = spawnSync(process.execPath, [script, runCli], options);
    if (stdout === '') throw new Error(stderr);
    return JSON.parse(stdout) as Ended[];
  }

  async function study(end: 'closed' | 'killed'): Promise<string> {
    const folder = newProject();
    const run = startRun(folder);
    await run.untilStderr(/^9$/m);
    run.process.kill(end === 'closed' ? 'SIGTERM' : 'SIGKILL');
    await run.ended;
    for (const name of databaseFiles(folder)) chmodSync(join(folder, name), 0o444);
    chmodSync(folder, 0o555);
    return folder;
  }

  it.each(['closed', 'killed'] as const)(
    'is read by every verb that reads, and refused by the others (%s)',
    async (end) => {
      const folder = await study(end);
      const before = databaseFiles(folder);
      const verbs = [['studies'], ['best', 's'], ['trials', 's'], ['export', 's'], ['importance', 's']];
      const [refused, ...read] = asStranger(folder, [['run', 'study.mjs'], ...verbs]);
      for (const { code, stderr } of read) expect([code, stderr]).toEqual([0, '']);
      const told = Number(JSON.parse(read[0].stdout)[0].trials.COMPLETE);
      expect(told).toBeGreaterThanOrEqual(10);
      expect(refused.code).toBe(1);
      expect(JSON.parse(refused.stdout).error).toMatchObject({
        code: 'STORAGE_UNAVAILABLE',
        message: expect.stringMatching(/can only be read: .*not writable for this user; make the file/),
      });
      expect(databaseFiles(folder)).toEqual(before);
      chmodSync(folder, 0o755);
    },
  );
});
