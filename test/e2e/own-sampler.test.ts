/** The sampler of examples/08, written against the public entries alone, keeps the contract. */
import { beforeAll, expect, it } from 'vitest';
import { ensureBuilt, ROOT, startNode } from './built-package.ts';

const PROGRAM = `
import { AnnealingSampler } from './examples/08-your-own-sampler.ts';
import { samplerConformance } from 'thanos-hpo/testing';
const tests = [];
const frame = { describe: (_, body) => body(), it: (title, body) => tests.push([title, body]) };
samplerConformance(frame, (seed) => new AnnealingSampler({ seed }));
const results = [];
for (const [title, body] of tests) results.push([title, await body().then(() => 'kept', String)]);
console.log(JSON.stringify(results));
`;

beforeAll(ensureBuilt);

it('passes every test of the sampler kit', { timeout: 180_000 }, async () => {
  const args = ['--import', 'tsx', '--input-type=module', '--eval', PROGRAM];
  const { code, stdout, stderr } = await startNode(args, ROOT).ended;
  expect(stderr).toBe('');
  expect(code).toBe(0);
  const [best, results] = stdout.trim().split('\n');
  expect(best).toMatch(/^best of 150 trials: 0\.0\d+$/);
  const clauses = JSON.parse(results) as [string, string][];
  expect(clauses.length).toBeGreaterThan(10);
  expect(clauses.filter(([, outcome]) => outcome !== 'kept')).toEqual([]);
});
