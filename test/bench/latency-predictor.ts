/**
 * Latency predictors on HAT's published tables: `npx tsx test/bench/latency-predictor.ts DIRECTORY [TRAIN_STEPS]`. Each table is
 * split 90/10 by a keyed shuffle; every predictor is fitted on the 90 % and judged on the 10 %.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Table from 'cli-table3';
import type { LatencyRow } from '../../objectives/latency/dataset.ts';
import { readHatLatencyCsv } from '../../objectives/latency/hat-csv.ts';
import { hatFeatures } from '../../objectives/latency/predictor/features.ts';
import { HatMlpPredictor } from '../../objectives/latency/predictor/hat-mlp-predictor.ts';
import type { LatencyPredictor } from '../../objectives/latency/predictor/predictor.ts';
import { RidgePredictor } from '../../objectives/latency/predictor/ridge-predictor.ts';
import { Rng } from '../../src/core/rng.ts';
import { mape, rmse } from '../../src/math/statistics.ts';
import { kendall, spearman } from '../support/rank-correlation.ts';

const [directory, trainSteps = '5000'] = process.argv.slice(2);
if (directory === undefined) throw new Error('usage: latency-predictor.ts DIRECTORY_OF_CSV [TRAIN_STEPS]');

/** HAT's normalizers. */
const normOf = (file: string): number => (file.includes('gpu') ? 200 : file.includes('xeon') ? 300 : 5000);

const predictorsFor = (file: string): Record<string, LatencyPredictor> => ({
  'hat-mlp': new HatMlpPredictor({ seed: 0, latencyNormMs: normOf(file), trainSteps: Number(trainSteps) }),
  "ridge on HAT's features": new RidgePredictor({ features: hatFeatures, penalties: [1e-8] }),
  'physics-ridge': new RidgePredictor(),
});

const table = new Table({
  head: ['table', 'predictor', 'RMSE ms', 'MAPE %', 'Spearman', 'Kendall', 'in interval %', 'fit s'],
  style: { head: [], border: [] },
});

for (const file of readdirSync(directory).filter((name) => name.endsWith('.csv'))) {
  const rows = Rng.keyed(0, 'latency-predictor', 'split').shuffled(
    readHatLatencyCsv(readFileSync(join(directory, file), 'utf8'), file),
  );
  const held = Math.round(rows.length / 10);
  const [test, train] = [rows.slice(0, held), rows.slice(held)];
  for (const [name, predictor] of Object.entries(predictorsFor(file))) {
    const start = performance.now();
    await predictor.fit(train);
    table.push([file.replace('_all.csv', ''), name, ...scores(predictor, test), seconds(start)]);
  }
}
console.log(table.toString());

function scores(predictor: LatencyPredictor, rows: readonly LatencyRow[]): string[] {
  const predictions = rows.map((row) => predictor.predict(row.arch));
  const predicted = predictions.map((p) => p.latencyMs);
  const actual = rows.map((row) => row.latencyMs);
  const inside = predictions.filter(
    ({ interval }, i) => interval.lowMs <= actual[i] && actual[i] <= interval.highMs,
  );
  return [
    rmse(predicted, actual).toFixed(2),
    mape(predicted, actual).toFixed(2),
    spearman(predicted, actual).toFixed(4),
    kendall(predicted, actual).toFixed(4),
    ((100 * inside.length) / rows.length).toFixed(1),
  ];
}

function seconds(start: number): string {
  return ((performance.now() - start) / 1000).toFixed(1);
}
