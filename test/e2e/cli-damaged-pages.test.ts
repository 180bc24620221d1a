/** A database with pages of zeros: with --json, standard output is one JSON document however far the reading came. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RandomSampler } from '../../samplers/index.ts';
import { createStudy } from '../../src/index.ts';
import { SqliteStorage } from '../../storage/index.ts';
import { type Ended, ensureBuilt, makeProject, thanosLines } from './built-package.ts';

const PAGE_BYTES = 4096;
const LINES = [
  ['trials', 'demo', '--json'],
  ['export', 'demo', '--json'],
  ['trials', 'demo', '--last', '2', '--json'],
];
let folder: string;
let sound: Buffer;

beforeAll(async () => {
  ensureBuilt();
  folder = makeProject();
  const path = join(folder, 'sound.db');
  const study = await createStudy({
    studyName: 'demo',
    storage: new SqliteStorage(path),
    sampler: new RandomSampler({ seed: 1 }),
  });
  // Several pages of trials, and more text than is written at once.
  await study.optimize((trial) => trial.suggestFloat('x', 0, 1), { nTrials: 1500 });
  await study.storage.close();
  sound = readFileSync(path);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function saidOfDamaged(page: number): Promise<Ended[]> {
  const damaged = Buffer.from(sound);
  damaged.fill(0, page * PAGE_BYTES, (page + 1) * PAGE_BYTES);
  writeFileSync(join(folder, 'thanos.db'), damaged);
  return thanosLines(folder, LINES);
}

it('is a list that ends with the error, or the error alone', async () => {
  const nPages = sound.length / PAGE_BYTES;
  let [nWhole, nPartial, nEmpty] = [0, 0, 0];
  for (let page = 1; page < nPages; page += Math.ceil(nPages / 4))
    for (const { code, stdout, stderr } of await saidOfDamaged(page)) {
      const { trials, error } = JSON.parse(stdout) as { trials?: unknown[]; error?: { code: string } };
      expect(code, stderr).toBe(error === undefined ? 0 : 1);
      if (error !== undefined) expect(error.code).toBe('STORAGE_CORRUPT');
      if (error === undefined) nWhole++;
      else if (trials === undefined) nEmpty++;
      else nPartial++;
    }
  expect(nWhole + nEmpty + nPartial).toBeGreaterThan(8);
  expect(nEmpty).toBeGreaterThan(0);
  expect(nPartial).toBeGreaterThan(0);
});
