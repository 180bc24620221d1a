import { describe, expect, it } from 'vitest';
import { type ArchSummary, summarizeArch } from '../../objectives/latency/arch-summary.ts';
import type { LatencyRow } from '../../objectives/latency/dataset.ts';
import { hatFeatures, physicsFeatures } from '../../objectives/latency/predictor/features.ts';
import { HatMlpPredictor } from '../../objectives/latency/predictor/hat-mlp-predictor.ts';
import {
  errorsLine,
  heldOutErrors,
  type LatencyPredictor,
} from '../../objectives/latency/predictor/predictor.ts';
import { evaluate, fitRidge } from '../../objectives/latency/predictor/ridge.ts';
import { RidgePredictor } from '../../objectives/latency/predictor/ridge-predictor.ts';
import { estimateRk3588 } from '../../objectives/latency/rk3588-model.ts';
import { predictedHardware } from '../../objectives/pipeline/hardware.ts';
import type { ArchConfig } from '../../objectives/transformer/arch-config.ts';
import { ArchSpace } from '../../objectives/transformer/arch-space.ts';
import { Rng } from '../../src/core/rng.ts';
import { mape, rmse } from '../../src/math/statistics.ts';
import { kendall, spearman } from '../support/rank-correlation.ts';

const space = new ArchSpace({
  qkvDim: [64, 128, 256, 512],
  encoderEmbedDim: [512, 640],
  decoderEmbedDim: [512, 640],
  encoderLayerNum: [4, 5, 6],
  decoderLayerNum: [1, 2, 3, 4, 5, 6],
  encoderFfnEmbedDim: [512, 1024, 2048, 3072],
  encoderSelfAttentionHeads: [2, 4, 8],
  decoderFfnEmbedDim: [512, 1024, 2048, 3072],
  decoderSelfAttentionHeads: [2, 4, 8],
  decoderEndeAttentionHeads: [2, 4, 8],
  decoderArbitraryEndeAttn: [-1, 1, 2],
});
const dims = { sourceVocabSize: 8000, targetVocabSize: 8000, sourceLength: 30, targetLength: 30 };

function sampled(
  count: number,
  label: (arch: ArchConfig) => number,
): { arch: ArchConfig; row: LatencyRow }[] {
  const rng = Rng.keyed(1, 'latency-predictor-test');
  return Array.from({ length: count }, () => {
    const arch = space.sampleUniform(rng);
    return { arch, row: { arch: summarizeArch(arch), latencyMs: label(arch), memoryMiB: null } };
  });
}

const rk3588Ms = (arch: ArchConfig): number => {
  const { encoder, decoder } = estimateRk3588(arch, dims);
  return encoder.latencyMs + decoder.latencyMs;
};

function errors(predictor: LatencyPredictor, test: readonly { arch: ArchConfig; row: LatencyRow }[]) {
  const actual = test.map(({ row }) => row.latencyMs);
  const predictions = test.map(({ arch }) => predictor.predict(arch));
  const predicted = predictions.map((p) => p.latencyMs);
  const inside = predictions.filter(
    (p, i) => p.interval.lowMs <= actual[i] && actual[i] <= p.interval.highMs,
  ).length;
  return {
    mape: mape(predicted, actual),
    kendall: kendall(predicted, actual),
    coverage: inside / test.length,
  };
}

describe('RidgePredictor', () => {
  it('learns the analytic RK3588 model to 1 % from 300 architectures, QKV dim included', async () => {
    const rows = sampled(400, rk3588Ms);
    const predictor = new RidgePredictor();
    await predictor.fit(rows.slice(100).map(({ row }) => row));
    const found = errors(predictor, rows.slice(0, 100));
    expect(found.mape).toBeLessThan(1);
    expect(found.kendall).toBeGreaterThan(0.97);
    expect(found.coverage).toBeGreaterThan(0.8);
    // HAT's ten features cannot see the QKV dim.
    const blind = new RidgePredictor({ features: hatFeatures });
    await blind.fit(rows.slice(100).map(({ row }) => row));
    expect(errors(blind, rows.slice(0, 100)).mape).toBeGreaterThan(2 * found.mape);
  });

  it('is not moved by a block of slow rows, as least squares is', async () => {
    const rows = sampled(400, rk3588Ms);
    const train = rows
      .slice(100)
      .map(({ row }, i) => (i < 45 ? { ...row, latencyMs: 1.3 * row.latencyMs } : row));
    const robust = new RidgePredictor();
    await robust.fit(train);
    const test = rows.slice(0, 100);
    expect(errors(robust, test).mape).toBeLessThan(2);
    const labels = train.map(({ latencyMs }) => latencyMs);
    const squared = fitRidge(
      train.map(({ arch }) => physicsFeatures(arch)),
      labels,
      labels.map(() => 1),
      [1e-8],
    );
    const predicted = test.map(({ row }) => evaluate(squared.model, physicsFeatures(row.arch)));
    const actual = test.map(({ row }) => row.latencyMs);
    expect(mape(predicted, actual)).toBeGreaterThan(3);
  });

  it('predicts the same from an architecture and from its summary, and from kept coefficients', async () => {
    const rows = sampled(60, rk3588Ms);
    const predictor = new RidgePredictor();
    await predictor.fit(rows.map(({ row }) => row));
    const kept = new RidgePredictor({}, JSON.parse(JSON.stringify(predictor.fitted)));
    for (const { arch, row } of rows.slice(0, 5)) {
      expect(predictor.predict(row.arch)).toEqual(predictor.predict(arch));
      expect(kept.predict(arch)).toEqual(predictor.predict(arch));
    }
  });

  it('refuses to predict before a fit, too few rows and labels that are no latency', async () => {
    const rows = sampled(20, rk3588Ms).map(({ row }) => row);
    const predictor = new RidgePredictor();
    expect(() => predictor.predict(rows[0].arch)).toThrow(/must be fitted/);
    await expect(predictor.fit(rows.slice(0, 3))).rejects.toThrow(/at least 8 rows/);
    await expect(predictor.fit([...rows, { ...rows[0], latencyMs: 0 }])).rejects.toThrow(/row 20/);
  });
});

describe('the errors that a predictor tells', () => {
  it('are near those on rows that it has never seen, and go with each prediction', async () => {
    const rng = Rng.keyed(3, 'noise');
    const rows = sampled(260, (arch) => rk3588Ms(arch) * (1 + 0.05 * rng.normal()));
    const predictor = new RidgePredictor();
    expect(predictor.heldOut).toBeNull();
    await predictor.fit(rows.slice(100).map(({ row }) => row));
    const { heldOut } = predictor.predict(rows[0].arch);
    expect(heldOut).toBe(predictor.heldOut);
    expect(heldOut).toMatchObject({ method: 'leave-one-out', rows: 160, hasSkill: true });
    expect(heldOut.mapePercent / errors(predictor, rows.slice(0, 100)).mape).toBeGreaterThan(0.7);
    expect(heldOut.mapePercent / errors(predictor, rows.slice(0, 100)).mape).toBeLessThan(1.4);
    expect(heldOut.r2).toBeGreaterThan(0.8);
    expect(errorsLine(heldOut)).toMatch(
      /^error \d\.\d % \(MAPE\), .* R² 0\.\d\d on 160 measurements, leave-one-out$/,
    );
  });

  it('are those of the definition', () => {
    const told = heldOutErrors('held-out rows', [1, 2, 4], [1, 2, 3], [2, 2, 2]);
    expect(told).toMatchObject({ rows: 3, hasSkill: true });
    expect(told.r2).toBeCloseTo(0.5, 12);
    expect(told.rmseMs).toBeCloseTo(Math.sqrt(1 / 3), 12);
    expect(told.mapePercent).toBeCloseTo(100 / 9, 12);
    expect(heldOutErrors('held-out rows', [3, 3, 3], [1, 2, 3], [2, 2, 2])).toMatchObject({
      hasSkill: false,
    });
    expect(heldOutErrors('held-out rows', [2, 2], [2, 2], [2, 2])).toMatchObject({ r2: 0, hasSkill: false });
  });

  it.each([8, 12, 40])(
    'show no skill where latency has nothing to do with the architecture, and the mean is what a search gets (%d rows)',
    async (count) => {
      const rng = Rng.keyed(11, 'chance', count);
      const rows = sampled(count, () => 10 + 3 * rng.uniform());
      const labels = rows.map(({ row }) => row.latencyMs);
      const mean = labels.reduce((sum, label) => sum + label, 0) / count;
      const hardware = await predictedHardware(
        rows.map(({ row }) => row),
        dims,
      );
      const { latencyMs, latencyIntervalMs } = hardware.cost(rows[0].arch);
      if (hardware.warning === undefined) {
        // By chance a little skill: then it stays near the mean.
        expect(Math.abs(latencyMs / mean - 1)).toBeLessThan(0.15);
        expect(latencyIntervalMs).toBeDefined();
        return;
      }
      expect([latencyMs, latencyIntervalMs]).toEqual([mean, undefined]);
      expect(hardware.cost(rows[1].arch).latencyMs).toBe(mean);
      expect(hardware.name).toContain('NO SKILL');
      expect(hardware.warning).toMatch(/no skill .*R² -?\d.*hardware\.dataset-size/);
    },
  );

  it('and their interval come with what a search reads, where there is skill', async () => {
    const rows = sampled(60, rk3588Ms);
    const hardware = await predictedHardware(
      rows.map(({ row }) => row),
      dims,
    );
    const { latencyMs, latencyIntervalMs = [0, 0] } = hardware.cost(rows[0].arch);
    expect(latencyIntervalMs[0]).toBeLessThan(latencyMs);
    expect(latencyIntervalMs[1]).toBeGreaterThan(latencyMs);
    expect(hardware.name).toMatch(/physics-ridge on 60 measurements \(error .*R² (0\.9|1\.0)/);
    expect(hardware.warning).toBeUndefined();
  });
});

describe('HatMlpPredictor', () => {
  it('learns with our own training graph, the same every time', async () => {
    // Its features do not see the QKV dim.
    const rows = sampled(160, (arch) => rk3588Ms({ ...arch, qkvDim: 512 }));
    const train = rows.slice(40).map(({ row }) => row);
    const make = () =>
      new HatMlpPredictor({
        seed: 3,
        hiddenDim: 24,
        hiddenLayers: 2,
        trainSteps: 400,
        batchSize: 32,
        learningRate: 3e-3,
      });
    const [first, second] = [make(), make()];
    await first.fit(train);
    await second.fit(train);
    const found = errors(first, rows.slice(0, 40));
    expect(found.mape).toBeLessThan(12);
    expect(found.kendall).toBeGreaterThan(0.75);
    expect(second.predict(rows[0].arch)).toEqual(first.predict(rows[0].arch));
    expect(first.heldOut).toMatchObject({ method: 'held-out rows', rows: 12, hasSkill: true });
  });
});

describe('options of predictors', () => {
  it.each([
    [() => new RidgePredictor({ penalties: [] }), /penalties must be a list of one or more numbers > 0/],
    [() => new RidgePredictor({ penalties: [1, -1] }), /penalties must be/],
    [() => new RidgePredictor({ penalty: 1 } as object), /did you mean 'penalties'/],
    [() => new HatMlpPredictor({ seed: 0, hiddenDim: 0 }), /hiddenDim must be an integer >= 1, but is 0/],
    [() => new HatMlpPredictor({ seed: 0, learningRate: Number.NaN }), /learningRate must be a number > 0/],
    [() => new HatMlpPredictor({} as { seed: number }), /needs seed/],
  ])('are refused before a fit: %s', (make, message) => {
    expect(make).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    expect(make).toThrow(message);
  });

  it('have their defaults where they are undefined', () => {
    expect(() => new RidgePredictor({ features: undefined, penalties: undefined })).not.toThrow();
    expect(() => new HatMlpPredictor({ seed: 0, hiddenDim: undefined })).not.toThrow();
  });
});

describe('fitRidge', () => {
  const rng = Rng.keyed(5, 'ridge');
  const x = Array.from({ length: 30 }, () => [rng.normal(), 10 * rng.normal(), 7]);
  const y = x.map(([a, b]) => 3 + 2 * a - 0.5 * b + 0.1 * rng.normal());
  const ones = y.map(() => 1);

  it('finds the line, and leaves a constant feature out', () => {
    const { model } = fitRidge(x, y, ones, [1e-8]);
    const [a, b, c] = model.weights.map((w, j) => w * model.inverseDeviations[j]);
    expect(a).toBeCloseTo(2, 1);
    expect(b).toBeCloseTo(-0.5, 1);
    expect(c).toBe(0);
  });

  it('leave-one-out predictions are those of a fit without the row (no penalty, any weights)', () => {
    const weights = y.map((_, i) => 1 + (i % 3));
    const { leaveOneOut } = fitRidge(x, y, weights, [1e-12]);
    for (const i of [0, 11, 29]) {
      const without = <T>(values: readonly T[]) => values.filter((_, k) => k !== i);
      const { model } = fitRidge(without(x), without(y), without(weights), [1e-12]);
      expect(leaveOneOut[i]).toBeCloseTo(evaluate(model, x[i]), 6);
    }
  });

  it('takes a greater penalty when rows are few and noisy', () => {
    const noisy = x
      .slice(0, 8)
      .map((row) => [...row.slice(0, 2), ...Array.from({ length: 5 }, () => rng.normal())]);
    const labels = noisy.map(() => rng.normal());
    expect(
      fitRidge(
        noisy,
        labels,
        labels.map(() => 1),
        [1e-8, 10],
      ).model.penalty,
    ).toBe(10);
  });
});

describe('features', () => {
  const arch: ArchConfig = space.largest();

  it("HAT's are its ten, normalized", () => {
    expect(hatFeatures(summarizeArch(arch))).toEqual([1, 1, 1.5, 8 / 6, 1, 1, 1.5, 8 / 6, 8 / 6, 1.5]);
  });

  it('the physical ones see every field of the summary', () => {
    const base: ArchSummary = summarizeArch(arch);
    for (const name of Object.keys(base) as (keyof ArchSummary)[])
      expect(physicsFeatures({ ...base, [name]: base[name] / 2 })).not.toEqual(physicsFeatures(base));
  });
});

it('metrics: ties as scipy 1.17.1 does', () => {
  const [a, b] = [
    [1, 2, 2, 3, 5, 4],
    [2, 1, 3, 3, 6, 5],
  ];
  // scipy.stats.spearmanr(a, b).statistic and kendalltau(a, b).statistic
  expect(spearman(a, b)).toBeCloseTo(0.867_647_058_823_529_4, 12);
  expect(kendall(a, b)).toBeCloseTo(0.785_714_285_714_285_8, 12);
  expect(rmse([1, 2], [2, 4])).toBeCloseTo(Math.sqrt(2.5), 12);
  expect(mape([1, 3], [2, 4])).toBeCloseTo(37.5, 12);
});
