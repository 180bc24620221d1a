/**
 * Each operator against numbers: worked by hand, or of PyTorch 2.13.0 where the call stands beside them. On another device
 * with THANOS_TEST_DEVICE=webgpu.
 */
import { describe, expect, it } from 'vitest';
import {
  bool,
  type Device,
  float32,
  GraphBuilder,
  int64,
  OP_NAMES,
  type TensorData,
  TO_END,
  type Value,
} from '../../objectives/onnx/index.ts';
import { expectClose, runGraph } from '../support/run-graph.ts';

const device = (process.env['THANOS_TEST_DEVICE'] ?? 'cpu') as Device;

const X = [0.5, -1.0, 2.0, 0.1, 1.5, 0.3, -0.7, 0.9];
const inputs: Record<string, TensorData> = {
  x: float32(X, [2, 4]),
  row: float32([1, 2, 3, 4]),
  column: float32([10, 20], [2, 1]),
  rows: int64([1, 0, 1]),
  picks: int64([3, 0, 1, 1], [2, 2]),
  flags: bool([true, false, false, true]),
  one: int64([1], []),
  three: int64([3]),
};
const each = (f: (x: number) => number): number[] => X.map(f);

interface Case {
  readonly build: (g: GraphBuilder, v: Record<string, Value>) => Value;
  readonly shape: readonly number[];
  readonly data: readonly number[];
}
const same = (build: Case['build'], data: readonly number[]): Case => ({ build, shape: [2, 4], data });

const CASES: Record<string, Case> = {
  add: same((g, v) => g.op.add(v.x, v.row), [1.5, 1, 5, 4.1, 2.5, 2.3, 2.3, 4.9]),
  sub: same((g, v) => g.op.sub(v.x, v.column), [-9.5, -11, -8, -9.9, -18.5, -19.7, -20.7, -19.1]),
  mul: same((g, v) => g.op.mul(v.x, v.row), [0.5, -2, 6, 0.4, 1.5, 0.6, -2.1, 3.6]),
  div: same((g, v) => g.op.div(v.x, v.row), [0.5, -0.5, 2 / 3, 0.025, 1.5, 0.15, -0.7 / 3, 0.225]),
  'div of integers': { build: (g, v) => g.op.div(v.picks, g.int64(2)), shape: [2, 2], data: [1, 0, 0, 0] },
  pow: { build: (g, v) => g.op.pow(v.row, g.float(2)), shape: [4], data: [1, 4, 9, 16] },
  max: same(
    (g, v) => g.op.max(v.x, g.float(0.2)),
    each((x) => Math.max(x, 0.2)),
  ),
  min: same(
    (g, v) => g.op.min(v.x, g.float(0.2)),
    each((x) => Math.min(x, 0.2)),
  ),
  clip: same(
    (g, v) => g.op.clip(v.x, g.float(-0.8), g.float(1)),
    each((x) => Math.min(1, Math.max(-0.8, x))),
  ),
  greater: same(
    (g, v) => g.op.greater(v.x, g.float(0.5)),
    each((x) => Number(x > 0.5)),
  ),
  greaterOrEqual: same(
    (g, v) => g.op.greaterOrEqual(v.x, g.float(0.5)),
    each((x) => Number(x >= 0.5)),
  ),
  less: same(
    (g, v) => g.op.less(v.x, g.float(0.5)),
    each((x) => Number(x < 0.5)),
  ),
  equal: { build: (g, v) => g.op.equal(v.rows, v.one), shape: [3], data: [1, 0, 1] },
  not: { build: (g, v) => g.op.not(v.flags), shape: [4], data: [0, 1, 1, 0] },
  where: same((g, v) => g.op.where(v.flags, v.x, g.float(7)), [0.5, 7, 7, 0.1, 1.5, 7, 7, 0.9]),
  neg: same(
    (g, v) => g.op.neg(v.x),
    each((x) => -x),
  ),
  exp: same((g, v) => g.op.exp(v.x), each(Math.exp)),
  log: { build: (g, v) => g.op.log(v.row), shape: [4], data: [1, 2, 3, 4].map(Math.log) },
  sqrt: { build: (g, v) => g.op.sqrt(v.row), shape: [4], data: [1, 2, 3, 4].map(Math.sqrt) },
  reciprocal: { build: (g, v) => g.op.reciprocal(v.row), shape: [4], data: [1, 1 / 2, 1 / 3, 1 / 4] },
  sin: same((g, v) => g.op.sin(v.x), each(Math.sin)),
  cos: same((g, v) => g.op.cos(v.x), each(Math.cos)),
  floor: same((g, v) => g.op.floor(v.x), each(Math.floor)),
  tanh: same((g, v) => g.op.tanh(v.x), each(Math.tanh)),
  sigmoid: same(
    (g, v) => g.op.sigmoid(v.x),
    each((x) => 1 / (1 + Math.exp(-x))),
  ),
  hardSigmoid: same(
    (g, v) => g.op.hardSigmoid(v.x, 1e20),
    each((x) => Number(x > 0)),
  ),
  relu: same(
    (g, v) => g.op.relu(v.x),
    each((x) => Math.max(0, x)),
  ),
  identity: same((g, v) => g.op.identity(v.x), X),
  // torch.erf(x)
  erf: same(
    (g, v) => g.op.erf(v.x),
    [0.5204999, -0.8427008, 0.9953223, 0.1124629, 0.9661052, 0.3286268, -0.6778012, 0.7969082],
  ),
  // torch.nn.functional.gelu(x)
  gelu: same(
    (g, v) => g.op.gelu(v.x),
    [0.3457312, -0.1586553, 1.9544997, 0.0539828, 1.3997891, 0.1853734, -0.1693746, 0.7343459],
  ),
  cast: { build: (g, v) => g.op.cast(v.flags, 'float32'), shape: [4], data: [1, 0, 0, 1] },
  matmul: { build: (g, v) => g.op.matmul(v.x, g.op.unsqueeze(v.row, [1])), shape: [2, 1], data: [4.9, 3.6] },
  'matmul under a batch': {
    build: (g, v) => g.op.matmul(g.op.reshape(v.x, [2, 1, 2, 2]), g.op.reshape(v.row, [1, 2, 2])),
    shape: [2, 1, 2, 2],
    data: [-2.5, -3, 2.3, 4.4, 2.4, 4.2, 2, 2.2],
  },
  gemm: {
    build: (g, v) => g.op.gemm(v.x, v.x, v.column, { transB: true }),
    shape: [2, 2],
    data: [15.26, 9.14, 19.14, 23.64],
  },
  'gemm, transA': {
    build: (g, v) => g.op.gemm(v.x, v.column, null, { transA: true }),
    shape: [4, 1],
    data: [35, -4, 6, 19],
  },
  'shape of a static value': { build: (g, v) => g.op.shape(v.x), shape: [2], data: [2, 4] },
  dimension: { build: (g, v) => g.op.dimension(g.op.withShape(v.x, ['a', 'b']), -1), shape: [], data: [4] },
  'reshape by numbers and values': {
    build: (g, v) => g.op.reshape(v.x, [v.one, -1, g.op.dimension(g.op.withShape(v.x, [null, null]), 0)]),
    shape: [1, 4, 2],
    data: X,
  },
  transpose: {
    build: (g, v) => g.op.transpose(v.x),
    shape: [4, 2],
    data: [0.5, 1.5, -1, 0.3, 2, -0.7, 0.1, 0.9],
  },
  unsqueeze: { build: (g, v) => g.op.unsqueeze(v.x, [0, -1]), shape: [1, 2, 4, 1], data: X },
  squeeze: { build: (g, v) => g.op.squeeze(v.column, [1]), shape: [2], data: [10, 20] },
  expand: {
    build: (g, v) => g.op.expand(v.column, [v.one, 2, 3]),
    shape: [1, 2, 3],
    data: [10, 10, 10, 20, 20, 20],
  },
  slice: {
    build: (g, v) => g.op.slice(v.x, { axes: [1, 0], starts: [v.one, 1], ends: [v.three, TO_END] }),
    shape: [1, 2],
    data: [0.3, -0.7],
  },
  pad: {
    build: (g, v) => g.op.pad(v.column, { axes: [1, 0], before: [v.one, 0], after: [0, v.one] }),
    shape: [3, 2],
    data: [0, 10, 0, 20, 0, 0],
  },
  concat: { build: (g, v) => g.op.concat([v.column, v.column], 1), shape: [2, 2], data: [10, 10, 20, 20] },
  gather: { build: (g, v) => g.op.gather(v.column, v.rows), shape: [3, 1], data: [20, 10, 20] },
  gatherElements: {
    build: (g, v) => g.op.gatherElements(v.x, v.picks, 1),
    shape: [2, 2],
    data: [0.1, 0.5, 0.3, 0.3],
  },
  scatterElementsAdd: {
    build: (g, v) => g.op.scatterElementsAdd(g.op.zeros([2, 4]), v.picks, g.op.reshape(v.row, [2, 2]), 1),
    shape: [2, 4],
    data: [2, 0, 0, 1, 0, 7, 0, 0],
  },
  scatterRowsAdd: {
    build: (g, v) => g.op.scatterRowsAdd(v.column, v.rows, g.op.expand(g.float(1), [3, 1])),
    shape: [2, 1],
    data: [11, 22],
  },
  zeros: { build: (g, v) => g.op.zeros([v.one, 2]), shape: [1, 2], data: [0, 0] },
  range: { build: (g, v) => g.op.range(g.op.squeeze(v.three, [0])), shape: [3], data: [0, 1, 2] },
  nonZero: { build: (g, v) => g.op.nonZero(v.flags), shape: [1, 2], data: [0, 3] },
  reduceSum: { build: (g, v) => g.op.reduceSum(v.x, [1]), shape: [2, 1], data: [1.6, 2] },
  'reduceSum over axes of a value': {
    build: (g, v) => g.op.reduceSum(v.x, g.op.extents([v.one])),
    shape: [2, 1],
    data: [1.6, 2],
  },
  reduceMean: { build: (g, v) => g.op.reduceMean(v.x, [0, 1], false), shape: [], data: [0.45] },
  reduceMax: { build: (g, v) => g.op.reduceMax(v.x, [0], false), shape: [4], data: [1.5, 0.3, 2, 0.9] },
  softmax: same(
    (g, v) => g.op.softmax(v.x),
    [X.slice(0, 4), X.slice(4)].flatMap((row) => {
      const total = row.reduce((sum, x) => sum + Math.exp(x), 0);
      return row.map((x) => Math.exp(x) / total);
    }),
  ),
  // torch.log_softmax(x, -1)
  logSoftmax: same(
    (g, v) => g.op.logSoftmax(v.x),
    [-1.8524059, -3.352406, -0.3524059, -2.2524059, -0.6733571, -1.8733572, -2.8733573, -1.2733572],
  ),
  // torch.nn.functional.layer_norm(x, (4,), torch.tensor([1., 2., .5, 1.]), torch.tensor([0., 1., -1., .5]), 1e-5)
  layerNorm: same(
    (g, v) =>
      g.op.layerNorm(
        v.x,
        g.initializer('gain', float32([1, 2, 0.5, 1])),
        g.initializer('bias', float32([0, 1, -1, 0.5])),
      ),
    [0.093048, -1.6053445, -0.2556158, 0.2208559, 1.2309055, 0.5076379, -1.7385433, 0.9923621],
  ),
};

describe('operators', () => {
  const emitted = new Set<string>();
  for (const [name, { build, shape, data }] of Object.entries(CASES)) {
    it(name, async () => {
      const { y } = await runGraph(
        inputs,
        (g, v) => {
          const result = build(g, v);
          for (const node of g.nodes) emitted.add(node.opType);
          return { y: result };
        },
        device,
      );
      expect(y.shape).toEqual(shape);
      // WGSL promises sine and cosine to 2^-11.
      expectClose(y.data, data, device === 'cpu' ? 2e-6 : 2 ** -11);
    });
  }

  it('are all covered above', () => {
    expect(OP_NAMES.filter((name) => !emitted.has(name))).toEqual([]);
  });

  it('add up rows that repeat often, on several threads', async () => {
    const [tokens, width] = [2048, 64];
    const updates = float32(
      Float32Array.from({ length: tokens * width }, (_, i) => 1 + (i % 5)),
      [tokens, width],
    );
    const rows = int64(Array.from({ length: tokens }, (_, i) => (i * i) % 3));
    const expected = new Array<number>(3 * width).fill(0);
    updates.data.forEach((value, i) => {
      expected[Number(rows.data[Math.floor(i / width)]) * width + (i % width)] += value;
    });
    for (let repeat = 0; repeat < 5; repeat++) {
      const { sums } = await runGraph(
        { rows, updates },
        (g, v) => ({ sums: g.op.scatterRowsAdd(g.op.zeros([3, width]), v.rows, v.updates) }),
        device,
      );
      expect(sums.data).toEqual(expected);
    }
  });

  it('fold constants of extents', () => {
    const g = new GraphBuilder();
    const sum = g.op.add(g.op.mul(g.int64(4), g.int64(3)), g.int64(-2));
    expect(sum.constant).toEqual([10]);
    expect(g.nodes).toEqual([]);
  });
});
