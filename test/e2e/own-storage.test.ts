/** A storage that a module registers is one for the command line, too: through the study module, or `node --import`. */
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ensureBuilt, MAIN, makeProject, startNode } from './built-package.ts';

const REGISTER = `
import { existsSync } from 'node:fs';
import { badStorageUrl, registerStorage, SqliteStorage } from 'thanos-hpo/storage';
const pathOf = (url) => {
  const [, path] = /^shelf:(\\w+)$/.exec(url) ?? [];
  if (path === undefined) throw badStorageUrl(url);
  return path + '.shelf';
};
registerStorage('shelf', {
  forms: ['shelf:name'],
  open: (url) => new SqliteStorage(pathOf(url)),
  exists: (url) => existsSync(pathOf(url)),
});
`;
const STUDY = `
import './register.mjs';
import { defineStudy } from 'thanos-hpo';
export default defineStudy({ studyName: 'demo', nTrials: 4, objective: (trial) => trial.suggestFloat('x', 0, 1) });
`;

let project: string;
beforeAll(() => {
  ensureBuilt();
  project = makeProject({ 'package.json': '{}', 'register.mjs': REGISTER, 'study.mjs': STUDY });
}, 120_000);
afterAll(() => rmSync(project, { recursive: true, force: true }));

const thanos = (line: string, ...node: string[]) =>
  startNode([...node, MAIN, ...line.split(' '), '--json'], project).ended;
const REGISTERED = ['--import', './register.mjs'];

it('keeps a study by its URL, and tells of it', async () => {
  const ran = await thanos('run study.mjs --storage shelf:one');
  expect(ran).toMatchObject({ code: 0 });
  const listed = await thanos('studies --storage shelf:one', ...REGISTERED);
  expect(listed).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(listed.stdout)).toMatchObject([{ study: 'demo', trials: { COMPLETE: 4 } }]);
});

it.each([
  ['studies --storage shelf:two', "there is no database at 'shelf:two'"],
  ['studies --storage shelf:', "'memory' or 'shelf:name'"],
  ['studies --storage self:one', "did you mean 'shelf:'?"],
])('%s says what is wrong', async (line, message) => {
  const { code, stdout } = await thanos(line, ...REGISTERED);
  expect(code).toBe(1);
  expect(JSON.parse(stdout).error.message).toContain(message);
});
