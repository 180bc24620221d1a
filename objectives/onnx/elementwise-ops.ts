/** The elementwise operators; `Ops` adds the others. */
import { GraphError } from './errors.ts';
import {
  type Attributes,
  broadcastShapes,
  type DataType,
  isStatic,
  type NodeSink,
  type OpName,
  type Shape,
  type Value,
} from './graph.ts';
import { ELEMENT_TYPE } from './proto.ts';

export class ElementwiseOps {
  protected readonly sink: NodeSink;

  constructor(sink: NodeSink) {
    this.sink = sink;
  }

  // Elementwise, with NumPy's broadcasting.

  add(a: Value, b: Value): Value {
    return this.#arithmetic('Add', a, b, (x, y) => x + y);
  }
  sub(a: Value, b: Value): Value {
    return this.#arithmetic('Sub', a, b, (x, y) => x - y);
  }
  mul(a: Value, b: Value): Value {
    return this.#arithmetic('Mul', a, b, (x, y) => x * y);
  }
  /** Integers divide toward zero. */
  div(a: Value, b: Value): Value {
    return this.#arithmetic('Div', a, b, (x, y) => Math.trunc(x / y));
  }
  pow(base: Value, exponent: Value): Value {
    return this.#binary('Pow', base, exponent, base.dtype);
  }
  min(a: Value, b: Value): Value {
    return this.#arithmetic('Min', a, b, Math.min);
  }
  max(a: Value, b: Value): Value {
    return this.#arithmetic('Max', a, b, Math.max);
  }
  greater(a: Value, b: Value): Value {
    return this.#binary('Greater', a, b, 'bool');
  }
  greaterOrEqual(a: Value, b: Value): Value {
    return this.#binary('GreaterOrEqual', a, b, 'bool');
  }
  less(a: Value, b: Value): Value {
    return this.#binary('Less', a, b, 'bool');
  }
  equal(a: Value, b: Value): Value {
    return this.#binary('Equal', a, b, 'bool');
  }
  /** Elements of `a` where `condition` holds, of `b` elsewhere. */
  where(condition: Value, a: Value, b: Value): Value {
    const shape = broadcastShapes(condition.shape, broadcastShapes(a.shape, b.shape, 'where'), 'where');
    return this.node('Where', [condition, a, b], a.dtype, shape);
  }

  neg(x: Value): Value {
    return this.#unary('Neg', x);
  }
  exp(x: Value): Value {
    return this.#unary('Exp', x);
  }
  log(x: Value): Value {
    return this.#unary('Log', x);
  }
  sqrt(x: Value): Value {
    return this.#unary('Sqrt', x);
  }
  reciprocal(x: Value): Value {
    return this.#unary('Reciprocal', x);
  }
  sin(x: Value): Value {
    return this.#unary('Sin', x);
  }
  cos(x: Value): Value {
    return this.#unary('Cos', x);
  }
  floor(x: Value): Value {
    return this.#unary('Floor', x);
  }
  erf(x: Value): Value {
    return this.#unary('Erf', x);
  }
  tanh(x: Value): Value {
    return this.#unary('Tanh', x);
  }
  sigmoid(x: Value): Value {
    return this.#unary('Sigmoid', x);
  }
  /** slope · x within [0, 1]: a ramp that is a step where the slope is steep. */
  hardSigmoid(x: Value, slope = 0.2): Value {
    return this.node('HardSigmoid', [x], x.dtype, x.shape, { alpha: { f: slope }, beta: { f: 0 } });
  }
  relu(x: Value): Value {
    return this.#unary('Relu', x);
  }
  not(x: Value): Value {
    return this.#unary('Not', x);
  }
  identity(x: Value): Value {
    return this.#unary('Identity', x);
  }
  /** x within [low, high], both scalars. */
  clip(x: Value, low: Value, high: Value): Value {
    return this.node('Clip', [x, low, high], x.dtype, x.shape);
  }
  /** The exact form x Φ(x) = x/2 (1 + erf(x/√2)), from its parts (opset 18 has no Gelu). */
  gelu(x: Value): Value {
    const cdf = this.add(this.erf(this.mul(x, this.sink.float(Math.SQRT1_2))), this.sink.float(1));
    return this.mul(this.mul(x, this.sink.float(0.5)), cdf);
  }
  cast(x: Value, to: DataType): Value {
    if (x.dtype === to) return x;
    return this.node('Cast', [x], to, x.shape, {
      to: { i: ELEMENT_TYPE[to] },
    });
  }

  protected node(
    opType: OpName,
    inputs: readonly (Value | null)[],
    dtype: DataType,
    shape: Shape | undefined,
    attributes: Attributes = {},
  ): Value {
    return this.sink.emit(opType, inputs, [{ dtype, shape }], attributes)[0];
  }

  #unary(opType: OpName, x: Value): Value {
    return this.node(opType, [x], x.dtype, x.shape);
  }

  #binary(opType: OpName, a: Value, b: Value, dtype: DataType): Value {
    if (a.dtype !== b.dtype) {
      throw new GraphError(
        'SHAPE_MISMATCH',
        `${opType} needs two values of one type, but '${a.name}' is ${a.dtype} and '${b.name}' is ${b.dtype}: cast one`,
      );
    }
    return this.node(opType, [a, b], dtype, broadcastShapes(a.shape, b.shape, opType));
  }

  /** Folds int64 scalars and vectors of constants, so that computed extents stay static where they can. */
  #arithmetic(opType: OpName, a: Value, b: Value, fold: (x: number, y: number) => number): Value {
    const [left, right] = [a.constant, b.constant];
    if (a.dtype === 'int64' && b.dtype === 'int64' && left !== undefined && right !== undefined) {
      const shape = broadcastShapes(a.shape, b.shape, opType);
      if (shape !== undefined && shape.length === 0) return this.sink.int64(fold(left[0], right[0]));
      if (isStatic(shape) && shape.length === 1) {
        const at = (list: readonly number[], index: number): number => list[list.length === 1 ? 0 : index];
        return this.sink.int64(Array.from({ length: shape[0] }, (_, i) => fold(at(left, i), at(right, i))));
      }
    }
    return this.#binary(opType, a, b, a.dtype);
  }
}
