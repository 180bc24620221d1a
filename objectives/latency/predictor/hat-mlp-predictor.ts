/**
 * HAT's latency predictor (arXiv 2005.14187, section 3.2): ten features, four hidden layers of 400 with ReLU, mean squared error of
 * the normalized latency, Adam at 1e-5, 5000 steps of 128 rows, the last step's weights. Trained by the framework's own graphs.
 */
import { integerFrom, POSITIVE } from '../../../src/core/option-rules.ts';
import {
  defineOptions,
  type OptionsOf,
  option,
  optional,
  required,
  type SettingsOf,
} from '../../../src/core/options.ts';
import { Rng } from '../../../src/core/rng.ts';
import { float32, GraphBuilder, type TensorData, type Value } from '../../onnx/index.ts';
import { buildTrainingGraph, Trainer } from '../../training/index.ts';
import type { ArchConfig } from '../../transformer/arch-config.ts';
import type { ArchSummary } from '../arch-summary.ts';
import type { LatencyRow } from '../dataset.ts';
import { hatFeatures } from './features.ts';
import {
  checkRows,
  coveringError,
  type HeldOutErrors,
  heldOutErrors,
  type LatencyPrediction,
  type LatencyPredictor,
  notFitted,
  predictionOf,
  toSummary,
} from './predictor.ts';

const OPTIONS = defineOptions("HAT's predictor", {
  /** An integer >= 0: fixes the weights, the batches and which rows are held out. */
  seed: required(integerFrom(0)),
  /** Units of a hidden layer. Default 400. */
  hiddenDim: option(integerFrom(1), 400),
  /** Default 4. */
  hiddenLayers: option(integerFrom(1), 4),
  /** Default 5000. */
  trainSteps: option(integerFrom(1), 5000),
  /** Rows of a training step. Default 128. */
  batchSize: option(integerFrom(1), 128),
  /** Default 1e-5. */
  learningRate: option(POSITIVE, 1e-5),
  /** Divides the labels; HAT: 200 (GPU), 300 (Xeon), 5000 (Raspberry Pi). Default: the greatest label. */
  latencyNormMs: optional(POSITIVE),
});

/** Options of {@link HatMlpPredictor}. */
export interface HatMlpOptions extends OptionsOf<typeof OPTIONS> {}

/** y = x W + b; `weights` row by row (inDim x outDim). */
interface Layer {
  readonly inDim: number;
  readonly outDim: number;
  readonly weights: Float32Array;
  readonly bias: Float32Array;
}

/** Share of the rows that is kept from training to take the interval from. */
const CALIBRATION_SHARE = 0.1;

export class HatMlpPredictor implements LatencyPredictor {
  readonly name = 'hat-mlp';
  readonly #options: SettingsOf<typeof OPTIONS>;
  #fitted: {
    readonly layers: readonly Layer[];
    readonly norm: number;
    readonly halfWidth: number;
    readonly heldOut: HeldOutErrors;
  } | null = null;

  /** @throws InvalidArgumentError on an unknown option or a value that it cannot have. */
  constructor(options: HatMlpOptions) {
    this.#options = OPTIONS.read(options);
  }

  get heldOut(): HeldOutErrors | null {
    return this.#fitted?.heldOut ?? null;
  }

  async fit(rows: readonly LatencyRow[]): Promise<void> {
    const { seed } = this.#options;
    checkRows(rows, 20);
    const shuffled = Rng.keyed(seed, 'hat-mlp', 'split').shuffled(rows);
    const held = Math.max(1, Math.round(CALIBRATION_SHARE * rows.length));
    const norm = this.#options.latencyNormMs ?? Math.max(...rows.map((row) => row.latencyMs));
    const [unseen, seen] = [shuffled.slice(0, held), shuffled.slice(held)];
    const layers = await this.#train(seen, norm);
    const actual = unseen.map((row) => row.latencyMs);
    const predicted = unseen.map(({ arch }) => norm * forward(layers, hatFeatures(arch)));
    const mean = seen.reduce((sum, row) => sum + row.latencyMs, 0) / seen.length;
    this.#fitted = {
      layers,
      norm,
      halfWidth: coveringError(actual.map((latencyMs, i) => (latencyMs - predicted[i]) / predicted[i])),
      heldOut: heldOutErrors(
        'held-out rows',
        predicted,
        actual,
        actual.map(() => mean),
      ),
    };
  }

  predict(arch: ArchConfig | ArchSummary): LatencyPrediction {
    const { layers, norm, halfWidth, heldOut } = this.#fitted ?? notFitted(this.name);
    return predictionOf(norm * forward(layers, hatFeatures(toSummary(arch))), halfWidth, heldOut);
  }

  async #train(rows: readonly LatencyRow[], norm: number): Promise<Layer[]> {
    const { seed, hiddenDim, hiddenLayers, trainSteps, batchSize } = this.#options;
    const x = rows.map((row) => hatFeatures(row.arch));
    const dims = [x[0].length, ...Array.from({ length: hiddenLayers }, () => hiddenDim), 1];
    const graph = this.#graph(dims);
    const order = batchOrder(seed, rows.length, batchSize);
    const trainer = await Trainer.create({
      graph,
      intraOpNumThreads: 1,
      initialParameters: () => initialParameters(seed, dims),
      batchAt: (step) => {
        const batch = order(step);
        return {
          x: float32(Float32Array.from(batch.flatMap((i) => x[i])), [batchSize, dims[0]]),
          y: float32(
            Float32Array.from(batch, (i) => rows[i].latencyMs / norm),
            [batchSize, 1],
          ),
        };
      },
    });
    try {
      await trainer.trainTo(trainSteps);
      const trained = await trainer.parameters();
      return dims.slice(1).map((outDim, l) => ({
        inDim: dims[l],
        outDim,
        weights: trained[`w${l}`].data as Float32Array,
        bias: trained[`b${l}`].data as Float32Array,
      }));
    } finally {
      await trainer.close();
    }
  }

  #graph(dims: readonly number[]): ReturnType<typeof buildTrainingGraph> {
    const { batchSize, learningRate } = this.#options;
    const g = new GraphBuilder();
    const { op } = g;
    let h = g.input('x', 'float32', [batchSize, dims[0]]);
    const y = g.input('y', 'float32', [batchSize, 1]);
    const parameters: Value[] = [];
    for (let l = 0; l + 1 < dims.length; l++) {
      const weights = g.input(`w${l}`, 'float32', [dims[l], dims[l + 1]]);
      const bias = g.input(`b${l}`, 'float32', [dims[l + 1]]);
      parameters.push(weights, bias);
      h = op.add(op.matmul(h, weights), bias);
      if (l + 2 < dims.length) h = op.relu(h);
    }
    const error = op.sub(h, y);
    const loss = op.reduceMean(op.mul(error, error), [0, 1], false);
    return buildTrainingGraph(g, {
      parameters,
      loss,
      tokens: g.float(batchSize),
      seeds: [{ value: loss, gradient: g.float(1) }],
      // Constant: a cosine between equal rates.
      schedule: {
        kind: 'cosine',
        peakLearningRate: learningRate,
        finalLearningRate: learningRate,
        warmupSteps: 0,
        totalSteps: 1,
      },
      optimizer: { betas: [0.9, 0.999] },
    });
  }
}

/** Rows of each step (from 1): one shuffled pass after the other, without a break between them. */
function batchOrder(seed: number, count: number, batchSize: number): (step: number) => number[] {
  const rows = Array.from({ length: count }, (_, i) => i);
  const passes = new Map<number, readonly number[]>();
  const passOf = (pass: number): readonly number[] => {
    const known = passes.get(pass);
    if (known !== undefined) return known;
    passes.delete(pass - 2);
    const shuffled = Rng.keyed(seed, 'hat-mlp', 'pass', pass).shuffled(rows);
    passes.set(pass, shuffled);
    return shuffled;
  };
  return (step) =>
    Array.from({ length: batchSize }, (_, i) => {
      const at = (step - 1) * batchSize + i;
      return passOf(Math.floor(at / count))[at % count];
    });
}

/** PyTorch's default of nn.Linear: weights and bias uniform in ±1/√inDim. */
function initialParameters(seed: number, dims: readonly number[]): Record<string, TensorData> {
  const parameters: Record<string, TensorData> = {};
  for (let l = 0; l + 1 < dims.length; l++) {
    const bound = 1 / Math.sqrt(dims[l]);
    const uniform = (name: string, count: number): Float32Array => {
      const rng = Rng.keyed(seed, 'hat-mlp', name);
      return Float32Array.from({ length: count }, () => rng.uniformIn(-bound, bound));
    };
    parameters[`w${l}`] = float32(uniform(`w${l}`, dims[l] * dims[l + 1]), [dims[l], dims[l + 1]]);
    parameters[`b${l}`] = float32(uniform(`b${l}`, dims[l + 1]), [dims[l + 1]]);
  }
  return parameters;
}

function forward(layers: readonly Layer[], features: readonly number[]): number {
  let h: ArrayLike<number> = features;
  for (const [l, { inDim, outDim, weights, bias }] of layers.entries()) {
    const next = Float64Array.from(bias);
    for (let i = 0; i < inDim; i++) {
      const value = h[i];
      if (value === 0) continue;
      for (let j = 0; j < outDim; j++) next[j] += value * weights[i * outDim + j];
    }
    if (l + 1 < layers.length) for (let j = 0; j < outDim; j++) next[j] = Math.max(0, next[j]);
    h = next;
  }
  return h[0];
}
