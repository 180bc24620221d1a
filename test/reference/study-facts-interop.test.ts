/** Names of constraints and metrics, and trials that are asked here and told there, beside Optuna 5. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { RandomSampler } from '../../samplers/index.ts';
import { createStudy, loadStudy, namedConstraints, trialsTable } from '../../src/index.ts';
import { PythonPeer, peerHas } from '../support/python-peer.ts';
import { runInProcess } from '../support/run-in-process.ts';

const hasOptuna = peerHas('optuna', 'pandas');
if (!hasOptuna)
  console.log('study-facts-interop: skipped; set THANOS_PEER_PYTHON to a Python that has optuna and pandas');

const folder = mkdtempSync(join(tmpdir(), 'thanos-facts-interop-'));
const peer = new PythonPeer(join(import.meta.dirname, 'study_facts_peer.py'));
afterAll(async () => {
  await peer.close();
  rmSync(folder, { recursive: true, force: true });
});

describe.skipIf(!hasOptuna)('beside Optuna', () => {
  const path = join(folder, 'study.db');
  const storage = `sqlite:///${path}`;
  const open = () =>
    createStudy({
      studyName: 's',
      storage,
      directions: ['minimize', 'minimize'],
      sampler: new RandomSampler({ seed: 1 }),
      loadIfExists: true,
    });

  it('names of constraints and metrics are the same, whoever gave them', async () => {
    const study = await open();
    await study.setMetricNames(['loss', 'size']);
    await study.optimize(
      (trial) => {
        const x = trial.suggestFloat('x', 0, 1);
        trial.setConstraint('memory', x - 0.5);
        if (trial.number === 0) trial.setConstraints([-2, 3]);
        return [x, x ** 2];
      },
      { nTrials: 3 },
    );
    const ours = study.trials.map((trial) => namedConstraints(trial));
    await study.storage.close();
    const theirs = (await peer.ask('facts', path, 's')) as Record<string, unknown>;
    expect(theirs['constraints']).toEqual(ours);
    expect(theirs['metric_names']).toEqual(['loss', 'size']);
    expect(theirs['columns']).toEqual(['values_loss', 'values_size']);

    expect(await peer.ask('run', path, 's', '3')).toBe(6);
    await peer.ask('name', path, 's', 'error', 'weight');
    const again = await open();
    const facts = (await peer.ask('facts', path, 's')) as Record<string, unknown>;
    expect(again.trials.map((trial) => namedConstraints(trial))).toEqual(facts['constraints']);
    expect(again.trials[5].constraints).toEqual(
      [again.trials[5].params['x'] as number, -1].map((c, k) => (k === 0 ? c - 0.5 : c)),
    );
    expect(again.metricNames).toEqual(['error', 'weight']);
    expect(trialsTable(again, { attrs: ['value'] }).columns).toEqual(facts['columns']);
    expect(again.bestTrials.map(({ number }) => number)).toEqual(facts['best']);
    await again.storage.close();
  }, 120_000);

  it('a trial that is asked here is told there, and the other way round', async () => {
    const thanos = async (...argv: string[]) => {
      const { code, stdout, stderr } = await runInProcess(...argv, '--storage', storage, '--json');
      expect(code, stderr).toBe(0);
      return JSON.parse(stdout);
    };
    const before = (await loadStudy({ studyName: 's', storage })).trials.length;
    const { number } = await thanos(
      'ask',
      's',
      '--search-space',
      '{"x": {"type": "float", "low": 0, "high": 1}}',
    );
    expect(number).toBe(before);
    await peer.ask('tell', path, 's', String(number), '1', '2');
    const theirs = (await peer.ask('ask', path, 's')) as number;
    const { trial } = await thanos('tell', 's', String(theirs), '3', '4');
    expect(trial).toMatchObject({ number: before + 1, state: 'COMPLETE', values: [3, 4] });
    const facts = (await peer.ask('facts', path, 's')) as { states: string[]; values: number[][] };
    expect(facts.states.slice(before)).toEqual(['COMPLETE', 'COMPLETE']);
    expect(facts.values.slice(before)).toEqual([
      [1, 2],
      [3, 4],
    ]);
  }, 120_000);
});
