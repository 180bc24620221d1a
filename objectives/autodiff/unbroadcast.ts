/** The gradient of broadcasting: sums over the axes along which an input was repeated. */
import { GraphError, type Ops, rankOf, type Shape, type Value } from '../onnx/index.ts';

/**
 * Sums `gradient` down to the shape of `input`, which broadcast to the gradient's shape. Axes are chosen when the graph
 * is built as far as the static shapes tell, else when it runs.
 * @param other the other operand, if there was just one: where it has an extent of 1, the input had the whole one.
 */
export function unbroadcast(op: Ops, gradient: Value, input: Value, other?: Value): Value {
  const [from, to] = [gradient.shape, input.shape];
  if (from === undefined || to === undefined) {
    throw new GraphError(
      'SHAPE_MISMATCH',
      `the gradient of a broadcast needs the ranks of '${gradient.name}' and '${input.name}': state them with op.withShape`,
    );
  }
  const lead = from.length - to.length;
  const axes = staticAxes(from, to, lead, other?.shape);
  if (axes === null) return sumAtRunTime(op, gradient, input, lead);
  if (axes.length === 0) return gradient;
  if (lead === 1 && axes.length === 1 && to.length === 1) return sumOfRows(op, gradient, to);
  if (axes.length === lead) return op.withShape(op.reduceSum(gradient, axes, false), to);
  const summed = op.reduceSum(gradient, axes);
  const leading = Array.from({ length: lead }, (_, axis) => axis);
  return lead === 0 ? summed : op.squeeze(summed, leading);
}

/** The sum of a matrix's rows, as the product of a row of ones with it: onnxruntime's ReduceSum over the first axis is half as fast. */
function sumOfRows(op: Ops, matrix: Value, to: Shape): Value {
  const sum = op.gemm(op.ones([1, op.dimension(matrix, 0)]), matrix);
  return op.withShape(op.squeeze(sum, [0]), to);
}

/** null where a symbolic extent of the input may be a broadcast 1. */
function staticAxes(from: Shape, to: Shape, lead: number, other?: Shape): readonly number[] | null {
  const axes = Array.from({ length: lead }, (_, axis) => axis);
  for (let axis = 0; axis < to.length; axis++) {
    const [large, small] = [from[lead + axis], to[axis]];
    if (large === 1 || (small !== null && small === large)) continue;
    const fromBack = to.length - axis;
    if (other !== undefined && (fromBack > other.length || other[other.length - fromBack] === 1)) continue;
    if (small === 1) axes.push(lead + axis);
    else if (typeof small !== 'number') return null;
  }
  return axes;
}

function sumAtRunTime(op: Ops, gradient: Value, input: Value, lead: number): Value {
  const shape = op.shape(input);
  const aligned = lead === 0 ? shape : op.concat([op.extents(new Array<number>(lead).fill(1)), shape], 0);
  const ones = op.equal(aligned, op.extents([1]));
  const axes = op.squeeze(op.nonZero(op.withShape(ones, [rankOf(gradient, 'unbroadcast')])), [0]);
  return op.withShape(op.reshape(op.reduceSum(gradient, axes), shape), input.shape!);
}
