/** The vocabulary of a computation graph: values, nodes, shapes. It builds nothing; `GraphBuilder` does. */
import { GraphError } from './errors.ts';

/** Element types, by onnxruntime's names. */
export type DataType = 'float32' | 'int64' | 'int32' | 'bool';

/**
 * A number is static; a string names an extent that is known only when the graph runs: equal names, equal extents. An extent that is
 * given by an int64 value has that value's name. null is unknown; a builder puts a fresh name in its place.
 */
export type Dim = number | string | null;

/** Extents, outermost first; `[]` is a scalar. */
export type Shape = readonly Dim[];

/** A tensor in a graph. `shape` is undefined where not even the rank is known. */
export interface Value {
  readonly name: string;
  readonly dtype: DataType;
  readonly shape?: Shape | undefined;
  /** The elements, where they are known when the graph is built and few. */
  readonly constant?: readonly number[] | undefined;
  /** For an int64 scalar that is used as an extent: the symbolic dim that it stands for. */
  readonly symbol?: string | undefined;
}

/** Every operator that a graph may hold: exactly those with a method in `Ops` and a row in autodiff's table. */
export const OP_NAMES = [
  'Add',
  'Cast',
  'Clip',
  'Concat',
  'Cos',
  'Div',
  'Equal',
  'Erf',
  'Exp',
  'Expand',
  'Floor',
  'Gather',
  'GatherElements',
  'Gemm',
  'Greater',
  'GreaterOrEqual',
  'HardSigmoid',
  'Identity',
  'LayerNormalization',
  'Less',
  'Log',
  'MatMul',
  'Max',
  'Min',
  'Mul',
  'Neg',
  'NonZero',
  'Not',
  'Pad',
  'Pow',
  'Range',
  'Reciprocal',
  'ReduceMax',
  'ReduceMean',
  'ReduceSum',
  'Relu',
  'Reshape',
  'ScatterElements',
  'Shape',
  'Sigmoid',
  'Sin',
  'Slice',
  'Softmax',
  'Sqrt',
  'Squeeze',
  'Sub',
  'Tanh',
  'Transpose',
  'Unsqueeze',
  'Where',
] as const;

export type OpName = (typeof OP_NAMES)[number];

/** An attribute is typed by its key in ONNX's AttributeProto: `{ i: 1 }`, `{ f: 1e-5 }`, `{ ints: [0, 1] }`, `{ s: 'add' }`. */
export type Attribute =
  | { readonly i: number }
  | { readonly f: number }
  | { readonly s: string }
  | { readonly ints: readonly number[] };

export type Attributes = Readonly<Record<string, Attribute>>;

export interface GraphNode {
  readonly opType: OpName;
  readonly name: string;
  /** null stands for an optional input that is left out. */
  readonly inputs: readonly (Value | null)[];
  readonly outputs: readonly Value[];
  readonly attributes: Attributes;
}

/** What an operator's output is, before it has a name. */
export interface OutputSpec {
  readonly dtype: DataType;
  readonly shape?: Shape | undefined;
  readonly constant?: readonly number[] | undefined;
}

/** The part of a builder that the operators need. */
export interface NodeSink {
  emit(
    opType: OpName,
    inputs: readonly (Value | null)[],
    outputs: readonly OutputSpec[],
    attributes?: Attributes,
  ): readonly Value[];
  /** An int64 constant: a scalar of a number, a vector of an array. */
  int64(value: number | readonly number[]): Value;
  /** A float32 constant scalar. */
  float(value: number): Value;
}

export function intAttribute(node: GraphNode, name: string, fallback: number): number {
  const attribute = node.attributes[name];
  return attribute !== undefined && 'i' in attribute ? attribute.i : fallback;
}

export function floatAttribute(node: GraphNode, name: string, fallback: number): number {
  const attribute = node.attributes[name];
  return attribute !== undefined && 'f' in attribute ? attribute.f : fallback;
}

export function intsAttribute(node: GraphNode, name: string): readonly number[] | undefined {
  const attribute = node.attributes[name];
  return attribute !== undefined && 'ints' in attribute ? attribute.ints : undefined;
}

/** Whether every extent is a number. */
export function isStatic(shape: Shape | undefined): shape is readonly number[] {
  return shape?.every((dim) => typeof dim === 'number') ?? false;
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

/** The rank of a value, which the operation needs to know. */
export function rankOf(value: Value, operation: string): number {
  if (value.shape !== undefined) return value.shape.length;
  throw new GraphError(
    'SHAPE_MISMATCH',
    `${operation} needs a value of known rank, but '${value.name}' has no shape: state it with op.withShape(value, shape)`,
  );
}

/** `axis` counted from the front. */
export function normalizeAxis(axis: number, rank: number, operation: string): number {
  const front = axis < 0 ? axis + rank : axis;
  if (Number.isInteger(axis) && front >= 0 && front < rank) return front;
  throw new GraphError(
    'SHAPE_MISMATCH',
    `${operation}: axis ${axis} is not within [-${rank}, ${rank}) of a value of rank ${rank}`,
  );
}

/** The shape of an elementwise operation over both, by NumPy's broadcasting rules. */
export function broadcastShapes(
  a: Shape | undefined,
  b: Shape | undefined,
  operation: string,
): Shape | undefined {
  if (a === undefined || b === undefined) return undefined;
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis): Dim => {
    const left = axisFromBack(a, rank - axis);
    const right = axisFromBack(b, rank - axis);
    if (left === right) return left;
    if (left === 1) return right;
    if (right === 1) return left;
    if (typeof left === 'number' && typeof right === 'number') {
      throw new GraphError('SHAPE_MISMATCH', `${operation}: shapes [${a}] and [${b}] do not broadcast`);
    }
    if (typeof left === 'number') return left;
    if (typeof right === 'number') return right;
    return null;
  });
}

function axisFromBack(shape: Shape, position: number): Dim {
  return position > shape.length ? 1 : shape[shape.length - position];
}
