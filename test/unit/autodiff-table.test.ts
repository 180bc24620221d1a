/**
 * Every differentiable row of autodiff's table against central differences; on another device with THANOS_TEST_DEVICE=webgpu.
 */
import { describe, expect, it } from 'vitest';
import { VJP_RULES } from '../../objectives/autodiff/vjp-rules.ts';
import {
  type Device,
  float32,
  int64,
  OP_NAMES,
  type OpName,
  type TensorData,
} from '../../objectives/onnx/index.ts';
import { type GradCheckCase, gradCheck } from '../support/grad-check.ts';

const device = (process.env['THANOS_TEST_DEVICE'] ?? 'cpu') as Device;

/** Elements that are distinct, within [-1.7, 1.7], of both signs, and at least 0.04 away from zero and from each other. */
function spread(shape: readonly number[], shift = 0): TensorData<'float32'> {
  const count = shape.reduce((product, dim) => product * dim, 1);
  const order = Array.from({ length: count }, (_, i) => (i * 7 + shift * 3 + 2) % count);
  const unique = new Set(order).size === count ? order : Array.from({ length: count }, (_, i) => i);
  return float32(
    unique.map((rank) => 3.3 * ((rank + 0.5 + (count % 2 === 0 ? 0 : 0.25)) / count) - 1.65),
    shape,
  );
}
const positive = (shape: readonly number[], shift = 0): TensorData<'float32'> =>
  float32(
    spread(shape, shift).data.map((x) => Math.abs(x) + 0.4),
    shape,
  );

const binary = (
  name: 'add' | 'sub' | 'mul' | 'div' | 'pow' | 'max' | 'min',
  a: TensorData<'float32'>,
  b: TensorData<'float32'>,
): GradCheckCase => ({ inputs: { a, b }, build: (g, v) => g.op[name](v.a, v.b) });

const unary = (
  name:
    | 'neg'
    | 'exp'
    | 'log'
    | 'sqrt'
    | 'reciprocal'
    | 'sin'
    | 'cos'
    | 'erf'
    | 'tanh'
    | 'sigmoid'
    | 'hardSigmoid'
    | 'relu'
    | 'identity',
  x: TensorData<'float32'> = spread([2, 3]),
): GradCheckCase => ({ inputs: { x }, build: (g, v) => g.op[name](v.x) });

const bounds = { from: int64([1]), to: int64([3]) };

const CASES: Partial<Record<OpName, Record<string, GradCheckCase>>> = {
  Add: {
    same: binary('add', spread([2, 3]), spread([2, 3], 1)),
    'broadcast row': binary('add', spread([2, 3]), spread([3], 1)),
    'broadcast both ways': binary('add', spread([2, 1, 3]), spread([4, 1], 1)),
    scalar: binary('add', spread([2, 3]), spread([], 1)),
    'extents known at run time': { ...binary('add', spread([2, 1, 3]), spread([4, 1], 1)), symbolic: true },
  },
  Sub: { broadcast: binary('sub', spread([2, 3]), spread([2, 1], 1)) },
  Mul: {
    broadcast: binary('mul', spread([2, 3]), spread([3], 1)),
    'extents known at run time': { ...binary('mul', spread([2, 3]), spread([2, 1], 1)), symbolic: true },
  },
  Div: { broadcast: binary('div', spread([2, 3]), positive([3], 1)) },
  Pow: { broadcast: binary('pow', positive([2, 3]), spread([3], 1)) },
  Max: { broadcast: binary('max', spread([2, 3]), float32([0.1, -0.2], [2, 1])) },
  Min: { broadcast: binary('min', spread([2, 3]), float32([0.1, -0.2], [2, 1])) },
  Where: {
    broadcast: {
      inputs: { a: spread([2, 3]), b: spread([3], 1) },
      feeds: { c: float32([1, -1, 1, 1, -1, -1], [2, 3]) },
      build: (g, v) => g.op.where(g.op.greater(v.c, g.float(0)), v.a, v.b),
    },
  },
  Clip: {
    'of x': { inputs: { x: spread([2, 3]) }, build: (g, v) => g.op.clip(v.x, g.float(-0.7), g.float(0.6)) },
    'of its bounds': {
      inputs: { x: spread([2, 3]), low: float32([-0.7], []), high: float32([0.6], []) },
      build: (g, v) => g.op.clip(v.x, v.low, v.high),
    },
  },
  Neg: { x: unary('neg') },
  Exp: { x: unary('exp') },
  Log: {
    x: unary('log', positive([2, 3])),
    'within logSoftmax': { inputs: { x: spread([2, 4]) }, build: (g, v) => g.op.logSoftmax(v.x) },
  },
  Sqrt: { x: unary('sqrt', positive([2, 3])) },
  Reciprocal: { x: unary('reciprocal', positive([2, 3])) },
  Sin: { x: unary('sin') },
  Cos: { x: unary('cos') },
  Erf: {
    x: unary('erf'),
    'within gelu': { inputs: { x: spread([2, 3]) }, build: (g, v) => g.op.gelu(v.x) },
  },
  Tanh: { x: unary('tanh') },
  HardSigmoid: { x: unary('hardSigmoid') },
  Sigmoid: { x: unary('sigmoid') },
  Relu: { x: unary('relu') },
  Identity: { x: unary('identity') },
  Cast: {
    'float to float, which is no node, inside a sum': {
      inputs: { x: spread([3]) },
      build: (g, v) => g.emit('Cast', [v.x], [{ dtype: 'float32', shape: v.x.shape }], { to: { i: 1 } })[0],
    },
  },
  MatMul: {
    matrices: { inputs: { a: spread([2, 3]), b: spread([3, 4]) }, build: (g, v) => g.op.matmul(v.a, v.b) },
    'weights under a batch': {
      inputs: { a: spread([2, 2, 3]), b: spread([3, 2]) },
      build: (g, v) => g.op.matmul(v.a, v.b),
    },
    'batches that broadcast': {
      inputs: { a: spread([2, 1, 2, 3]), b: spread([2, 3, 2], 1) },
      build: (g, v) => g.op.matmul(v.a, v.b),
    },
    'extents known at run time': {
      inputs: { a: spread([2, 1, 2, 3]), b: spread([2, 3, 2], 1) },
      build: (g, v) => g.op.matmul(v.a, v.b),
      symbolic: true,
    },
  },
  Gemm: Object.fromEntries(
    [false, true].flatMap((transA) =>
      [false, true].map((transB): [string, GradCheckCase] => [
        `transA ${transA}, transB ${transB}`,
        {
          inputs: {
            a: spread(transA ? [3, 2] : [2, 3]),
            b: spread(transB ? [4, 3] : [3, 4], 1),
            bias: spread([4], 2),
          },
          build: (g, v) => g.op.gemm(v.a, v.b, v.bias, { transA, transB }),
        },
      ]),
    ),
  ),
  Reshape: {
    'static and open extents': {
      inputs: { x: spread([2, 6]) },
      build: (g, v) => g.op.reshape(v.x, [3, -1, 2]),
    },
  },
  Squeeze: { x: { inputs: { x: spread([2, 1, 3, 1]) }, build: (g, v) => g.op.squeeze(v.x, [1, -1]) } },
  Unsqueeze: { x: { inputs: { x: spread([2, 3]) }, build: (g, v) => g.op.unsqueeze(v.x, [0, -1]) } },
  Transpose: { x: { inputs: { x: spread([2, 3, 4]) }, build: (g, v) => g.op.transpose(v.x, [2, 0, 1]) } },
  Expand: {
    x: { inputs: { x: spread([2, 1, 3]) }, build: (g, v) => g.op.expand(v.x, [4, 2, 5, 3]) },
    'extents known at run time': {
      inputs: { x: spread([1, 3]) },
      feeds: { n: int64([4], []) },
      build: (g, v) => g.op.expand(v.x, [v.n, 3]),
      symbolic: true,
    },
  },
  Slice: {
    'static bounds': {
      inputs: { x: spread([4, 5]) },
      build: (g, v) => g.op.slice(v.x, { axes: [0, 1], starts: [1, -4], ends: [3, -1] }),
    },
    'bounds known at run time': {
      inputs: { x: spread([4, 5]) },
      feeds: bounds,
      build: (g, v) => g.op.slice(v.x, { axes: [1, 0], starts: [v.from, 0], ends: [v.to, v.to] }),
    },
    'shape and bounds known at run time': {
      inputs: { x: spread([4, 5]) },
      feeds: bounds,
      build: (g, v) => g.op.slice(v.x, { axes: [1], starts: v.from, ends: v.to }),
      symbolic: true,
    },
  },
  Pad: {
    'static widths': {
      inputs: { x: spread([2, 3]) },
      build: (g, v) => g.op.pad(v.x, { axes: [1, 0], before: [1, 0], after: [2, 1] }),
    },
    'widths known at run time': {
      inputs: { x: spread([2, 3]) },
      feeds: bounds,
      build: (g, v) => g.op.pad(v.x, { axes: [1], before: [v.from], after: v.to }),
    },
  },
  Concat: {
    static: {
      inputs: { a: spread([2, 3]), b: spread([2, 1], 1), c: spread([2, 2], 2) },
      build: (g, v) => g.op.concat([v.a, v.b, v.c], 1),
    },
    'extents known at run time': {
      inputs: { a: spread([2, 3]), b: spread([1, 3], 1) },
      build: (g, v) => g.op.concat([v.a, v.b], 0),
      symbolic: true,
    },
  },
  Gather: {
    'repeated rows': {
      inputs: { table: spread([4, 3]) },
      feeds: { rows: int64([2, 0, 2, 2, 1, 0], [2, 3]) },
      build: (g, v) => g.op.gather(v.table, v.rows),
    },
    'of a computed table, twice': {
      inputs: { table: spread([4, 3]) },
      feeds: { rows: int64([2, 0, 2]) },
      build: (g, v) => {
        const table = g.op.mul(v.table, v.table);
        return g.op.add(g.op.gather(table, v.rows), g.op.gather(table, g.int64([1, 1, 2])));
      },
    },
  },
  GatherElements: {
    'repeated elements': {
      inputs: { x: spread([3, 4]) },
      feeds: { at: int64([1, 1, 0, 3, 2, 2], [3, 2]) },
      build: (g, v) => g.op.gatherElements(v.x, v.at, 1),
    },
  },
  ScatterElements: {
    'repeated elements': {
      inputs: { x: spread([3, 4]), updates: spread([3, 2], 1) },
      feeds: { at: int64([1, 1, 0, 3, 2, 2], [3, 2]) },
      build: (g, v) => g.op.scatterElementsAdd(v.x, v.at, v.updates, 1),
    },
    'repeated rows': {
      inputs: { x: spread([4, 3]), updates: spread([3, 3], 1) },
      feeds: { rows: int64([2, 0, 2]) },
      build: (g, v) => g.op.scatterRowsAdd(v.x, v.rows, v.updates),
    },
  },
  ReduceSum: {
    'dims kept': { inputs: { x: spread([2, 3, 2]) }, build: (g, v) => g.op.reduceSum(v.x, [0, -1]) },
    'dims dropped': { inputs: { x: spread([2, 3, 2]) }, build: (g, v) => g.op.reduceSum(v.x, [1], false) },
  },
  ReduceMean: {
    'dims kept': { inputs: { x: spread([2, 3, 2]) }, build: (g, v) => g.op.reduceMean(v.x, [0, -1]) },
    'extents known at run time': {
      inputs: { x: spread([2, 3]) },
      build: (g, v) => g.op.reduceMean(v.x, [1], false),
      symbolic: true,
    },
  },
  ReduceMax: {
    'dims kept': { inputs: { x: spread([2, 3, 2]) }, build: (g, v) => g.op.reduceMax(v.x, [1]) },
    'dims dropped': { inputs: { x: spread([2, 3]) }, build: (g, v) => g.op.reduceMax(v.x, [0, 1], false) },
  },
  Softmax: {
    'last axis': { inputs: { x: spread([2, 4]) }, build: (g, v) => g.op.softmax(v.x) },
  },
  LayerNormalization: {
    'rank 2': {
      inputs: { x: spread([3, 4]), gain: spread([4], 1), bias: spread([4], 2) },
      build: (g, v) => g.op.layerNorm(v.x, v.gain, v.bias),
    },
    'rank 3, extents known at run time': {
      inputs: { x: spread([2, 2, 4]), gain: spread([4], 1), bias: spread([4], 2) },
      build: (g, v) => g.op.layerNorm(v.x, v.gain, v.bias),
      symbolic: true,
    },
  },
};

describe('the table of vector-Jacobian products', () => {
  it('has a case here for every differentiable operator', () => {
    const without = OP_NAMES.filter((name) => typeof VJP_RULES[name] === 'function' && !CASES[name]);
    expect(without).toEqual([]);
  });

  for (const [opName, cases] of Object.entries(CASES)) {
    for (const [label, testCase] of Object.entries(cases)) {
      it(`${opName}: ${label}`, async () => {
        const report = await gradCheck(testCase, { device });
        expect(report.opTypes).toContain(opName);
        expect(report.maxError, JSON.stringify(report.worst)).toBeLessThan(3e-3);
      });
    }
  }
});
