/**
 * The vector-Jacobian product of every operator: from the gradient of its output to those of its inputs. The table is
 * total over `OpName`, so a new operator does not compile before it has a row.
 */
import {
  floatAttribute,
  GraphError,
  type GraphNode,
  intAttribute,
  intsAttribute,
  type NodeSink,
  type OpName,
  type Ops,
  rankOf,
  type Value,
} from '../onnx/index.ts';
import { unbroadcast } from './unbroadcast.ts';

interface VjpCall {
  readonly node: GraphNode;
  readonly inputs: readonly Value[];
  readonly output: Value;
  /** Gradient of the loss by `output`, of its shape. */
  readonly gradient: Value;
  readonly op: Ops;
  readonly sink: NodeSink;
}

/** One entry for each input, evaluated only if it is needed; null where nothing flows (indices, extents, conditions). */
type Vjp = (call: VjpCall) => readonly ((() => Value) | null)[];

/** 'zero-gradient': piecewise constant or of integer outputs; 'non-differentiable': an error if a gradient has to pass. */
export type Rule = Vjp | 'zero-gradient' | 'non-differentiable';

export const VJP_RULES: { readonly [Name in OpName]: Rule } = {
  Add: ({ inputs: [a, b], gradient: dy, op }) => [
    () => unbroadcast(op, dy, a, b),
    () => unbroadcast(op, dy, b, a),
  ],
  Sub: ({ inputs: [a, b], gradient: dy, op }) => [
    () => unbroadcast(op, dy, a, b),
    () => unbroadcast(op, op.neg(dy), b, a),
  ],
  Mul: ({ inputs: [a, b], gradient: dy, op }) => [
    () => unbroadcast(op, op.mul(dy, b), a, b),
    () => unbroadcast(op, op.mul(dy, a), b, a),
  ],
  Div: ({ inputs: [a, b], output: y, gradient: dy, op }) => [
    () => unbroadcast(op, op.div(dy, b), a, b),
    () => unbroadcast(op, op.neg(op.div(op.mul(dy, y), b)), b, a),
  ],
  Pow: ({ inputs: [a, b], output: y, gradient: dy, op, sink }) => [
    () => unbroadcast(op, op.mul(dy, op.mul(b, op.pow(a, op.sub(b, sink.float(1))))), a, b),
    () => unbroadcast(op, op.mul(dy, op.mul(y, op.log(a))), b, a),
  ],
  // At a tie the whole gradient goes to the first.
  Max: ({ inputs: [a, b], gradient: dy, op, sink }) => {
    const first = op.greaterOrEqual(a, b);
    return [
      () => unbroadcast(op, op.where(first, dy, sink.float(0)), a, b),
      () => unbroadcast(op, op.where(first, sink.float(0), dy), b, a),
    ];
  },
  Min: ({ inputs: [a, b], gradient: dy, op, sink }) => {
    const first = op.greaterOrEqual(b, a);
    return [
      () => unbroadcast(op, op.where(first, dy, sink.float(0)), a, b),
      () => unbroadcast(op, op.where(first, sink.float(0), dy), b, a),
    ];
  },
  Where: ({ inputs: [condition, a, b], gradient: dy, op, sink }) => [
    null,
    () => unbroadcast(op, op.where(condition, dy, sink.float(0)), a),
    () => unbroadcast(op, op.where(condition, sink.float(0), dy), b),
  ],
  Clip: ({ inputs: [x, low, high], gradient: dy, op, sink }) => [
    () => {
      const bounded = op.where(op.greaterOrEqual(high, x), dy, sink.float(0));
      return op.where(op.greaterOrEqual(x, low), bounded, sink.float(0));
    },
    () => unbroadcast(op, op.where(op.less(x, low), dy, sink.float(0)), low),
    () => unbroadcast(op, op.where(op.greater(x, high), dy, sink.float(0)), high),
  ],

  Neg: ({ gradient: dy, op }) => [() => op.neg(dy)],
  Exp: ({ output: y, gradient: dy, op }) => [() => op.mul(dy, y)],
  Log: ({ inputs: [x], gradient: dy, op }) => [() => op.div(dy, x)],
  Sqrt: ({ output: y, gradient: dy, op, sink }) => [() => op.div(op.mul(dy, sink.float(0.5)), y)],
  Reciprocal: ({ output: y, gradient: dy, op }) => [() => op.neg(op.mul(dy, op.mul(y, y)))],
  Sin: ({ inputs: [x], gradient: dy, op }) => [() => op.mul(dy, op.cos(x))],
  Cos: ({ inputs: [x], gradient: dy, op }) => [() => op.neg(op.mul(dy, op.sin(x)))],
  Erf: ({ inputs: [x], gradient: dy, op, sink }) => [
    () => op.mul(dy, op.mul(op.exp(op.neg(op.mul(x, x))), sink.float(2 / Math.sqrt(Math.PI)))),
  ],
  Tanh: ({ output: y, gradient: dy, op, sink }) => [() => op.mul(dy, op.sub(sink.float(1), op.mul(y, y)))],
  Sigmoid: ({ output: y, gradient: dy, op, sink }) => [() => op.mul(dy, op.mul(y, op.sub(sink.float(1), y)))],
  // By the output, which lets onnxruntime fuse the forward Gemm and Relu. The steep ramp is 0 at 0 and 1 above, in one pass: comparing and
  // casting takes two, one of them single-threaded, and Sign is not there on WebGPU.
  Relu: ({ output: y, gradient: dy, op }) => [() => op.mul(dy, op.hardSigmoid(y, 1e20))],
  HardSigmoid: ({ node, output: y, gradient: dy, op, sink }) => [
    () => {
      const within = op.greater(op.mul(y, op.sub(sink.float(1), y)), sink.float(0));
      return op.mul(op.where(within, dy, sink.float(0)), sink.float(floatAttribute(node, 'alpha', 0.2)));
    },
  ],
  Identity: ({ gradient: dy }) => [() => dy],
  Cast: ({ inputs: [x], gradient: dy, op }) => [x.dtype === 'float32' ? () => op.cast(dy, 'float32') : null],

  MatMul: ({ inputs: [a, b], gradient: dy, op }) => [
    () => unbroadcast(op, endingAs(op, op.matmul(dy, transposed(op, b)), a, 2), a),
    () =>
      rankOf(b, 'matmul') === 2 && rankOf(a, 'matmul') > 2
        ? op.gemm(flattened(op, a), flattened(op, dy), null, { transA: true })
        : unbroadcast(op, endingAs(op, op.matmul(transposed(op, a), dy), b, 2), b),
  ],
  Gemm: ({ node, inputs: [a, b, bias], gradient: dy, op }) => {
    const transA = intAttribute(node, 'transA', 0) === 1;
    const transB = intAttribute(node, 'transB', 0) === 1;
    return [
      () =>
        transA
          ? op.gemm(b, dy, null, { transA: transB, transB: true })
          : op.gemm(dy, b, null, { transB: !transB }),
      () =>
        transB
          ? op.gemm(dy, a, null, { transA: true, transB: transA })
          : op.gemm(a, dy, null, { transA: !transA }),
      () => unbroadcast(op, dy, bias),
    ];
  },

  Reshape: ({ inputs: [x], gradient: dy, op }) => [() => likewise(op, dy, x), null],
  Squeeze: ({ inputs: [x], gradient: dy, op }) => [() => likewise(op, dy, x), null],
  Unsqueeze: ({ inputs: [x], gradient: dy, op }) => [() => likewise(op, dy, x), null],
  Transpose: ({ node, gradient: dy, op }) => {
    const permutation = intsAttribute(node, 'perm')!;
    return [
      () =>
        op.transpose(
          dy,
          permutation.map((_, axis) => permutation.indexOf(axis)),
        ),
    ];
  },
  Expand: ({ inputs: [x], gradient: dy, op }) => [() => unbroadcast(op, dy, x), null],
  // By the slice's bounds, not by dy's shape: slices with the same bounds of tensors of one shape share these nodes.
  Slice: ({ inputs: [x, starts, ends, axesInput], gradient: dy, op }) => {
    const axes = axesInput.constant!;
    return [
      () => {
        const whole = extentsOf(op, x, axes);
        const before = fromFront(op, starts, whole);
        const after = op.sub(whole, op.min(fromFront(op, ends, whole), whole));
        return op.withShape(op.pad(dy, { axes, before, after }), x.shape!);
      },
      null,
      null,
      null,
    ];
  },
  Pad: ({ inputs: [x, pads, , axesInput], gradient: dy, op }) => {
    const axes = axesInput.constant!;
    return [
      () => {
        const starts = op.slice(pads, { axes: [0], starts: [0], ends: [axes.length] });
        const ends = op.add(starts, extentsOf(op, x, axes));
        return op.withShape(op.slice(dy, { axes, starts, ends }), x.shape!);
      },
      null,
      null,
      null,
    ];
  },
  Concat: ({ node, inputs, gradient: dy, op, sink }) => {
    const axis = intAttribute(node, 'axis', 0);
    return inputs.map((input, index) => () => {
      const start = inputs
        .slice(0, index)
        .reduce((sum, earlier) => op.add(sum, op.dimension(earlier, axis)), sink.int64(0));
      const end = op.add(start, op.dimension(input, axis));
      return op.withShape(op.slice(dy, { axes: [axis], starts: [start], ends: [end] }), input.shape!);
    });
  },

  Gather: ({ node, inputs: [table, rows], gradient: dy, op }) => [
    () => {
      if (intAttribute(node, 'axis', 0) !== 0) {
        throw new GraphError(
          'NON_DIFFERENTIABLE',
          `the gradient of gather is only known along axis 0, but '${node.name}' gathers along axis ` +
            `${intAttribute(node, 'axis', 0)}: transpose the table first`,
        );
      }
      return op.scatterRowsAdd(zerosLike(op, table), rows, dy);
    },
    null,
  ],
  GatherElements: ({ node, inputs: [x, indices], gradient: dy, op }) => [
    () => op.scatterElementsAdd(zerosLike(op, x), indices, dy, intAttribute(node, 'axis', 0)),
    null,
  ],
  ScatterElements: ({ node, inputs: [, indices], gradient: dy, op }) => [
    () => dy,
    null,
    () => op.gatherElements(dy, indices, intAttribute(node, 'axis', 0)),
  ],
  ReduceSum: ({ node, inputs: [x, axes], gradient: dy, op }) => [
    () => op.expand(keptDims(op, node, dy, axes), op.shape(x)),
    null,
  ],
  ReduceMean: ({ node, inputs: [x, axes], output: y, gradient: dy, op }) => [
    () => {
      const share = op.div(keptDims(op, node, dy, axes), elementRatio(op, x, y));
      return op.expand(share, op.shape(x));
    },
    null,
  ],
  // Elements that tie for the maximum share its gradient equally.
  ReduceMax: ({ node, inputs: [x, axes], output: y, gradient: dy, op }) => [
    () => {
      const isMax = op.cast(op.equal(x, keptDims(op, node, y, axes)), 'float32');
      const share = op.div(keptDims(op, node, dy, axes), op.reduceSum(isMax, axes.constant ?? axes));
      return op.withShape(op.mul(isMax, share), x.shape!);
    },
    null,
  ],
  Softmax: ({ node, output: y, gradient: dy, op }) => [
    () => {
      const weighted = op.mul(dy, y);
      return op.sub(weighted, op.mul(y, op.reduceSum(weighted, [intAttribute(node, 'axis', -1)])));
    },
  ],
  // With x' = x - mean, s = 1/σ, h = g·dy: dx = s (h - mean(h) - x' s² mean(h x')), and dg = Σ s x' dy. Sums are products with vectors,
  // which spares passes over matrices.
  LayerNormalization: ({ node, inputs: [x, gain, bias], gradient: dy, op }) => {
    const [, mean, invStd] = node.outputs;
    const centered = (): Value => op.sub(x, mean);
    const weighted = (): Value => op.mul(dy, centered());
    return [
      () => {
        const width = op.cast(op.dimension(x, -1), 'float32');
        const meanWeights = op.reshape(op.div(gain, width), [-1, 1]);
        const scaled = op.sub(op.mul(dy, gain), op.matmul(dy, meanWeights));
        const slope = op.mul(op.matmul(weighted(), meanWeights), op.mul(invStd, invStd));
        return op.mul(op.sub(scaled, op.mul(centered(), slope)), invStd);
      },
      () => likewise(op, op.gemm(op.reshape(invStd, [1, -1]), flattened(op, weighted())), gain),
      () => unbroadcast(op, endingAs(op, flattened(op, dy), bias, 1), bias),
    ];
  },

  Equal: 'zero-gradient',
  Floor: 'zero-gradient',
  Greater: 'zero-gradient',
  GreaterOrEqual: 'zero-gradient',
  Less: 'zero-gradient',
  NonZero: 'zero-gradient',
  Not: 'zero-gradient',
  Range: 'zero-gradient',
  Shape: 'zero-gradient',
};

function transposed(op: Ops, x: Value): Value {
  const rank = rankOf(x, 'matmul');
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  return op.transpose(x, [...axes.slice(0, -2), rank - 1, rank - 2]);
}

function flattened(op: Ops, x: Value): Value {
  return op.reshape(x, [-1, op.dimension(x, -1)]);
}

/** States that the last `count` extents of `gradient` are those of x, which no broadcast can have changed. */
function endingAs(op: Ops, gradient: Value, x: Value, count: number): Value {
  return op.withShape(gradient, [...gradient.shape!.slice(0, -count), ...x.shape!.slice(-count)]);
}

/** dy, reshaped to x's shape. */
function likewise(op: Ops, dy: Value, x: Value): Value {
  const reshaped = op.reshape(dy, op.shape(x));
  return x.shape === undefined ? reshaped : op.withShape(reshaped, x.shape);
}

function zerosLike(op: Ops, x: Value): Value {
  const zeros = op.zeros(op.shape(x));
  return x.shape === undefined ? zeros : op.withShape(zeros, x.shape);
}

function extentsOf(op: Ops, x: Value, axes: readonly number[]): Value {
  return op.extents(axes.map((axis) => op.dimension(x, axis)));
}

/** Bounds counted from the front; those known only at run time are taken as not negative, as `Ops.slice` asks. */
function fromFront(op: Ops, bounds: Value, whole: Value): Value {
  if (bounds.constant === undefined || bounds.constant.every((bound) => bound >= 0)) return bounds;
  const wraps = bounds.constant.map((bound) => (bound < 0 ? 1 : 0));
  return op.add(bounds, op.mul(whole, op.extents(wraps)));
}

/** The output (or its gradient) of a reduction with its reduced axes put back as extents of 1. */
function keptDims(op: Ops, node: GraphNode, reduced: Value, axes: Value): Value {
  if (intAttribute(node, 'keepdims', 1) === 1) return reduced;
  if (axes.constant !== undefined) return op.unsqueeze(reduced, axes.constant);
  throw new GraphError(
    'NON_DIFFERENTIABLE',
    `the gradient of '${node.name}' needs axes that are known when the graph is built, or keepDims`,
  );
}

/** How many elements of x went into each of y, as a float scalar. */
function elementRatio(op: Ops, x: Value, y: Value): Value {
  const count = (value: Value): Value => {
    const rank = rankOf(value, 'reduceMean');
    const extents = Array.from({ length: rank }, (_, axis) => op.dimension(value, axis));
    return extents.reduce((product, extent) => op.mul(product, extent), op.extents([1]));
  };
  return op.cast(op.div(count(x), count(y)), 'float32');
}
