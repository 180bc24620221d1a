/** Optuna and we bring the same old files up to date: Optuna reads the same values of both. */
import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { RandomSampler } from '../../samplers/index.ts';
import { loadStudy } from '../../src/index.ts';
import { upgradeFile } from '../../storage/sqlite/upgrade.ts';
import { PythonPeer, peerHas } from '../support/python-peer.ts';

const hasOptuna = peerHas('optuna', 'alembic');
if (!hasOptuna)
  console.log('storage-upgrade: skipped; set THANOS_PEER_PYTHON to a Python that has optuna to run it');

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
const peer = new PythonPeer(join(import.meta.dirname, 'upgrade_peer.py'));
afterAll(async () => {
  await peer.close();
  rmSync(folder, { recursive: true, force: true });
});

describe.skipIf(!hasOptuna)('upgrading beside Optuna', () => {
  it('gives the same as Optuna does, from every revision, and the studies go on here and there', async () => {
    await peer.ask('make', folder, 'v0.9.0.a');
    const theirs = join(folder, 'theirs.db');
    renameSync(join(folder, 'v0.9.0.a.db'), theirs);
    await peer.ask('upgrade', theirs);
    await peer.ask('make', folder, ...REVISIONS);
    const paths = REVISIONS.map((revision) => join(folder, `${revision}.db`));
    for (const [k, path] of paths.entries())
      expect(upgradeFile(path)).toMatchObject({ from: REVISIONS[k], to: 'v3.2.0.a' });
    const [expected, ...ours] = await dump(theirs, ...paths);
    for (const [k, studies] of ours.entries()) expect(studies, REVISIONS[k]).toEqual(expected);

    const sampler = new RandomSampler({ seed: 1 });
    for (const path of paths) {
      const study = await loadStudy({ studyName: 'old', storage: `sqlite:///${path}`, sampler });
      await study.optimize((trial) => trial.suggestFloat('u', 0, 1), { nTrials: 1 });
      expect(study.trials.at(-1)).toMatchObject({ number: 5, state: 'COMPLETE' });
      await study.storage.close();
    }
    for (const [old] of await dump(...paths)) expect(old.trials).toHaveLength(6);
  }, 300_000);
});

interface Dumped {
  readonly name: string;
  readonly trials: readonly unknown[];
}

async function dump(...paths: readonly string[]): Promise<readonly (readonly Dumped[])[]> {
  return (await peer.ask('dump', ...paths)) as unknown as readonly (readonly Dumped[])[];
}
