/** Several batches a step are one big batch: the same gradients, clipping, decay and losses, whatever the batches' sizes. */
import { describe, expect, it } from 'vitest';
import { float32, GraphBuilder, int64, type TensorMap } from '../../objectives/onnx/index.ts';
import {
  buildTrainingGraph,
  labelSmoothedCrossEntropy,
  Trainer,
  type TrainingReport,
} from '../../objectives/training/index.ts';
import { Rng } from '../../src/core/rng.ts';
import { expectClose } from '../support/run-graph.ts';

const [WIDTH, CLASSES, PAD] = [3, 5, 0];

/** A softmax regression of which some targets are padding. */
function regression(batchesPerStep: number) {
  const g = new GraphBuilder();
  const x = g.input('x', 'float32', ['rows', WIDTH]);
  const targets = g.input('targets', 'int64', ['rows']);
  const [weights, bias] = [g.input('w', 'float32', [CLASSES, WIDTH]), g.input('b', 'float32', [CLASSES])];
  const logits = g.op.gemm(x, weights, bias, { transB: true });
  const entropy = labelSmoothedCrossEntropy(g, logits, targets, { labelSmoothing: 0.1, paddingId: PAD });
  return buildTrainingGraph(g, {
    parameters: [weights, bias],
    loss: entropy.loss,
    tokens: entropy.tokens,
    seeds: [{ value: logits, gradient: entropy.logitsGradient }],
    schedule: { kind: 'fixed', peakLearningRate: 0.05, warmupSteps: 2 },
    optimizer: { clipNorm: 0.4, weightDecay: 0.1, betas: [0.8, 0.95], epsilon: 1e-3 },
    batchesPerStep,
  });
}

/** Rows of a step, cut into batches of these sizes. */
const SIZES = [1, 7, 4];
function rowsOf(step: number, from: number, to: number): TensorMap {
  const rng = Rng.keyed(step, 'rows');
  const rows = Array.from({ length: 12 }, () => ({
    x: Array.from({ length: WIDTH }, () => rng.normal()),
    target: rng.int(CLASSES),
  })).slice(from, to);
  return {
    x: float32(
      rows.flatMap((row) => row.x),
      [rows.length, WIDTH],
    ),
    targets: int64(rows.map((row, i) => (i === 0 && from === 0 ? 1 : row.target))),
  };
}

async function train(batchesPerStep: number, stops: readonly number[] = [6]) {
  const rng = Rng.keyed('init');
  const reports: TrainingReport[] = [];
  const trainer = await Trainer.create({
    graph: regression(batchesPerStep),
    initialParameters: () => ({
      w: float32(
        Array.from({ length: CLASSES * WIDTH }, () => rng.normal()),
        [CLASSES, WIDTH],
      ),
      b: float32(new Array<number>(CLASSES).fill(0.5)),
    }),
    batchAt: (step, batch) => {
      if (batchesPerStep === 1) return rowsOf(step, 0, 12);
      const from = SIZES.slice(0, batch).reduce((sum, size) => sum + size, 0);
      return rowsOf(step, from, from + SIZES[batch]);
    },
    onReport: (report) => reports.push(report),
  });
  for (const stop of stops) await trainer.trainTo(stop);
  const { w, b } = await trainer.parameters();
  await trainer.close();
  return { weights: [...(w.data as Float32Array), ...(b.data as Float32Array)], reports };
}

describe('gradient accumulation', () => {
  it('equals one big batch, and reports the loss and the rate of it', async () => {
    const [whole, parts] = [await train(1), await train(3, [2, 6])];
    expectClose(parts.weights, whole.weights, 2e-6);
    expect(parts.reports.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6]);
    expectClose(
      parts.reports.flatMap(({ loss, learningRate }) => [loss, learningRate]),
      whole.reports.flatMap(({ loss, learningRate }) => [loss, learningRate]),
      2e-6,
    );
  });

  it('is part of what a checkpoint belongs to', () => {
    const prints = [1, 2, 3].map((batches) => regression(batches).fingerprint);
    expect(new Set(prints).size).toBe(3);
  });
});
