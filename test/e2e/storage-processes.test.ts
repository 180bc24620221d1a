/** Several real processes on one study file, and processes that are killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { SqliteStorage } from '../../storage/index.ts';

const directory = mkdtempSync(join(tmpdir(), 'thanos-processes-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function worker(...args: string[]): ChildProcess {
  return spawn(
    process.execPath,
    ['--import', 'tsx', join(import.meta.dirname, 'storage-worker.ts'), ...args],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
}

/** Numbers of the trials that the worker handled; rejects with what it wrote to stderr if it failed. */
async function finish(child: ChildProcess): Promise<number[]> {
  let [out, err] = ['', ''];
  child.stdout?.on('data', (text) => {
    out += text;
  });
  child.stderr?.on('data', (text) => {
    err += text;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`worker ended with ${code}: ${err}`);
  return JSON.parse(out) as number[];
}

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const inOrder = (lists: number[][]): number[] => lists.flat().sort((a, b) => a - b);

describe('processes on one file', () => {
  it('4 create and finish trials at once: numbers 0..n-1, nobody errs', async () => {
    const path = join(directory, 'create.db');
    const storage = new SqliteStorage(path);
    const { studyId } = await storage.createStudy('study', ['minimize']);
    const lists = await Promise.all(upTo(4).map(() => finish(worker(path, '100'))));
    expect(inOrder(lists)).toEqual(upTo(400));
    const trials = await storage.getTrials(studyId);
    expect(trials.map((trial) => trial.number)).toEqual(upTo(400));
    expect(trials.every((trial) => trial.state === 'COMPLETE' && trial.value === trial.number)).toBe(true);
    await storage.close();
    expect([...readFileSync(path).subarray(18, 20)]).toEqual([1, 1]);
  });

  it('4 share a queue: each trial is claimed once', async () => {
    const path = join(directory, 'claim.db');
    const storage = new SqliteStorage(path);
    const { studyId } = await storage.createStudy('study', ['minimize']);
    for (let i = 0; i < 200; i++) await storage.createTrial(studyId, { state: 'WAITING' });
    const lists = await Promise.all(upTo(4).map(() => finish(worker(path, '1000', 'claim'))));
    expect(inOrder(lists)).toEqual(upTo(200));
    await storage.close();
  });

  it('the trial of a killed process is there, and claimed by the next', async () => {
    const path = join(directory, 'kill.db');
    const storage = new SqliteStorage(path);
    const { studyId } = await storage.createStudy('study', ['minimize']);
    const child = worker(path, '1', 'hang');
    const [text] = await once(child.stdout!, 'data');
    expect(Number(text)).toBe(0);
    expect(await storage.claimTrial(studyId)).toBeNull();
    child.kill('SIGKILL');
    await once(child, 'close');
    const claimed = await storage.claimTrial(studyId);
    expect(claimed).toMatchObject({
      number: 0,
      state: 'RUNNING',
      params: { x: 0.5 },
      userAttrs: { pid: child.pid },
    });
    expect(await storage.claimTrial(studyId)).toBeNull();
    await storage.close();
    expect([...readFileSync(path).subarray(18, 20)]).toEqual([1, 1]);
  });
});
