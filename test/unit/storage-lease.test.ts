import { spawnSync } from 'node:child_process';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { SYSTEM_ATTR } from '../../src/core/frozen-trial.ts';
import { SqliteStorage } from '../../storage/index.ts';
import { ownerOf, ownerStatus } from '../../storage/owner.ts';
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

  it('on another host lasts as long as its heartbeat', async () => {
    const path = newPath();
    const storage = new SqliteStorage(path);
    const { studyId } = await storage.createStudy('s', ['minimize']);
    const { trialId } = await storage.createTrial(studyId, { state: 'RUNNING' });
    await storage.updateTrial(trialId, {
      systemAttrs: { [SYSTEM_ATTR.owner]: owner({ host: 'elsewhere' }) },
    });
    const started = "UPDATE trials SET datetime_start = '2020-01-01 00:00:00.000000'";
    const beat = (modifier: string): string =>
      `INSERT OR REPLACE INTO trial_heartbeats (trial_id, heartbeat) VALUES (${trialId}, datetime('now', '${modifier}'))`;
    expect(await storage.claimTrial(studyId)).toBeNull();
    sql(path, started);
    sql(path, beat('-60 seconds'));
    expect(await storage.claimTrial(studyId)).toBeNull();
    sql(path, beat('-130 seconds'));
    expect((await storage.claimTrial(studyId))?.number).toBe(0);
    expect(await storage.claimTrial(studyId)).toBeNull();
    const [trial] = await storage.getTrials(studyId);
    expect(trial.systemAttrs[SYSTEM_ATTR.owner]).toBe(storage.owner);
    expect(trial.datetimeStart).toEqual(new Date('2020-01-01T00:00:00Z'));
    await storage.close();
  });
});

describe('the heartbeat', () => {
  it('is refreshed every minute while the trial runs', async () => {
    vi.useFakeTimers({ now: new Date('2030-01-01T00:00:00Z') });
    const path = newPath();
    const storage = new SqliteStorage(path);
    try {
      const { studyId } = await storage.createStudy('s', ['minimize']);
      const [first, second] = [
        await storage.createTrial(studyId, { state: 'RUNNING' }),
        await storage.createTrial(studyId, { state: 'RUNNING' }),
      ];
      await storage.createTrial(studyId, { state: 'WAITING' });
      vi.advanceTimersByTime(60_000);
      await storage.updateTrial(second.trialId, { state: 'FAIL' });
      vi.advanceTimersByTime(60_000);
      expect(sql(path, 'SELECT trial_id, heartbeat FROM trial_heartbeats ORDER BY trial_id')).toEqual([
        [first.trialId, '2030-01-01 00:02:00.000000'],
        [second.trialId, '2030-01-01 00:01:00.000000'],
      ]);
      await storage.close();
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });
});
