/** Which weights a training ends with, whatever its losses do and wherever it is interrupted. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { BestWeights, type Validation } from '../../objectives/pipeline/best-weights.ts';
import {
  assertLearned,
  isOver,
  type SupernetCourse,
  trainToEnd,
  weightsUsed,
} from '../../objectives/pipeline/supernet-course.ts';

const folder = mkdtempSync(join(tmpdir(), 'thanos-course-'));
const bestFile = join(folder, 'best');
beforeEach(() => rmSync(bestFile, { force: true }));
afterAll(() => rmSync(folder, { recursive: true }));

class Killed extends Error {}

/** A trainer whose weights are its step; killed after `killAt` calls of anything. It keeps a checkpoint every 40 steps. */
class FakeTrainer {
  step: number;
  weights: number;
  checkpoint: number;
  calls = 0;
  readonly killAt: number;
  constructor(checkpoint: number, killAt: number) {
    this.step = checkpoint;
    this.weights = checkpoint;
    this.checkpoint = checkpoint;
    this.killAt = killAt;
  }
  tick(): void {
    if (++this.calls > this.killAt) throw new Killed();
  }
  async trainTo(lastStep: number): Promise<void> {
    while (this.step < lastStep) {
      if (this.step % 20 === 0) this.tick();
      this.step++;
      this.weights = this.step;
      if (this.step % 40 === 0 || this.step === lastStep) this.checkpoint = this.step;
    }
  }
  async save(): Promise<void> {
    this.checkpoint = this.step;
  }
  async saveParameters(path: string, facts: Readonly<Record<string, string>>): Promise<void> {
    this.tick();
    writeFileSync(path, JSON.stringify({ ...facts, weights: String(this.weights) }));
    this.tick();
  }
  async loadParameters(path: string): Promise<void> {
    this.weights = Number(this.readMetadata(path)['weights']);
  }
  readMetadata(path: string): Readonly<Record<string, string>> {
    return JSON.parse(readFileSync(path, 'utf8'));
  }
}

const LOSSES: Readonly<Record<number, number>> = {
  0: 9,
  100: 6,
  200: 5,
  300: 4.5,
  400: 5,
  500: 5.5,
  600: 5.2,
  650: 5.1,
};

function open(checkpoint: number, killAt: number, patience: number | null, losses = LOSSES) {
  const trainer = new FakeTrainer(checkpoint, killAt);
  const weights = new BestWeights(trainer, bestFile);
  const course: SupernetCourse = {
    trainer,
    weights,
    training: { steps: 650, patience, peakLearningRate: 0.1 },
  };
  const run = async (seen: [number, boolean][] = []): Promise<void> => {
    await trainToEnd(
      course,
      async (step) => {
        trainer.tick();
        return { step, largest: losses[step] - 0.5, smallest: losses[step] + 0.5 };
      },
      ({ step }, isBest) => {
        seen.push([step, isBest]);
      },
    );
  };
  return { trainer, weights, course, run };
}

describe('the course of a training', () => {
  it('validates before the first step, every hundredth and after the last, and ends with the best weights', async () => {
    const seen: [number, boolean][] = [];
    const { trainer, weights, course, run } = open(0, Number.POSITIVE_INFINITY, null);
    await run(seen);
    expect(seen).toEqual([
      [0, true],
      [100, true],
      [200, true],
      [300, true],
      [400, false],
      [500, false],
      [600, false],
      [650, false],
    ]);
    expect(trainer.step).toBe(650);
    expect(weights.best).toEqual({ step: 300, largest: 4, smallest: 5 });
    await weights.use();
    expect(trainer.weights).toBe(300);
    assertLearned(course, undefined);
  });

  it('ends when its patience does', async () => {
    const { trainer, course, run } = open(0, Number.POSITIVE_INFINITY, 2);
    await run();
    expect([trainer.step, isOver(course)]).toEqual([500, true]);
  });

  it.each([null, 2])('is the same wherever it is killed (patience %s)', async (patience) => {
    const whole = open(0, Number.POSITIVE_INFINITY, patience);
    await whole.run();
    const expected = { step: whole.trainer.step, best: readFileSync(bestFile, 'utf8') };
    for (let killAt = 1; killAt < whole.trainer.calls; killAt++) {
      rmSync(bestFile, { force: true });
      const first = open(0, killAt, patience);
      await expect(first.run()).rejects.toThrow(Killed);
      const second = open(first.trainer.checkpoint, Number.POSITIVE_INFINITY, patience);
      await second.run();
      expect({ step: second.trainer.step, best: readFileSync(bestFile, 'utf8') }).toEqual(expected);
    }
  });

  it.each([
    ['explodes', { 100: 1e8, 200: 1e9, 300: 1e9, 400: 1e9, 500: 1e9, 600: 1e9, 650: 1e9 }],
    ['stays where it was', { 100: 9, 200: 9, 300: 9, 400: 9, 500: 9, 600: 9, 650: 9 }],
    ['is NaN', Object.fromEntries([100, 200, 300, 400, 500, 600, 650].map((step) => [step, Number.NaN]))],
  ])('is refused if the loss %s', async (_, losses) => {
    const { course, run } = open(0, Number.POSITIVE_INFINITY, null, { 0: 9, ...losses });
    await run();
    const last: Validation = { step: 650, largest: 1e9, smallest: 1e9 };
    expect(() => assertLearned(course, last)).toThrow(
      expect.objectContaining({ code: 'RUN_FAILED', message: expect.stringContaining('after step 650') }),
    );
  });

  it('refuses to go on without the file of the best weights, or with one that tells no losses', () => {
    expect(existsSync(bestFile)).toBe(false);
    expect(() => open(40, 1, null)).toThrow(
      expect.objectContaining({ code: 'CHECKPOINT_UNUSABLE', message: expect.stringContaining(bestFile) }),
    );
    for (const facts of [
      {},
      { step: '1.5', largest: '1', smallest: '1' },
      { step: '1', largest: 'x', smallest: '1' },
    ]) {
      writeFileSync(bestFile, JSON.stringify(facts));
      expect(() => open(40, 1, null)).toThrow(expect.objectContaining({ code: 'CHECKPOINT_UNUSABLE' }));
    }
  });

  it('is told in a sentence', () => {
    const at = (step: number, loss: number): Validation => ({ step, largest: loss, smallest: loss });
    expect(weightsUsed(at(300, 4.5), at(650, 5.1), 650)).toContain('step 300');
    expect(weightsUsed(at(300, 4.5), at(650, 5.1), 650)).toContain(
      'risen to 5.100: longer training overfits',
    );
    expect(weightsUsed(at(300, 4.5), at(500, 5.1), 650)).toContain(
      'its patience ended it at step 500 of 650',
    );
    expect(weightsUsed(at(650, 4.5), at(650, 4.5), 650)).not.toContain('overfits');
  });
});
