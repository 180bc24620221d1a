/** Training that is interrupted, even by SIGKILL, ends with the same weights, bit for bit. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readStateFile, writeStateFile } from '../../objectives/onnx/index.ts';
import { Trainer, type TrainingReport } from '../../objectives/training/index.ts';
import { tinyModel } from '../support/tiny-model.ts';

const child = fileURLToPath(new URL('../support/train-child.ts', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));

/** Runs the child; kills it when it reports `killAt`. Returns the steps that it reported. */
function trainInChild(
  steps: number,
  path: string,
  killAt?: number,
): Promise<{ steps: number[]; signal: string | null }> {
  return new Promise((resolve, reject) => {
    const spawned = spawn(process.execPath, ['--import', 'tsx', child, 'cpu', String(steps), path, '5'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const reported: number[] = [];
    createInterface({ input: spawned.stdout }).on('line', (line) => {
      const { step } = JSON.parse(line) as TrainingReport;
      reported.push(step);
      if (step === killAt) spawned.kill('SIGKILL');
    });
    spawned.on('error', reject);
    spawned.on('close', (_, signal) => resolve({ steps: reported, signal }));
  });
}

describe('trainer', () => {
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'thanos-'));
    await train('whole', [24]);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const train = async (
    name: string,
    steps: readonly number[],
    signal?: AbortSignal,
  ): Promise<TrainingReport[]> => {
    const reports: TrainingReport[] = [];
    const checkpoint = { path: join(folder, name), everySteps: 5 };
    for (const lastStep of steps) {
      const trainer = await Trainer.create({
        ...tinyModel(),
        intraOpNumThreads: 2,
        checkpoint,
        onReport: (report) => reports.push(report),
      });
      try {
        await trainer.trainTo(lastStep, { signal });
      } finally {
        await trainer.close();
      }
    }
    return reports;
  };
  const weights = (name: string): Buffer => readFileSync(join(folder, name));

  it('learns', async () => {
    const reports = await train('learns', [150]);
    expect(reports.map((report) => report.step)).toEqual(Array.from({ length: 150 }, (_, i) => i + 1));
    const mean = (part: TrainingReport[]): number =>
      part.reduce((sum, { loss }) => sum + loss, 0) / part.length;
    expect(mean(reports.slice(0, 5))).toBeGreaterThan(3);
    expect(mean(reports.slice(-10))).toBeLessThan(2.2);
    expect(reports[7].learningRate).toBeCloseTo(1e-2, 8);
    expect(reports[0].tokensPerSecond).toBeGreaterThan(0);
  });

  it('trains k + k steps as it trains 2k', async () => {
    const resumed = await train('halves', [12, 24, 24]);
    expect(resumed.map((report) => report.step)).toEqual(Array.from({ length: 24 }, (_, i) => i + 1));
    expect(weights('halves').equals(weights('whole'))).toBe(true);
  });

  it('resumes exactly after SIGKILL between two checkpoints', async () => {
    const path = join(folder, 'killed');
    const first = await trainInChild(24, path, 13);
    expect(first.signal).toBe('SIGKILL');
    const saved = Number(readStateFile(path).metadata.step);
    expect([10, 15, 20]).toContain(saved);
    const second = await trainInChild(24, path);
    expect(second.steps).toEqual(Array.from({ length: 24 - saved }, (_, i) => saved + 1 + i));
    expect(weights('killed').equals(weights('whole'))).toBe(true);
  });

  it('saves and stops when it is aborted, and goes on from there', async () => {
    const controller = new AbortController();
    const trainer = await Trainer.create({
      ...tinyModel(),
      intraOpNumThreads: 2,
      checkpoint: { path: join(folder, 'aborted'), everySteps: 100 },
      onReport: ({ step }) => step === 7 && controller.abort(new Error('enough')),
    });
    await expect(trainer.trainTo(24, { signal: controller.signal })).rejects.toThrow('enough');
    expect(trainer.step).toBe(7);
    await trainer.close();
    expect(readStateFile(join(folder, 'aborted')).metadata.step).toBe('7');
    await train('aborted', [24]);
    expect(weights('aborted').equals(weights('whole'))).toBe(true);
  });

  it('refuses a checkpoint of another graph, and parameters that do not fit', async () => {
    const path = join(folder, 'foreign');
    writeStateFile(path, { tensors: {}, metadata: { step: '3', fingerprint: 'other' } });
    await expect(train('foreign', [1])).rejects.toMatchObject({ code: 'CHECKPOINT_UNUSABLE' });
    await expect(Trainer.create({ ...tinyModel(), initialParameters: () => ({}) })).rejects.toMatchObject({
      code: 'SHAPE_MISMATCH',
    });
    expect(existsSync(path)).toBe(true);
  });
});
