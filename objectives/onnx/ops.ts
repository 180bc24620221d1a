/**
 * The operators of a graph, one method each: it states the node, and infers the shape of its output as far as it is
 * known. Only operators that onnxruntime runs on its CPU, WebGPU and CUDA providers. Semantics: ONNX opset 18.
 */
import { ElementwiseOps } from './elementwise-ops.ts';
import { GraphError } from './errors.ts';
import {
  constantExtent,
  dimOf,
  dimsOf,
  type Extent,
  type Extents,
  reshapedShape,
  slicedDim,
} from './extents.ts';
import {
  type Attributes,
  broadcastShapes,
  type Dim,
  isStatic,
  normalizeAxis,
  rankOf,
  type Shape,
  type Value,
} from './graph.ts';

export class Ops extends ElementwiseOps {
  /** Extents by their symbolic dim: equal names, equal extents, so one node serves all. */
  readonly #extents = new Map<string, Value>();
  /** What each transposed value was made of. */
  readonly #transposed = new Map<string, { readonly from: Value; readonly permutation: readonly number[] }>();

  // Linear algebra.

  /** a [..., m, k] times b [..., k, n], the leading axes broadcast. */
  matmul(a: Value, b: Value): Value {
    const [rankA, rankB] = [rankOf(a, 'matmul'), rankOf(b, 'matmul')];
    if (rankA < 2 || rankB < 2) {
      throw new GraphError(
        'SHAPE_MISMATCH',
        `matmul needs rank 2 or more, but got [${a.shape}] and [${b.shape}]`,
      );
    }
    const [shapeA, shapeB] = [a.shape!, b.shape!];
    this.#sameExtent('matmul', a, shapeA[rankA - 1], b, shapeB[rankB - 2]);
    const batch = broadcastShapes(shapeA.slice(0, -2), shapeB.slice(0, -2), 'matmul')!;
    return this.node('MatMul', [a, b], a.dtype, [...batch, shapeA[rankA - 2], shapeB[rankB - 1]]);
  }

  /** a' b' + bias for matrices, each of a and b transposed on demand; bias broadcasts to [m, n]. */
  gemm(
    a: Value,
    b: Value,
    bias: Value | null = null,
    options: { readonly transA?: boolean | undefined; readonly transB?: boolean | undefined } = {},
  ): Value {
    if (rankOf(a, 'gemm') !== 2 || rankOf(b, 'gemm') !== 2) {
      throw new GraphError(
        'SHAPE_MISMATCH',
        `gemm needs two matrices, but got [${a.shape}] and [${b.shape}]`,
      );
    }
    const { transA = false, transB = false } = options;
    const [m, k] = transA ? a.shape!.toReversed() : a.shape!;
    const [k2, n] = transB ? b.shape!.toReversed() : b.shape!;
    this.#sameExtent('gemm', a, k, b, k2);
    return this.node('Gemm', bias === null ? [a, b] : [a, b, bias], a.dtype, [m, n], {
      ...(transA ? { transA: { i: 1 } } : {}),
      ...(transB ? { transB: { i: 1 } } : {}),
    });
  }

  // Shape.

  /** States what is known of the shape of a value, without a node. Extents must hold when the graph runs. */
  withShape(x: Value, shape: Shape): Value {
    return { ...x, shape };
  }

  /** The shape as an int64 vector; a constant if it is static. */
  shape(x: Value): Value {
    if (isStatic(x.shape)) return this.sink.int64([...x.shape]);
    return this.node('Shape', [x], 'int64', [x.shape?.length ?? null]);
  }

  /** One extent of x, as an int64 scalar; a constant if it is static. */
  dimension(x: Value, axis: number): Value {
    const dim = x.shape?.[normalizeAxis(axis, rankOf(x, 'dimension'), 'dimension')];
    if (typeof dim === 'number') return this.sink.int64(dim);
    const extent = (): Value => this.gather(this.shape(x), this.sink.int64(axis));
    if (typeof dim !== 'string') return extent();
    const known = this.#extents.get(dim) ?? { ...extent(), symbol: dim };
    this.#extents.set(dim, known);
    return known;
  }

  /** Several extents as one int64 vector. */
  extents(list: Extents): Value {
    if (!Array.isArray(list)) return list as Value;
    const known = list.map((item: Extent) => constantExtent(item));
    if (known.every((item) => item !== null)) return this.sink.int64(known);
    const parts = list.map((item: Extent) =>
      typeof item === 'number'
        ? this.sink.int64([item])
        : item.shape?.length === 1
          ? item
          : this.unsqueeze(item, [0]),
    );
    return parts.length === 1 ? parts[0] : this.concat(parts, 0);
  }

  /** -1 stands for "what is left", 0 for the extent of x on that axis. */
  reshape(x: Value, shape: Extents): Value {
    return this.node('Reshape', [x, this.extents(shape)], x.dtype, reshapedShape(x.shape, dimsOf(shape)));
  }

  /** Default: reversed axes. A transpose of a transpose is one transpose, or none. */
  transpose(x: Value, permutation?: readonly number[]): Value {
    const rank = rankOf(x, 'transpose');
    const perm = permutation ?? Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
    if (perm.length !== rank || perm.some((_, axis) => !perm.includes(axis))) {
      throw new GraphError(
        'SHAPE_MISMATCH',
        `transpose: [${perm}] does not permute the axes of a value of rank ${rank}`,
      );
    }
    const shape = perm.map((axis) => x.shape![axis]);
    const { from, permutation: whole } = this.#untransposed(x, perm);
    if (whole.every((axis, place) => axis === place)) return this.withShape(from, shape);
    const y = this.node('Transpose', [from], x.dtype, shape, { perm: { ints: whole } });
    this.#transposed.set(y.name, { from, permutation: whole });
    return y;
  }

  unsqueeze(x: Value, axes: readonly number[]): Value {
    const rank = rankOf(x, 'unsqueeze') + axes.length;
    const inserted = new Set(axes.map((axis) => normalizeAxis(axis, rank, 'unsqueeze')));
    let next = 0;
    const shape = Array.from({ length: rank }, (_, axis): Dim => (inserted.has(axis) ? 1 : x.shape![next++]));
    return this.node('Unsqueeze', [x, this.sink.int64([...axes])], x.dtype, shape);
  }

  squeeze(x: Value, axes: readonly number[]): Value {
    const rank = rankOf(x, 'squeeze');
    const removed = new Set(axes.map((axis) => normalizeAxis(axis, rank, 'squeeze')));
    const shape = x.shape!.filter((_, axis) => !removed.has(axis));
    return this.node('Squeeze', [x, this.sink.int64([...axes])], x.dtype, shape);
  }

  expand(x: Value, shape: Extents): Value {
    const dims = dimsOf(shape);
    return this.node('Expand', [x, this.extents(shape)], x.dtype, broadcastShapes(x.shape, dims, 'expand'));
  }

  /** Elements [start, end) on each of `axes`; bounds may be known only when the graph runs. */
  slice(
    x: Value,
    bounds: { readonly axes: readonly number[]; readonly starts: Extents; readonly ends: Extents },
  ): Value {
    const rank = rankOf(x, 'slice');
    const axes = bounds.axes.map((axis) => normalizeAxis(axis, rank, 'slice'));
    const [starts, ends] = [dimsOf(bounds.starts), dimsOf(bounds.ends)];
    const shape = [...x.shape!];
    axes.forEach((axis, index) => {
      shape[axis] = slicedDim(shape[axis], starts?.[index] ?? null, ends?.[index] ?? null);
    });
    const inputs = [x, this.extents(bounds.starts), this.extents(bounds.ends), this.sink.int64(axes)];
    return this.node('Slice', inputs, x.dtype, shape);
  }

  /** Zeros before and after, on each of `axes`; widths may be known only when the graph runs, and are not negative. */
  pad(
    x: Value,
    widths: { readonly axes: readonly number[]; readonly before: Extents; readonly after: Extents },
  ): Value {
    const rank = rankOf(x, 'pad');
    const axes = widths.axes.map((axis) => normalizeAxis(axis, rank, 'pad'));
    const [before, after] = [dimsOf(widths.before), dimsOf(widths.after)];
    const shape = [...x.shape!];
    axes.forEach((axis, index) => {
      const [dim, low, high] = [shape[axis], before?.[index], after?.[index]];
      const known = typeof dim === 'number' && typeof low === 'number' && typeof high === 'number';
      shape[axis] = known ? dim + low + high : low === 0 && high === 0 ? dim : null;
    });
    const pads =
      Array.isArray(widths.before) && Array.isArray(widths.after)
        ? this.extents([...widths.before, ...widths.after])
        : this.concat([this.extents(widths.before), this.extents(widths.after)], 0);
    return this.node('Pad', [x, pads, null, this.sink.int64(axes)], x.dtype, shape);
  }

  concat(values: readonly Value[], axis: number): Value {
    const front = normalizeAxis(axis, rankOf(values[0], 'concat'), 'concat');
    const shape = [...values[0].shape!];
    for (const value of values.slice(1)) {
      const [sum, dim] = [shape[front], value.shape?.[front]];
      shape[front] = typeof sum === 'number' && typeof dim === 'number' ? sum + dim : null;
    }
    return this.node('Concat', values, values[0].dtype, shape, { axis: { i: front } });
  }

  // Look-up.

  /** Rows of `table` along `axis`: an embedding for axis 0. Indices are int64 and not negative. */
  gather(table: Value, indices: Value, axis = 0): Value {
    const front = normalizeAxis(axis, rankOf(table, 'gather'), 'gather');
    const [from, at] = [table.shape!, indices.shape];
    const shape = at === undefined ? undefined : [...from.slice(0, front), ...at, ...from.slice(front + 1)];
    return this.node('Gather', [table, indices], table.dtype, shape, { axis: { i: front } });
  }

  /** Output[i][j] = x[i][indices[i][j]] for axis 1, and so on. */
  gatherElements(x: Value, indices: Value, axis: number): Value {
    const front = normalizeAxis(axis, rankOf(x, 'gatherElements'), 'gatherElements');
    return this.node('GatherElements', [x, indices], x.dtype, indices.shape, { axis: { i: front } });
  }

  /** A copy of x with `updates` added at `indices` along `axis`; repeated indices add up. */
  scatterElementsAdd(x: Value, indices: Value, updates: Value, axis: number): Value {
    const front = normalizeAxis(axis, rankOf(x, 'scatterElementsAdd'), 'scatterElementsAdd');
    const attributes: Attributes = { axis: { i: front }, reduction: { s: 'add' } };
    return this.node('ScatterElements', [x, indices, updates], x.dtype, x.shape, attributes);
  }

  /**
   * A copy of x [n, d] with the rows `updates` [..., d] added at its rows `rows` [...]; repeated rows add up.
   * Design note: not ScatterND, whose additions to one row race on several CPU threads (seen in onnxruntime 1.30: sums come out wrong).
   */
  scatterRowsAdd(x: Value, rows: Value, updates: Value): Value {
    if (rankOf(x, 'scatterRowsAdd') !== 2) {
      throw new GraphError(
        'SHAPE_MISMATCH',
        `scatterRowsAdd needs a matrix, but '${x.name}' has shape [${x.shape}]: reshape it`,
      );
    }
    const flat = this.reshape(updates, [-1, this.dimension(updates, -1)]);
    const indices = this.expand(this.reshape(rows, [-1, 1]), this.shape(flat));
    return this.scatterElementsAdd(x, indices, flat, 0);
  }

  /** Float zeros of a shape that may be known only when the graph runs. (ConstantOfShape would run on the CPU on WebGPU.) */
  zeros(shape: Extents): Value {
    return this.expand(this.sink.float(0), shape);
  }

  /** Float ones, like `zeros`. */
  ones(shape: Extents): Value {
    return this.expand(this.sink.float(1), shape);
  }

  /** [0, count) as an int64 vector. */
  range(count: Extent): Value {
    const limit = typeof count === 'number' ? this.sink.int64(count) : count;
    const inputs = [this.sink.int64(0), limit, this.sink.int64(1)];
    return this.node('Range', inputs, 'int64', [dimOf(count)]);
  }

  /** The indices of the elements that are not zero, [rank, count]. */
  nonZero(x: Value): Value {
    return this.node('NonZero', [x], 'int64', [x.shape?.length ?? null, null]);
  }

  // Reductions and normalization.

  reduceSum(x: Value, axes: readonly number[] | Value, keepDims = true): Value {
    return this.#reduce('ReduceSum', x, axes, keepDims);
  }
  reduceMean(x: Value, axes: readonly number[] | Value, keepDims = true): Value {
    return this.#reduce('ReduceMean', x, axes, keepDims);
  }
  reduceMax(x: Value, axes: readonly number[] | Value, keepDims = true): Value {
    return this.#reduce('ReduceMax', x, axes, keepDims);
  }

  softmax(x: Value, axis = -1): Value {
    return this.node('Softmax', [x], x.dtype, x.shape, {
      axis: { i: normalizeAxis(axis, rankOf(x, 'softmax'), 'softmax') },
    });
  }

  /** x - max - log Σ exp(x - max), from its parts: LogSoftmax would fall back to the CPU on WebGPU. */
  logSoftmax(x: Value, axis = -1): Value {
    const shifted = this.sub(x, this.reduceMax(x, [axis]));
    return this.sub(shifted, this.log(this.reduceSum(this.exp(shifted), [axis])));
  }

  /** Over the last axis: (x - mean) / sqrt(variance + epsilon) · gain + bias, as one fused node. */
  layerNorm(x: Value, gain: Value, bias: Value, epsilon = 1e-5): Value {
    return this.layerNormParts(x, gain, bias, epsilon).output;
  }

  /** `layerNorm` with its mean and reciprocal standard deviation, [..., 1]. */
  layerNormParts(
    x: Value,
    gain: Value,
    bias: Value,
    epsilon = 1e-5,
  ): { output: Value; mean: Value; invStd: Value } {
    const rank = rankOf(x, 'layerNorm');
    const statistics: Shape = [...x.shape!.slice(0, -1), 1];
    const [output, mean, invStd] = this.sink.emit(
      'LayerNormalization',
      [x, gain, bias],
      [
        { dtype: x.dtype, shape: x.shape },
        { dtype: x.dtype, shape: statistics },
        { dtype: x.dtype, shape: statistics },
      ],
      { axis: { i: rank - 1 }, epsilon: { f: epsilon } },
    );
    return { output, mean, invStd };
  }

  #untransposed(
    x: Value,
    permutation: readonly number[],
  ): { readonly from: Value; readonly permutation: readonly number[] } {
    const made = this.#transposed.get(x.name);
    if (made === undefined) return { from: x, permutation };
    return { from: made.from, permutation: permutation.map((axis) => made.permutation[axis]) };
  }

  #reduce(
    opType: 'ReduceSum' | 'ReduceMean' | 'ReduceMax',
    x: Value,
    axes: readonly number[] | Value,
    keepDims: boolean,
  ): Value {
    const keep: Attributes = { keepdims: { i: keepDims ? 1 : 0 } };
    if ('name' in axes) {
      const unknown = keepDims ? x.shape?.map(() => null) : undefined;
      return this.node(opType, [x, axes], x.dtype, unknown, { ...keep, noop_with_empty_axes: { i: 1 } });
    }
    const rank = rankOf(x, opType);
    const reduced = [...new Set(axes.map((axis) => normalizeAxis(axis, rank, opType)))].sort((a, b) => a - b);
    if (reduced.length === 0) return x;
    const shape = keepDims
      ? x.shape!.map((dim, axis) => (reduced.includes(axis) ? 1 : dim))
      : x.shape!.filter((_, axis) => !reduced.includes(axis));
    return this.node(opType, [x, this.sink.int64(reduced)], x.dtype, shape, keep);
  }

  #sameExtent(operation: string, a: Value, dimA: Dim, b: Value, dimB: Dim): void {
    if (typeof dimA !== 'number' || typeof dimB !== 'number' || dimA === dimB) return;
    throw new GraphError(
      'SHAPE_MISMATCH',
      `${operation}: the inner extents differ, ${dimA} in '${a.name}' [${a.shape}] and ${dimB} in '${b.name}' [${b.shape}]`,
    );
  }
}
