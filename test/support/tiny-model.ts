/**
 * A small elastic language model that uses every kind of operator of a SuperTransformer: embedding, weights sliced at run time,
 * attention over a batch, layer norm, padding, dropout, smoothed loss. It learns next = (7·id + 3) mod 29 + 1.
 */
import {
  float32,
  floatScalar,
  GraphBuilder,
  int64,
  int64Scalar,
  type TensorMap,
  type Value,
} from '../../objectives/onnx/index.ts';
import {
  buildTrainingGraph,
  dropout,
  labelSmoothedCrossEntropy,
  siteOffset,
  type TrainingGraph,
} from '../../objectives/training/index.ts';
import { Rng } from '../../src/core/rng.ts';

const [BATCH, TIME, WIDTH, HEADS, VOCABULARY] = [4, 6, 16, 2, 30];
const BANK = 4096;

export interface TinyModel {
  readonly graph: TrainingGraph;
  initialParameters(): TensorMap;
  readonly constants: TensorMap;
  batchAt(step: number): TensorMap;
}

export function tinyModel(): TinyModel {
  const g = new GraphBuilder();
  const { op } = g;
  const parameters: { value: Value; fill: 'uniform' | 'ones' | 'zeros' }[] = [];
  const parameter = (
    name: string,
    shape: number[],
    fill: 'uniform' | 'ones' | 'zeros' = 'uniform',
  ): Value => {
    const value = g.input(name, 'float32', shape);
    parameters.push({ value, fill });
    return value;
  };
  const [ids, targets] = ['ids', 'targets'].map((name) => g.input(name, 'int64', [BATCH * TIME]));
  const width = g.input('width', 'int64', []);
  const bank = g.input('bank', 'float32', [BANK]);
  const offset = g.input('offset', 'int64', []);
  const dropoutRate = g.input('dropout', 'float32', []);

  const prefix = (value: Value, axes: number[]): Value =>
    op.slice(value, { axes, starts: axes.map(() => 0), ends: axes.map(() => width) });
  const linear = (x: Value, name: string): Value =>
    op.gemm(
      x,
      prefix(parameter(`${name}.weight`, [WIDTH, WIDTH]), [0, 1]),
      prefix(parameter(`${name}.bias`, [WIDTH], 'zeros'), [0]),
      {
        transB: true,
      },
    );
  const norm = (x: Value, name: string): Value =>
    op.layerNorm(
      x,
      prefix(parameter(`${name}.gain`, [WIDTH], 'ones'), [0]),
      prefix(parameter(`${name}.bias`, [WIDTH], 'zeros'), [0]),
    );

  const embedding = parameter('embedding', [VOCABULARY, WIDTH]);
  let x = op.gather(prefix(embedding, [1]), ids);
  x = dropout(g, x, bank, siteOffset(g, offset, 0), dropoutRate);
  const heads = (value: Value): Value =>
    op.transpose(op.reshape(value, [BATCH, TIME, HEADS, -1]), [0, 2, 1, 3]);
  const [query, key, values] = ['query', 'key', 'value'].map((name) => heads(linear(x, name)));
  const attention = op.softmax(op.matmul(op.mul(query, g.float(0.4)), op.transpose(key, [0, 1, 3, 2])));
  const mixed = op.reshape(op.transpose(op.matmul(attention, values), [0, 2, 1, 3]), [BATCH * TIME, width]);
  x = norm(op.add(x, linear(mixed, 'out')), 'norm1');
  x = norm(op.add(x, linear(op.relu(linear(x, 'up')), 'down')), 'norm2');
  const padded = op.withShape(op.pad(x, { axes: [1], before: [0], after: [op.sub(g.int64(WIDTH), width)] }), [
    BATCH * TIME,
    WIDTH,
  ]);
  const logits = op.gemm(padded, embedding, null, { transB: true });
  const entropy = labelSmoothedCrossEntropy(g, logits, targets, { labelSmoothing: 0.1, paddingId: 0 });

  const graph = buildTrainingGraph(g, {
    parameters: parameters.map(({ value }) => value),
    loss: entropy.loss,
    tokens: entropy.tokens,
    seeds: [{ value: logits, gradient: entropy.logitsGradient }],
    schedule: { kind: 'inverse-sqrt', peakLearningRate: 1e-2, warmupSteps: 8 },
    optimizer: { clipNorm: 5 },
  });
  const noise = Rng.keyed(1, 'noise');
  return {
    graph,
    constants: { bank: float32(Float32Array.from({ length: BANK }, () => noise.uniform())) },
    initialParameters: () =>
      Object.fromEntries(
        parameters.map(({ value, fill }) => {
          const shape = value.shape as readonly number[];
          const rng = Rng.keyed(1, 'init', value.name);
          const length = shape.reduce((product, dim) => product * dim, 1);
          const draw = { uniform: () => rng.uniformIn(-0.4, 0.4), ones: () => 1, zeros: () => 0 }[fill];
          return [value.name, float32(Float32Array.from({ length }, draw), shape)];
        }),
      ),
    batchAt: (step) => {
      const rng = Rng.keyed(1, 'batch', step);
      const sentence = Array.from({ length: BATCH * TIME }, () => 1 + rng.int(VOCABULARY - 1));
      return {
        ids: int64(sentence),
        targets: int64(
          sentence.map((id, place) => (place % TIME === TIME - 1 ? 0 : ((7 * id + 3) % 29) + 1)),
        ),
        width: int64Scalar(rng.pick([8, 12, 16])),
        offset: int64Scalar(rng.int(2 ** 31)),
        dropout: floatScalar(0.1),
      };
    },
  };
}
