/** Real processes that start on one study at the same instant. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadStudy } from '../../src/index.ts';
import { ensureBuilt, makeProject, startThanos } from './built-package.ts';
import { workTogether } from './study-workers.ts';

let folder: string;
beforeAll(() => {
  ensureBuilt();
  folder = mkdtempSync(join(tmpdir(), 'thanos-races-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
const newPath = (): string => join(folder, `${files++}.db`);
const urlOf = (path: string): string => `sqlite:///${path}`;

/** Whoever reads the file with any tool needs it in this state. */
function expectTidy(path: string): void {
  expect([...readFileSync(path).subarray(18, 20)]).toEqual([1, 1]);
}

it('a trial that kills its process FAILs after three retries, and the study goes on', async () => {
  const project = makeProject({
    'study.mjs': `import { defineStudy } from 'thanos-hpo';
      import { appendFileSync } from 'node:fs';
      export default defineStudy({
        studyName: 'demo', nTrials: 4,
        objective: async (trial) => {
          const x = trial.suggestFloat('x', 0, 1);
          await new Promise((resolve) => setTimeout(resolve, 5));
          if (trial.number === 2) {
            appendFileSync('entries', 'x');
            process.kill(process.pid, 'SIGKILL');
          }
          return x;
        },
      });`,
  });
  let runs = 1;
  while ((await startThanos(project, ['run', 'study.mjs']).ended).code !== 0 && runs < 8) runs++;
  expect(runs).toBe(5);
  expect(readFileSync(join(project, 'entries'), 'utf8')).toBe('xxxx');
  const study = await loadStudy({ storage: urlOf(join(project, 'thanos.db')) });
  expect(study.trials.map((trial) => trial.state)).toEqual(['COMPLETE', 'COMPLETE', 'FAIL', 'COMPLETE']);
  await study.storage.close();
  rmSync(project, { recursive: true });
});

describe('processes that start at the same instant', () => {
  it('create or load one study, on no file and on an empty one', async () => {
    for (const prepare of [() => {}, (path: string) => writeFileSync(path, '')]) {
      const path = newPath();
      prepare(path);
      const names = await workTogether(5, { task: 'create', storage: urlOf(path), studyName: 'same' });
      expect(names).toEqual(Array(5).fill('same'));
      expectTidy(path);
    }
  });

  it('each get a name of their own where none is given', async () => {
    const names = await workTogether(4, { task: 'create', storage: urlOf(newPath()) });
    expect(names.sort()).toEqual(['no-name-0', 'no-name-1', 'no-name-2', 'no-name-3']);
  });

  it('end a grid quietly, each point evaluated once, and again when they are run again', async () => {
    const path = newPath();
    const points = Array.from({ length: 24 }, (_, i) => i);
    const task = { task: 'grid', storage: urlOf(path), points };
    const evaluated = (await workTogether(4, task)).flat() as number[];
    expect(evaluated.sort((a, b) => a - b)).toEqual(points);
    expect((await workTogether(2, task)).flat()).toEqual([]);
    const study = await loadStudy({ storage: urlOf(path) });
    expect(study.trials.map((trial) => trial.state)).toEqual(Array(24).fill('COMPLETE'));
    await study.storage.close();
  });

  it('finish no more than totalTrials', async () => {
    const path = newPath();
    await workTogether(6, { task: 'total', storage: urlOf(path), totalTrials: 40 });
    const study = await loadStudy({ storage: urlOf(path) });
    expect(study.trials.map((trial) => trial.state)).toEqual(Array(40).fill('COMPLETE'));
    await study.storage.close();
  });

  it('run one study module', async () => {
    const project = makeProject({
      'study.mjs': `import { defineStudy, float, space } from 'thanos-hpo';
        export default defineStudy({ studyName: 'demo', nTrials: 20, space: space({ x: float(0, 1) }), objective: ({ x }) => x });`,
    });
    const runs = Array.from({ length: 4 }, () => startThanos(project, ['run', 'study.mjs']).ended);
    for (const { code, stderr } of await Promise.all(runs)) expect([code, stderr]).toEqual([0, stderr]);
    const study = await loadStudy({ storage: urlOf(join(project, 'thanos.db')) });
    expect(study.trials.map((trial) => trial.state)).toEqual(Array(20).fill('COMPLETE'));
    await study.storage.close();
    rmSync(project, { recursive: true });
  });
});
