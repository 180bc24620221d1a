import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { SqliteStorage } from '../../storage/index.ts';
import { ownerOf, ownerStatus } from '../../storage/owner.ts';
import { openDatabase } from '../../storage/sqlite/driver.ts';
import { OwnerWatch } from '../../storage/sqlite/owner-watch.ts';
import { sqliteFiles } from './sqlite-files.ts';

const { newPath, sql, remove } = sqliteFiles();
afterAll(remove);

describe('the lease of a trial', () => {
  const owner = (change: object): string => JSON.stringify({ ...JSON.parse(ownerOf()), ...change });

  it('is seen by process, start time, boot and host', () => {
    const ended = spawnSync(process.execPath, ['-e', '']).pid;
    expect(ownerStatus(ownerOf())).toBe('alive');
    expect(ownerStatus(ownerOf(process.ppid))).toBe('alive');
    expect(ownerStatus(owner({ pid: ended }))).toBe('dead');
    expect(ownerStatus(ownerOf(ended))).toBe('dead');
    expect(ownerStatus(owner({ host: 'elsewhere' }))).toBe('elsewhere');
    expect(ownerStatus('not json')).toBe('elsewhere');
    if (process.platform === 'linux') {
      expect(ownerStatus(owner({ start: '1' }))).toBe('dead');
      expect(ownerStatus(owner({ boot: 'another boot' }))).toBe('dead');
      expect(ownerStatus(owner({ pidns: 'pid:[1]' }))).toBe('elsewhere');
    }
  });

  it('on another host lasts as long as its heart is seen to move, by the clock of whoever watches', async () => {
    const path = newPath();
    const storage = new SqliteStorage(path);
    const { studyId } = await storage.createStudy('s', ['minimize']);
    const { trialId } = await storage.createTrial(studyId, { state: 'RUNNING' });
    await storage.close();
    let nowMs = 0;
    const watch = new OwnerWatch(path, () => nowMs);
    const db = openDatabase(path, 0);
    const elsewhere = owner({ host: 'elsewhere', boot: 'another boot' });
    const life = (afterMs: number, of = elsewhere) => {
      nowMs += afterMs;
      return watch.life(db, trialId, of);
    };
    // Its clock may show anything.
    const beat = (time: string): void =>
      db.exec(`INSERT OR REPLACE INTO trial_heartbeats (trial_id, heartbeat) VALUES (${trialId}, '${time}')`);
    expect(life(0)).toBe('unknown');
    expect(life(59_000)).toBe('unknown');
    beat('1999-01-01 00:00:00.000000');
    expect(life(500)).toBe('alive');
    expect(life(59_000)).toBe('alive');
    beat('2099-01-01 00:00:00.000000');
    expect(life(59_000)).toBe('alive');
    expect(life(59_000)).toBe('alive');
    expect(life(1000)).toBe('dead');
    expect(life(0, owner({ host: 'a third one', boot: 'its boot' }))).toBe('alive');
    watch.forget(trialId);
    expect(life(0)).toBe('dead');
    db.close();
  });

  it('on another host is that of the process: what one of its trials shows holds for the others', async () => {
    const path = newPath();
    const storage = new SqliteStorage(path);
    const { studyId } = await storage.createStudy('s', ['minimize']);
    const create = async (): Promise<number> =>
      (await storage.createTrial(studyId, { state: 'RUNNING' })).trialId;
    const [first, second] = [await create(), await create()];
    let nowMs = 0;
    const watch = new OwnerWatch(path, () => nowMs);
    const db = openDatabase(path, 5000);
    const elsewhere = owner({ host: 'elsewhere', boot: 'another boot' });
    const life = (trialId: number): string => watch.life(db, trialId, elsewhere);
    // Both were there when the process was first seen, so neither says that it lives.
    expect([life(first), life(second)]).toEqual(['unknown', 'unknown']);
    nowMs += 40_000;
    const third = await create();
    expect([life(first), life(second)]).toEqual(['unknown', 'unknown']);
    expect([life(third), life(first), life(second)]).toEqual(['alive', 'alive', 'alive']);
    nowMs += 59_000;
    expect([life(first), life(second), life(third)]).toEqual(['alive', 'alive', 'alive']);
    nowMs += 1000;
    expect([life(first), life(second), life(third)]).toEqual(['dead', 'dead', 'dead']);
    db.close();
    await storage.close();
  });

  it('in another container on this machine is the lock that its process holds', async () => {
    const path = newPath();
    const [storage, other] = [new SqliteStorage(path), new SqliteStorage(path)];
    const { studyId } = await storage.createStudy('s', ['minimize']);
    await storage.createTrial(studyId, { state: 'RUNNING' });
    const inContainer = (lock: string): string => owner({ host: 'a container', pidns: 'pid:[1]', lock });
    const { lock } = JSON.parse(storage.owner);
    const watch = new OwnerWatch(path);
    const life = (text: string): string => {
      const db = openDatabase(path, 0);
      try {
        return watch.life(db, 1, text);
      } finally {
        db.close();
      }
    };
    expect(life(inContainer(lock))).toBe('alive');
    expect(life(inContainer('no-such-lock'))).toBe('dead');
    writeFileSync(`${path}-owner-killed`, '');
    expect(life(inContainer('killed'))).toBe('dead');
    // A name is not a path, and an owner of another machine is not seen by a lock.
    expect(life(inContainer('../killed'))).toBe('unknown');
    watch.forget(1);
    expect(life(owner({ boot: 'another boot', host: 'elsewhere', lock }))).toBe('unknown');
    expect(existsSync(`${path}-owner-${lock}`)).toBe(true);
    await storage.close();
    expect(existsSync(`${path}-owner-${lock}`)).toBe(false);
    expect(life(inContainer(lock))).toBe('dead');
    await other.close();
    expect(existsSync(`${path}-owner-killed`), 'the last one to close tidies up').toBe(false);
  });
});

it('the heart beats while the event loop is blocked', async () => {
  const path = newPath();
  const storage = new SqliteStorage(path);
  const { studyId } = await storage.createStudy('s', ['minimize']);
  const first = await storage.createTrial(studyId, { state: 'RUNNING' });
  // A study that is over within a second starts no thread.
  await new Promise((resolve) => setTimeout(resolve, 1050));
  const second = await storage.createTrial(studyId, { state: 'RUNNING' });
  const finished = await storage.createTrial(studyId, { state: 'COMPLETE', values: [1] });
  const beaten = (): unknown[] => sql(path, 'SELECT trial_id FROM trial_heartbeats ORDER BY trial_id').flat();
  const nobody = new Int32Array(new SharedArrayBuffer(4));
  for (let i = 0; i < 300 && beaten().length === 0; i++) Atomics.wait(nobody, 0, 0, 100);
  expect(beaten()).toEqual([first.trialId, second.trialId]);
  expect(finished.trialId).toBeGreaterThan(second.trialId);
  await storage.close();
  expect([...readFileSync(path).subarray(18, 20)], 'the thread has let go of the file').toEqual([1, 1]);
});
