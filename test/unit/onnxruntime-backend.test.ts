import { describe, expect, it } from 'vitest';
import { collectLatencyDataset } from '../../objectives/latency/dataset.ts';
import {
  baselineOfTrials,
  type ExportedModel,
  OnnxRuntimeBackend,
} from '../../objectives/latency/onnxruntime-backend.ts';
import type { ArchConfig, ModelDims } from '../../objectives/transformer/arch-config.ts';
import { type ArchChoices, ArchSpace } from '../../objectives/transformer/arch-space.ts';
import { createStudy } from '../../src/index.ts';
import { median, medianAbsoluteDeviation, runningMedian } from '../../src/math/statistics.ts';

const dims: ModelDims = { sourceVocabSize: 10, targetVocabSize: 10, sourceLength: 4, targetLength: 4 };
const archOf = (qkvDim: number): ArchConfig => ({
  qkvDim,
  encoderEmbedDim: 16,
  encoderLayerNum: 1,
  encoderFfnEmbedDim: [16],
  encoderSelfAttentionHeads: [1],
  decoderEmbedDim: 16,
  decoderLayerNum: 1,
  decoderFfnEmbedDim: [16],
  decoderSelfAttentionHeads: [1],
  decoderEndeAttentionHeads: [1],
  decoderArbitraryEndeAttn: [-1],
});

/** A machine whose clock and speed are ours: a model's first byte is the ms that a run of it takes at full speed. */
class Machine {
  now = 0;
  runs = 0;
  released = 0;
  /** Slowness as a function of the number of runs so far. */
  slowness: (run: number) => number = () => 1;
  onRun: () => void = () => {};

  readonly clock = () => this.now;
  readonly exportModel = (arch: ArchConfig): ExportedModel => ({
    encoder: new Uint8Array([arch.qkvDim]),
    decoder: new Uint8Array([2 * arch.qkvDim]),
    feeds: { encoder: {}, decoder: {} },
  });
  readonly openSession = async (model: Uint8Array) => ({
    run: async () => {
      this.now += model[0] * this.slowness(this.runs++);
      this.onRun();
      return {};
    },
    release: async () => {
      this.released++;
    },
  });

  backend(
    options: { repeats?: number; maxMs?: number; baseline?: { encoderMs: number; decoderMs: number } } = {},
  ) {
    const reference = { arch: archOf(10), dims };
    return new OnnxRuntimeBackend({ ...this, reference, warmUps: 2, repeats: 6, ...options });
  }
}

describe('OnnxRuntimeBackend', () => {
  it('reports the median of each part, and the sum', async () => {
    const report = await new Machine().backend().measure(archOf(7), dims);
    expect(report.latencyMs).toEqual({ encoder: 7, decoder: 14, total: 21 });
    expect(report.spreadMs).toEqual({ encoder: 0, decoder: 0, total: 0 });
    expect(report.repeats).toBe(6);
  });

  it('takes the slowness of the machine out, and keeps the raw values', async () => {
    const machine = new Machine();
    const backend = machine.backend();
    await backend.measure(archOf(7), dims);
    machine.slowness = () => 1.25;
    const report = await backend.measure(archOf(7), dims);
    expect(report.latencyMs.total).toBeCloseTo(21, 10);
    expect(report.details['rawEncoderMs']).toBeCloseTo(8.75, 10);
    expect(report.details['baselineEncoderMs']).toBe(10);
    expect(report.details['slowness']).toBeCloseTo(1.25, 10);
    expect(backend.baseline).toEqual({ encoderMs: 10, decoderMs: 20 });
  });

  it('follows a drift within one measurement', async () => {
    const machine = new Machine();
    const backend = machine.backend({ repeats: 11 });
    await backend.measure(archOf(5), dims);
    const begin = machine.runs;
    machine.slowness = (run) => 1 + 0.01 * (run - begin);
    const report = await backend.measure(archOf(5), dims);
    expect(report.details['rawEncoderMs'] as number).toBeGreaterThan(6);
    expect(Math.abs(report.latencyMs.total / 15 - 1)).toBeLessThan(0.03);
  });

  it('an interrupted run of the reference or the candidate changes nothing', async () => {
    const machine = new Machine();
    const backend = machine.backend({ repeats: 11 });
    await backend.measure(archOf(7), dims);
    const begin = machine.runs;
    machine.slowness = (run) => ((run - begin) % 11 === 0 ? 8 : 1);
    expect((await backend.measure(archOf(7), dims)).latencyMs.total).toBeCloseTo(21, 10);
  });

  it('a given baseline is what corrections refer to', async () => {
    const backend = new Machine().backend({ baseline: { encoderMs: 5, decoderMs: 10 } });
    expect((await backend.measure(archOf(8), dims)).latencyMs.total).toBeCloseTo(12, 10);
  });

  it('a second process goes on with the baseline that the first one stored', async () => {
    const study = await createStudy({ directions: ['minimize', 'minimize'] });
    expect(baselineOfTrials(study.trials)).toBeUndefined();
    const space = new ArchSpace({
      ...Object.fromEntries(Object.entries(archOf(8)).map(([name, value]) => [name, [value].flat()])),
    } as unknown as ArchChoices);
    await collectLatencyDataset(study, { space, dims, backend: new Machine().backend(), size: 1 });
    const slow = new Machine();
    slow.slowness = () => 2;
    const backend = slow.backend({ baseline: baselineOfTrials(study.trials) });
    const rows = await collectLatencyDataset(study, { space, dims, backend, size: 2 });
    expect(rows.map((row) => row.latencyMs)).toEqual([24, 24]);
  });

  it('ends early when the time is up', async () => {
    const report = await new Machine().backend({ repeats: 1000, maxMs: 500 }).measure(archOf(20), dims);
    expect(report.repeats).toBeLessThan(20);
    expect(report.repeats).toBeGreaterThanOrEqual(2);
  });

  it('stops at the next run when it is aborted, and releases the candidate', async () => {
    const machine = new Machine();
    const backend = machine.backend();
    await backend.measure(archOf(3), dims);
    const controller = new AbortController();
    const begin = machine.runs;
    machine.onRun = () => {
      if (machine.runs === begin + 5) controller.abort();
    };
    await expect(backend.measure(archOf(3), dims, controller.signal)).rejects.toMatchObject({
      code: 'ABORTED',
    });
    expect(machine.runs).toBe(begin + 5);
    expect(machine.released).toBe(4);
  });

  it('measures one at a time', async () => {
    const machine = new Machine();
    const backend = machine.backend();
    const [a, b] = await Promise.all([backend.measure(archOf(4), dims), backend.measure(archOf(9), dims)]);
    expect(a.latencyMs.total).toBeCloseTo(12, 10);
    expect(b.latencyMs.total).toBeCloseTo(27, 10);
  });

  it('needs two repeats', () => {
    expect(() => new Machine().backend({ repeats: 1 })).toThrow(/at least 2 repeats/);
  });
});

it('median, MAD and running median', () => {
  expect(runningMedian([1, 9, 2, 3, 4], 1)).toEqual([5, 2, 3, 3, 3.5]);
  expect(median([5, 1, 3])).toBe(3);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(medianAbsoluteDeviation([1, 1, 2, 2, 4, 6, 9])).toBe(1);
});
