/** Optuna and we bring the same old files up to date: Optuna reads the same values of both. */
import { execFile, execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RandomSampler } from '../../samplers/index.ts';
import { loadStudy } from '../../src/index.ts';
import { upgradeFile } from '../../storage/index.ts';

const python = process.env['THANOS_PEER_PYTHON'] ?? '';
const hasOptuna = python !== '' && imports();
if (!hasOptuna)
  console.log('storage-upgrade: skipped; set THANOS_PEER_PYTHON to a Python that has optuna to run it');

function imports(): boolean {
  try {
    execFileSync(python, ['-c', 'import optuna, alembic'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** All revisions before the head at which the rows can be told apart. */
const REVISIONS = [
  'v0.9.0.a',
  'v1.2.0.a',
  'v1.3.0.a',
  'v2.4.0.a',
  'v2.6.0.a',
  'v3.0.0.a',
  'v3.0.0.b',
  'v3.0.0.c',
  'v3.0.0.d',
];

const folder = mkdtempSync(join(tmpdir(), 'thanos-upgrade-peer-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function peer(...args: readonly string[]): Promise<string> {
  const script = join(import.meta.dirname, 'upgrade_peer.py');
  const { stdout } = await promisify(execFile)(python, ['-W', 'ignore', script, ...args], {
    env: { ...process.env, TZ: 'UTC' },
  });
  return stdout;
}

describe.skipIf(!hasOptuna)('upgrading beside Optuna', () => {
  let expected: string;
  beforeAll(async () => {
    const path = join(folder, 'theirs.db');
    await peer('make', path, 'v0.9.0.a');
    await peer('upgrade', path);
    expected = await peer('dump', path);
  }, 120_000);

  it.each(REVISIONS)(
    'gives the same as Optuna does, from %s',
    async (revision) => {
      const path = join(folder, `${revision}.db`);
      await peer('make', path, revision);
      const before = join(folder, `${revision}.before.db`);
      copyFileSync(path, before);
      expect(upgradeFile(path)).toMatchObject({ from: revision, to: 'v3.2.0.a' });
      expect(JSON.parse(withoutNaN(await peer('dump', path)))).toEqual(JSON.parse(withoutNaN(expected)));

      // And the study goes on, here and there.
      const study = await loadStudy({
        studyName: 'old',
        storage: `sqlite:///${path}`,
        sampler: new RandomSampler({ seed: 1 }),
      });
      await study.optimize((trial) => trial.suggestFloat('u', 0, 1), { nTrials: 1 });
      expect(study.trials.at(-1)).toMatchObject({ number: 5, state: 'COMPLETE' });
      await study.storage.close();
      const [old] = JSON.parse(withoutNaN(await peer('dump', path))) as { trials: unknown[] }[];
      expect(old.trials).toHaveLength(6);
    },
    120_000,
  );
});

/** Python writes bare NaN and Infinity. */
const withoutNaN = (json: string): string => json.replaceAll(/-?Infinity|NaN/g, (text) => `"${text}"`);
