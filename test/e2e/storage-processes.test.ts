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

  it('what a killed process had finished is there', async () => {
    const path = join(directory, 'durable.db');
    const storage = new SqliteStorage(path);
    const { studyId } = await storage.createStudy('study', ['minimize']);
    await storage.close();
    const child = worker(path, '1000000', 'report');
    let out = '';
    child.stdout!.on('data', (text) => {
      out += text;
      if (out.length > 1000) child.kill('SIGKILL');
    });
    await once(child, 'close');
    const reported = out.split('\n').slice(0, -1).map(Number);
    expect(reported.length).toBeGreaterThan(200);
    const reopened = new SqliteStorage(path);
    const trials = await reopened.getTrials(studyId);
    expect(trials.map((trial) => trial.number)).toEqual(upTo(trials.length));
    const finished = trials.filter((trial) => trial.state === 'COMPLETE').map((trial) => trial.value);
    expect(finished.slice(0, reported.length)).toEqual(reported);
    // The one that it was about to report, and the one that it was at work on.
    expect(trials.length - reported.length).toBeLessThanOrEqual(1);
    await reopened.close();
  });
});
