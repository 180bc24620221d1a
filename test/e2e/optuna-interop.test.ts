/** Optuna 5.0.0 and optuna-dashboard on our files, and we on theirs. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import {
  categoricalDistribution,
  distributionToJson,
  floatDistribution,
  intDistribution,
} from '../../src/core/distribution.ts';
import type { FrozenTrial, JsonValue } from '../../src/core/frozen-trial.ts';
import { SYSTEM_ATTR } from '../../src/core/frozen-trial.ts';
import { parsePythonJson, stringifyPythonJson } from '../../src/core/python-json.ts';
import { createStudy, loadStudy } from '../../src/index.ts';
import { SqliteStorage } from '../../storage/index.ts';
import { PythonPeer, peerHas } from '../support/python-peer.ts';

const hasOptuna = peerHas('optuna');
const hasDashboard = hasOptuna && peerHas('optuna_dashboard');
if (!hasOptuna)
  console.log('optuna-interop: skipped; set THANOS_PEER_PYTHON to a Python that has optuna to run it');
else if (!hasDashboard)
  console.log('optuna-interop: dashboard part skipped; optuna-dashboard is not installed');

const directory = mkdtempSync(join(tmpdir(), 'thanos-interop-'));
const peer = new PythonPeer(join(import.meta.dirname, 'optuna-peer.py'));
afterAll(async () => {
  await peer.close();
  rmSync(directory, { recursive: true, force: true });
});

interface DumpedStudy {
  readonly study_name: string;
  readonly directions: readonly string[];
  readonly user_attrs: JsonValue;
  readonly trials: readonly { readonly [key: string]: JsonValue }[];
}
const dump = async (path: string): Promise<readonly DumpedStudy[]> =>
  (await peer.ask('dump', path)) as unknown as readonly DumpedStudy[];

const time = (date: Date | null): string | null =>
  date === null ? null : date.toISOString().replace('T', ' ').slice(0, -1);

/** A trial in the form of the peer's dump. */
function asDumped(trial: FrozenTrial): Record<string, unknown> {
  return {
    number: trial.number,
    state: trial.state,
    params: Object.entries(trial.params),
    distributions: Object.fromEntries(
      Object.entries(trial.distributions).map(([name, d]) => [name, parsePythonJson(distributionToJson(d))]),
    ),
    values: trial.values,
    user_attrs: trial.userAttrs,
    system_attrs: trial.systemAttrs,
    constraints: trial.constraints ?? [],
    intermediate_values: [...trial.intermediateValues],
    datetime_start: time(trial.datetimeStart),
    datetime_complete: time(trial.datetimeComplete),
  };
}

async function expectSameReading(path: string, storage: SqliteStorage): Promise<void> {
  const theirs = await dump(path);
  const ours = await storage.listStudies();
  expect(ours.map((study) => study.studyName)).toEqual(theirs.map((study) => study.study_name));
  for (const [i, study] of ours.entries()) {
    expect(study.directions.map((direction) => direction.toUpperCase())).toEqual(theirs[i].directions);
    expect(study.userAttrs).toEqual(theirs[i].user_attrs);
    const expected = theirs[i].trials.map((trial) => ({
      ...trial,
      distributions: Object.fromEntries(
        Object.entries(trial['distributions'] as Record<string, string>).map(([name, json]) => [
          name,
          parsePythonJson(json),
        ]),
      ),
    }));
    expect((await storage.getTrials(study.studyId)).map(asDumped)).toEqual(expected);
  }
}

const SPACE = {
  x: floatDistribution(1e-4, 1, { log: true }),
  n: intDistribution(8, 64, { step: 8 }),
  act: categoricalDistribution(['relu', 'gelu', null]),
};

const ODD_CHOICES = [
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.NaN,
  -0,
  null,
  'NaN',
] as const;
const ODD_SPACE = {
  odd: categoricalDistribution(ODD_CHOICES),
  constructor: categoricalDistribution([Number.POSITIVE_INFINITY, null]),
  ['__proto__']: intDistribution(0, 3),
};

/** A study `study` that uses everything that the format has. */
async function writeStudy(storage: SqliteStorage): Promise<number> {
  const { studyId } = await storage.createStudy('study', ['minimize'], { 'study:metric_names': ['loss'] });
  await storage.setStudyAttr(studyId, 'user', 'odd', [Number.NaN, { text: 'ü ✓', low: -1e-300 }]);
  for (let i = 0; i < 6; i++) {
    const { trialId } = await storage.createTrial(studyId, {
      state: 'RUNNING',
      params: { x: 0.1 + i / 10, n: 8 * (i + 1), act: (['relu', 'gelu', null] as const)[i % 3] },
      distributions: SPACE,
      userAttrs: { list: [i, null, { deep: Number.POSITIVE_INFINITY }] },
    });
    await storage.updateTrial(trialId, {
      state: 'COMPLETE',
      values: [i === 3 ? Number.NEGATIVE_INFINITY : i === 4 ? Number.POSITIVE_INFINITY : i],
      systemAttrs: { [SYSTEM_ATTR.constraints]: [i - 2, -1.5] },
      intermediateValues: new Map([
        [0, Number.NaN],
        [7, Number.POSITIVE_INFINITY],
        [9, i / 3],
      ]),
    });
  }
  await storage.createTrial(studyId, {
    state: 'PRUNED',
    values: [0.5],
    intermediateValues: new Map([[2, 0.5]]),
  });
  await storage.createTrial(studyId, { state: 'FAIL' });
  await storage.createTrial(studyId, { state: 'RUNNING' });
  return studyId;
}

describe.skipIf(!hasOptuna)('Optuna', () => {
  it('reads our file as we do, goes on with it by TPE, and we go on from there', async () => {
    const path = join(directory, 'ours.db');
    const storage = new SqliteStorage(path);
    const studyId = await writeStudy(storage);
    await storage.createStudy('study/0/search', ['maximize', 'minimize']);
    await expectSameReading(path, storage);
    const values = (await storage.getTrials(studyId)).slice(0, 6).map((trial) => trial.value);
    expect(values).toEqual([0, 1, 2, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, 5]);

    expect(await peer.ask('proceed', path, '8')).toBe(17);
    const added = await storage.getTrials(studyId, 9);
    expect(added.map((trial) => [trial.number, trial.state])).toEqual(
      Array.from({ length: 8 }, (_, i) => [9 + i, 'COMPLETE']),
    );
    for (const trial of added) {
      expect(trial.distributions).toEqual(SPACE);
      const { x, n, act } = trial.params;
      expect(trial.value).toBeCloseTo(Number(x) + Number(n) + (act === 'relu' ? 0 : 1), 12);
      expect([...trial.intermediateValues]).toEqual([[0, x]]);
    }
    const next = await storage.createTrial(studyId, { state: 'COMPLETE', values: [1] });
    expect(next.number).toBe(17);
    await expectSameReading(path, storage);
    await storage.close();
    expect((await dump(path))[0].trials.length).toBe(18);
  });

  it('writes a file that we read as it does, and continue', async () => {
    const path = join(directory, 'theirs.db');
    const count = await peer.ask('write', path);
    const storage = new SqliteStorage(path);
    await expectSameReading(path, storage);
    const [{ studyId }] = await storage.listStudies();
    const queued = await storage.claimTrial(studyId);
    expect(queued?.systemAttrs[SYSTEM_ATTR.fixedParams]).toEqual({ x: 0.25, n: 16, act: 'relu' });
    expect(await storage.claimTrial(studyId)).toBeNull();
    await storage.updateTrial(queued!.trialId, {
      state: 'COMPLETE',
      values: [1],
      params: { x: 0.25, n: 16, act: 'relu' },
      distributions: SPACE,
    });
    expect((await storage.createTrial(studyId, { state: 'FAIL' })).number).toBe(count);
    await expectSameReading(path, storage);
    await storage.deleteStudy(studyId);
    await expectSameReading(path, storage);
    await storage.close();
    await peer.ask('dump', path);
  });

  it('reads odd choices and names of ours, and goes on with them by TPE', async () => {
    const path = join(directory, 'ours-odd.db');
    const storage = new SqliteStorage(path);
    const { studyId } = await storage.createStudy('odd', ['minimize']);
    for (const [i, odd] of ODD_CHOICES.entries())
      await storage.createTrial(studyId, {
        state: 'COMPLETE',
        values: [i],
        params: { odd, constructor: i % 2 === 0 ? Number.POSITIVE_INFINITY : null, ['__proto__']: i % 4 },
        distributions: ODD_SPACE,
      });
    await expectSameReading(path, storage);
    expect(await peer.ask('proceed-odd', path, '8')).toBe(ODD_CHOICES.length + 8);
    await expectSameReading(path, storage);
    for (const trial of await storage.getTrials(studyId)) expect(trial.distributions).toEqual(ODD_SPACE);
    await storage.close();
  });

  it('may write what we would not declare: we read it as it does, and continue', async () => {
    const path = join(directory, 'theirs-odd.db');
    await peer.ask('write-odd', path);
    const storage = new SqliteStorage(path);
    const [odd, , copy] = await storage.listStudies();
    const trials = await storage.getTrials(odd.studyId);
    const [theirs] = await dump(path);
    for (const [i, trial] of trials.entries()) {
      // Lists read as their JSON text; all else is equal.
      const params = (theirs.trials[i]['params'] as [string, JsonValue][]).map(([name, value]) => [
        name,
        Array.isArray(value) ? stringifyPythonJson(value) : value,
      ]);
      expect(Object.entries(trial.params)).toEqual(params);
    }
    expect(trials[0].distributions).toMatchObject({
      ...ODD_SPACE,
      tuple: { kind: 'categorical', choices: ['[1, 2]', '["a", Infinity]', 'x'] },
      big: { kind: 'int', low: 0, high: 2 ** 63, step: 1 },
    });
    const study = await loadStudy({ studyName: 'odd', storage });
    await study.optimize(
      (trial) => {
        trial.suggestCategorical<number | string | null>('odd', ODD_CHOICES);
        trial.suggestCategorical('tuple', ['[1, 2]', '["a", Infinity]', 'x']);
        trial.suggestFloat('wide', -1, 1);
        return 0;
      },
      { nTrials: 3 },
    );
    await storage.deleteStudy(odd.studyId);
    expect((await storage.listStudies()).map((s) => s.studyName)).toEqual(['odd/independent', 'copy']);
    expect((await storage.getTrials(copy.studyId)).length).toBe(trials.length);
    await storage.close();
    expect((await dump(path)).map((s) => s.study_name)).toEqual(['odd/independent', 'copy']);
  });

  it('copies a child study that outlives its parent', async () => {
    const path = join(directory, 'copied.db');
    const storage = new SqliteStorage(path);
    const parent = await createStudy({ studyName: 'p', storage });
    await parent.optimize(async (trial) => (await trial.createStudy('c')).trials.length, { nTrials: 1 });
    await peer.ask('copy', path, 'p/0/c');
    const names = async (): Promise<string[]> => (await storage.listStudies()).map((s) => s.studyName);
    expect(await names()).toEqual(['p', 'p/0/c', 'copy']);
    expect((await storage.findStudy('copy'))?.systemAttrs[SYSTEM_ATTR.parent]).toEqual({
      study: 'p',
      trial: 0,
    });
    await storage.deleteStudy(1);
    expect(await names()).toEqual(['copy']);
    await storage.close();
  });

  it('works on one file at the same time as 4 of our processes: numbers 0..n-1, nobody errs', async () => {
    const path = join(directory, 'together.db');
    const storage = new SqliteStorage(path);
    const { studyId } = await storage.createStudy('study', ['minimize']);
    const worker = join(import.meta.dirname, 'storage-worker.ts');
    let hasEnded = false;
    const ours = Array.from({ length: 4 }, async () => {
      const args = ['--import', 'tsx', worker, path, '1000000', 'until-stop'];
      const child = spawn(process.execPath, args, { stdio: 'pipe' });
      let stderr = '';
      child.stderr.on('data', (text) => {
        stderr += text;
      });
      const [code] = await once(child, 'close');
      hasEnded = true;
      return { code, stderr };
    });
    while (!hasEnded && (await storage.getTrials(studyId)).length < 40) await setTimeout(20);
    await peer.ask('proceed', path, '25').finally(() => storage.setStudyAttr(studyId, 'user', 'stop', true));
    expect(await Promise.all(ours)).toEqual(Array(4).fill({ code: 0, stderr: '' }));
    const trials = await storage.getTrials(studyId);
    expect(trials.map((trial) => trial.number)).toEqual(Array.from(trials, (_, i) => i));
    expect(trials.every((trial) => trial.state === 'COMPLETE')).toBe(true);
    const theirs = trials.filter((trial) => 'n' in trial.params).map((trial) => trial.number);
    expect(theirs.length).toBe(25);
    expect(theirs[24] - theirs[0], 'the two kinds of processes took turns').toBeGreaterThan(50);
    await storage.close();
  });
});

describe.skipIf(!hasDashboard)('optuna-dashboard', () => {
  it('lists the studies and trials of our file', async () => {
    const path = join(directory, 'dashboard.db');
    const storage = new SqliteStorage(path);
    await writeStudy(storage);
    await storage.createStudy('study/0/search', ['maximize', 'minimize']);
    await storage.close();
    const { studies, details } = (await peer.ask('dashboard', path)) as unknown as {
      studies: { status: string; body: { study_summaries: { study_name: string; directions: string[] }[] } };
      details: {
        status: string;
        body: { name?: string; trials: { state: string; constraints: number[] }[] };
      }[];
    };
    expect(studies.status).toMatch(/^200/);
    expect(studies.body.study_summaries).toMatchObject([
      { study_name: 'study', directions: ['minimize'] },
      { study_name: 'study/0/search', directions: ['maximize', 'minimize'] },
    ]);
    expect(details.map((detail) => detail.status)).toEqual(['200 OK', '200 OK']);
    const { trials } = details[0].body;
    expect(trials.map((trial) => trial.state)).toEqual([
      ...Array(6).fill('Complete'),
      'Pruned',
      'Fail',
      'Running',
    ]);
    expect(trials[4].constraints).toEqual([2, -1.5]);
  });
});
