/**
 * Processes that do not see each other: containers on one machine, as pid namespaces of their own, that share a study
 * file.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadStudy } from '../../src/index.ts';
import { ensureBuilt, MAIN, makeProject, type Running, start } from './built-package.ts';

/** Ends with the process that is given after it, and takes it along. */
const CONTAINER = ['--pid', '--fork', '--kill-child', '--mount-proc', '--uts'];
const canUnshare = spawnSync('unshare', [...CONTAINER, 'true']).status === 0;

const STUDY = `import { defineStudy, float, int, space } from 'thanos-hpo';
  import { TpeSampler } from 'thanos-hpo/samplers';
  import { writeFileSync } from 'node:fs';
  export default defineStudy({
    studyName: 'demo', nTrials: 12, sampler: new TpeSampler({ seed: 1, nStartupTrials: 3 }),
    space: space({ x: float(0, 1), k: int(1, 9) }),
    objective: async ({ x, k }, trial) => {
      if (trial.number === 7) {
        writeFileSync('at-seven', '');
        if (process.env.BLOCK_MS) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(process.env.BLOCK_MS));
        else if (process.env.HANG) await new Promise((resolve) => setTimeout(resolve, 1e9));
      }
      return (x - 0.3) ** 2 + k;
    },
  });`;

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
beforeAll(ensureBuilt);

function newProject(): string {
  const folder = makeProject({ 'study.mjs': STUDY });
  folders.push(folder);
  return folder;
}

/** \`thanos run\` in a new container, with a host name of its own. */
function runInContainer(folder: string, env: NodeJS.ProcessEnv = {}): Running {
  const script = `hostname box-$$; exec "$0" "$@"`;
  const command = ['sh', '-c', script, process.execPath, MAIN, 'run', 'study.mjs'];
  return start('unshare', [...CONTAINER, ...command], folder, env);
}

async function untilAtSeven(folder: string): Promise<void> {
  while (!existsSync(join(folder, 'at-seven'))) await sleep(20);
  rmSync(join(folder, 'at-seven'));
}

async function trialsOf(folder: string): Promise<unknown[]> {
  const study = await loadStudy({ storage: `sqlite:///${join(folder, 'thanos.db')}` });
  await study.storage.close();
  return study.trials.map(({ number, state, params, values, systemAttrs }) => {
    const { 'thanos:owner': _, ...others } = systemAttrs;
    return { number, state, params, values, others };
  });
}

describe.skipIf(!canUnshare)('containers on one machine (skipped where unshare is not allowed)', () => {
  it('a killed one that is started again at once resumes exactly', async () => {
    const [whole, folder] = [newProject(), newProject()];
    expect((await runInContainer(whole).ended).code).toBe(0);
    for (let kills = 0; kills < 2; kills++) {
      const run = runInContainer(folder, { HANG: '1' });
      await untilAtSeven(folder);
      await sleep(50);
      run.process.kill('SIGKILL');
      await run.ended;
    }
    expect((await runInContainer(folder).ended).code).toBe(0);
    expect(await trialsOf(folder)).toEqual(await trialsOf(whole));
    expect(readdirSync(folder).filter((name) => name.startsWith('thanos.db'))).toEqual(['thanos.db']);
  });

  it('one that blocks its event loop keeps its trial', async () => {
    const folder = newProject();
    const blocked = runInContainer(folder, { BLOCK_MS: '2500' });
    await untilAtSeven(folder);
    const other = await runInContainer(folder).ended;
    expect([other.code, other.stderr]).toEqual([0, other.stderr]);
    const { code, stderr } = await blocked.ended;
    expect([code, stderr]).toEqual([0, stderr]);
    expect(existsSync(join(folder, 'at-seven')), 'nobody else entered trial 7').toBe(false);
    const trials = (await trialsOf(folder)) as { state: string }[];
    expect(trials.map((trial) => trial.state)).toEqual(Array(12).fill('COMPLETE'));
  });
});
