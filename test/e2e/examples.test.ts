/** Every example is run as its reader would run it. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ensureBuilt, ROOT, startNode } from './built-package.ts';

/** The folder of a corpus that is not ours to distribute. */
const MULTI30K = process.env['THANOS_MULTI30K'] ?? '';

/** What cannot be run here, and why. */
const SKIPPED: Readonly<Record<string, string>> =
  MULTI30K === '' ? { '05-multi30k.ts': 'THANOS_MULTI30K names no folder with Multi30k' } : {};

const shortCorpus = mkdtempSync(join(tmpdir(), 'thanos-multi30k-'));
const ARGUMENTS: Readonly<Record<string, readonly string[]>> = { '05-multi30k.ts': [shortCorpus, '2'] };

/** What an example must say. */
const SAYS: Readonly<Record<string, RegExp>> = {
  '01-quickstart.ts': /^best of 100 trials: 0\.\d+\n\{ kind: '/,
  '02-typed-space.ts': /^error {2}cost {2}parameters\n(\d\.\d+ {2}\d\.\d .*\n)+$/,
  '03-resume.ts':
    /^interrupted after 25 trials\nresumed: 60 trials, best .*\nthe same trials as an unbroken run: true\n$/,
  '04-compare-samplers.ts': /^random: median .*\ntpe: median .*\n.+\n$/,
  '06-pruning.ts':
    /^all epochs: best loss 0\.\d+ of 100 trials, 0 of them pruned, 2700 epochs\nhyperband: best loss 0\.\d+ .* [1-9]\d of them pruned, 1?\d{3} epochs\n$/,
  '08-your-own-sampler.ts': /^best of 150 trials: 0\.0\d+\n$/,
  '05-multi30k.ts':
    /^step 0, .*bits\/token \(largest\).*\nstep 2, .*bits\/token \(largest\).*\nten random .*\n( {2}\d\+\d layers, .*bits\/token\n){10}$/,
};

const examples = readdirSync(join(ROOT, 'examples')).filter((name) => /^\d\d-.*\.ts$/.test(name));

beforeAll(() => {
  ensureBuilt();
  if (MULTI30K === '') return;
  // Reading and splitting all 29000 pairs takes longer than the example itself.
  for (const name of readdirSync(MULTI30K).filter((file) => statSync(join(MULTI30K, file)).isFile()))
    writeFileSync(
      join(shortCorpus, name),
      readFileSync(join(MULTI30K, name), 'utf8').split('\n').slice(0, 2000).join('\n'),
    );
});
afterAll(() => rmSync(shortCorpus, { recursive: true, force: true }));

it('finds the examples', () => {
  expect(examples.length).toBeGreaterThan(0);
  expect(examples).toEqual(expect.arrayContaining([...Object.keys(SAYS), ...Object.keys(SKIPPED)]));
});

it.each(examples)('%s', { timeout: 180_000 }, async (name) => {
  if (name in SKIPPED) {
    console.log(`${name} is not run: ${SKIPPED[name]}`);
    return;
  }
  const { code, stdout, stderr } = await startNode(
    ['--import', 'tsx', join(ROOT, 'examples', name), ...(ARGUMENTS[name] ?? [])],
    ROOT,
  ).ended;
  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(stdout).toMatch(SAYS[name] ?? /./);
});
